{{define "today_headline"}}SELECT {{header "''" "''"}} AS headline{{end}}
