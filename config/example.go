package config

import _ "embed"

// Example is the commented configuration that `huikuan init` writes.
//
//go:embed huikuan.example.yaml
var Example string
