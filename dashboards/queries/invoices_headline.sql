{{define "invoices_headline"}}SELECT {{header "''" "''"}} AS headline{{end}}
