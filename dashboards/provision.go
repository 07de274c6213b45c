package dashboards

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// ProvisionOptions say for which Grafana the provisioning files are written.
type ProvisionOptions struct {
	AlertOptions
	// Languages are those of the dashboards, a folder of Grafana each; the rules
	// of alerts are written in the first.
	Languages []Locale
	// Path is where Grafana finds the folder with the JSON files, absolute.
	Path string
	// Host, Port, Database and User of the warehouse; where one is empty, Grafana
	// takes it from the environment (CLICKHOUSE_HOST …), as it always takes the
	// password.
	Host, Port, Database, User string
	Secure                     bool
}

// folders are the titles of Grafana's folders by language.
func (l Locale) folder() string {
	if l.Lang == "zh" {
		return "回款"
	}
	return "Huikuan"
}

// Provision renders what stands in Grafana's provisioning folder, by path:
// datasources/huikuan.yaml, dashboards/huikuan.yaml, alerting/*.yaml, and the
// dashboards under json/, a folder for each language.
func Provision(o ProvisionOptions) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, l := range o.Languages {
		set, err := GenerateFor(l, o.Options)
		if err != nil {
			return nil, err
		}
		for name, text := range set {
			out[path.Join("json", l.folder(), name)] = text
		}
	}
	if len(o.Languages) > 0 {
		alerts, err := AlertFiles(o.Languages[0], o.AlertOptions)
		if err != nil {
			return nil, err
		}
		for name, text := range alerts {
			out["alerting/"+name] = text
		}
	}
	source, err := fs.ReadFile(files, "provisioning/datasources.yaml")
	if err != nil {
		return nil, err
	}
	uid := o.Datasource
	if uid == "" {
		uid = defaultDatasource
	}
	text := strings.Replace(string(source), "uid: "+defaultDatasource+"\n", fmt.Sprintf("uid: %q\n", uid), 1)
	for name, value := range map[string]string{"CLICKHOUSE_HOST": o.Host, "CLICKHOUSE_PORT": o.Port, "CLICKHOUSE_DATABASE": o.Database, "CLICKHOUSE_USER": o.User} {
		if value != "" {
			text = strings.Replace(text, ": $"+name+"\n", ": "+scalar(name, value)+"\n", 1)
		}
	}
	if o.Secure {
		text = strings.Replace(text, "secure: false", "secure: true", 1)
	}
	out["datasources/huikuan.yaml"] = []byte(text)
	provider, err := fs.ReadFile(files, "provisioning/dashboards.yaml")
	if err != nil {
		return nil, err
	}
	out["dashboards/huikuan.yaml"] = []byte(providerPath.ReplaceAllLiteralString(string(provider), fmt.Sprintf("path: %q", o.Path)))
	return out, nil
}

var providerPath = regexp.MustCompile(`path: .*`)

// scalar writes a value into YAML; Grafana reads $ as the begin of a variable,
// doubled it is itself.
func scalar(name, value string) string {
	if name == "CLICKHOUSE_PORT" {
		return value
	}
	return fmt.Sprintf("%q", strings.ReplaceAll(value, "$", "$$"))
}
