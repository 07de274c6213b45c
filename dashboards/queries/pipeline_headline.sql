{{define "pipeline_headline"}}SELECT {{header "''" "''"}} AS headline{{end}}
