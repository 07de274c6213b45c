{{define "rep_headline"}}SELECT {{header "''" "''"}} AS headline{{end}}
