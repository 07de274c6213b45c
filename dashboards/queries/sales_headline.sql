{{define "sales_headline"}}SELECT {{header "''" "''"}} AS headline{{end}}
