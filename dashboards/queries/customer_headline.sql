{{define "customer_headline"}}SELECT {{header "''" "''"}} AS headline{{end}}
