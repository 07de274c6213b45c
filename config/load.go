package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
	"go.yaml.in/yaml/v3"
)

// DefaultFile is the configuration that is read when none is named.
const DefaultFile = "huikuan.yaml"

// Options of [Load].
type Options struct {
	Path string                      // file; empty = huikuan.yaml in the working folder
	Env  func(string) (string, bool) // nil = os.LookupEnv
	// Missing allows the file to be absent: defaults and environment are then all there is.
	Missing bool
}

// Load reads, completes and validates the configuration. A returned *Error
// carries every mistake with file, line and key.
func Load(o Options) (*Config, error) {
	if o.Env == nil {
		o.Env = os.LookupEnv
	}
	if o.Path == "" {
		o.Path = DefaultFile
		if p, ok := o.Env("HUIKUAN_CONFIG"); ok && p != "" {
			o.Path = p
		}
	}
	raw, err := os.ReadFile(o.Path)
	switch {
	case errors.Is(err, os.ErrNotExist) && o.Missing:
		raw = nil
	case errors.Is(err, os.ErrNotExist):
		return nil, &Error{[]Problem{{File: o.Path, Text: "there is no such configuration file; name one with --config, or write one with `huikuan init`"}}}
	case err != nil:
		return nil, &Error{[]Problem{{File: o.Path, Text: "cannot be read: " + reason(err)}}}
	}
	return parse(raw, o)
}

func parse(raw []byte, o Options) (*Config, error) {
	dir, err := filepath.Abs(filepath.Dir(o.Path))
	if err != nil {
		return nil, fmt.Errorf("find the folder of %s: %w", o.Path, err)
	}
	p := &parser{file: o.Path, dir: dir, env: o.Env}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, &Error{[]Problem{{File: o.Path, Text: "is not valid YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}}}
	}
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	if len(doc.Content) > 0 && doc.Content[0].Tag != "!!null" {
		root = doc.Content[0]
	}
	if root.Kind != yaml.MappingNode {
		return nil, &Error{[]Problem{{File: o.Path, Line: root.Line, Text: "must be a list of `key: value` settings"}}}
	}
	if p.twice("", root); len(p.problems) > 0 {
		return nil, &Error{p.problems}
	}
	p.interpolate("", root)
	p.checkKeys("", root)
	cfg := &Config{Path: o.Path, Dir: dir}
	cfg.Sources = p.sources(child(root, "sources"))
	vars := p.vars(child(child(root, "models"), "vars"))
	users := p.users(at(root, usersKey))
	p.scalars(root, cfg)
	cfg.Models.Vars, cfg.Access.Users = vars, users
	p.finish(cfg, root)
	if len(p.problems) > 0 {
		return nil, &Error{p.problems}
	}
	return cfg, nil
}

// parser gathers problems while it walks the file.
type parser struct {
	file, dir string
	env       func(string) (string, bool)
	problems  []Problem
}

func (p *parser) fail(n *yaml.Node, key, format string, args ...any) {
	line := 0
	if n != nil {
		line = n.Line
	}
	p.problems = append(p.problems, Problem{File: p.file, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

// scalars lets viper lay defaults, file and environment over one another.
func (p *parser) scalars(root *yaml.Node, cfg *Config) {
	v := viper.New()
	v.SetConfigType("yaml")
	for _, k := range Keys() {
		if !k.structured() {
			v.SetDefault(k.Name, k.Default)
		}
	}
	rest := *root
	rest.Content = nil
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != "sources" {
			rest.Content = append(rest.Content, root.Content[i], root.Content[i+1])
		}
	}
	text, err := yaml.Marshal(&rest)
	if err == nil {
		err = v.ReadConfig(bytes.NewReader(text))
	}
	if err != nil {
		p.fail(root, "", "cannot be understood: %v", err)
		return
	}
	for _, k := range Keys() {
		if n := at(root, k.Name); k.Type == TypeDate && n != nil {
			v.Set(k.Name, n.Value) // YAML would make an instant of it
		}
		name := EnvName(k.Name)
		if val, ok := p.env(name); ok && !k.structured() {
			if k.Type == TypePath && val != "" {
				if abs, err := filepath.Abs(val); err == nil {
					val = abs // relative to the working folder, as any path typed in a shell
				}
			}
			if k.Type == TypeList || k.Type == TypeIntegers {
				v.Set(k.Name, strings.FieldsFunc(val, func(r rune) bool { return r == ',' }))
				continue
			}
			v.Set(k.Name, val)
		}
	}
	p.checkValues(v, root)
	if len(p.problems) > 0 {
		return
	}
	hook := viper.DecodeHook(mapstructure.TextUnmarshallerHookFunc())
	if err := v.Unmarshal(cfg, hook); err != nil {
		p.fail(root, "", "cannot be understood: %v", err)
	}
}

// EnvName is the environment variable of a key: warehouse.url → HUIKUAN_WAREHOUSE_URL.
func EnvName(key string) string {
	return "HUIKUAN_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// finish makes paths absolute and checks what spans several keys.
func (p *parser) finish(cfg *Config, root *yaml.Node) {
	abs := func(s string) string {
		if s == "" || filepath.IsAbs(s) {
			return s
		}
		return filepath.Join(p.dir, s)
	}
	cfg.Data = abs(cfg.Data)
	cfg.Warehouse.Library = abs(cfg.Warehouse.Library)
	if cfg.Sync.TokenDir = abs(cfg.Sync.TokenDir); cfg.Sync.TokenDir == "" {
		cfg.Sync.TokenDir = filepath.Join(cfg.Data, "tokens")
	}
	cfg.Serve.TLSCert, cfg.Serve.TLSKey = abs(cfg.Serve.TLSCert), abs(cfg.Serve.TLSKey)
	for i := range cfg.Models.Paths {
		cfg.Models.Paths[i] = abs(cfg.Models.Paths[i])
	}
	for i := range cfg.Connectors.Paths {
		cfg.Connectors.Paths[i] = abs(cfg.Connectors.Paths[i])
	}
	cfg.ReportingCurrency = strings.ToUpper(cfg.ReportingCurrency)
	if (cfg.Serve.TLSCert == "") != (cfg.Serve.TLSKey == "") {
		p.fail(child(root, "serve"), "serve", "tls_cert and tls_key go together; give both or neither")
	}
	if cfg.Warehouse.Cluster != "" && cfg.Warehouse.URL == "" {
		p.fail(child(root, "warehouse"), "warehouse.cluster", "a cluster needs warehouse.url, the address of one of its servers")
	}
	if len(p.problems) == 0 {
		p.spanMetrics(cfg.Metrics, child(root, "metrics"))
	}
	for i := range cfg.Sources {
		if cfg.Sources[i].Company == "" {
			cfg.Sources[i].Company = cfg.DefaultCompany
		}
	}
}

// at returns the value of a setting, nil where the file does not have it.
func at(root *yaml.Node, key string) *yaml.Node {
	for _, part := range strings.Split(key, ".") {
		root = child(root, part)
	}
	return root
}

// child returns the value of a key of a mapping, nil where there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// reason strips the operation and path from an os error.
func reason(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
