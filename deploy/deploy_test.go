package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"huikuan/config"
)

type service struct {
	Image       string
	Build       map[string]string
	User        string
	Command     []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	Networks    []string
	Restart     string
	Healthcheck map[string]any
	DependsOn   map[string]map[string]string `yaml:"depends_on"`
}

type compose struct {
	Services map[string]service
	Networks map[string]map[string]bool
	Volumes  map[string]any
}

func readCompose(t *testing.T) (compose, string) {
	t.Helper()
	text, err := os.ReadFile("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) < 4 {
		t.Fatalf("services: %v", c.Services)
	}
	return c, string(text)
}

var (
	exactImage = regexp.MustCompile(`^[a-z0-9/.-]+:\d+(\.\d+){1,3}(-[a-z]+)?(@sha256:[0-9a-f]{64})?$`)
	reference  = regexp.MustCompile(`\$\{(\w+)(?::([-?])([^}]*))?\}`)
)

// defaults puts in the default values of compose's variables.
func defaults(s string) string { return reference.ReplaceAllString(s, "$3") }

func TestServicesArePinnedHealthyAndNotRoot(t *testing.T) {
	c, _ := readCompose(t)
	for name, s := range c.Services {
		if s.Build == nil && (!exactImage.MatchString(s.Image) || strings.Count(s.Image, ".") < 2) {
			t.Errorf("%s: the image %s has no exact version", name, s.Image)
		}
		if uid, _, _ := strings.Cut(s.User, ":"); uid == "" || uid == "0" || uid == "root" {
			t.Errorf("%s runs as the user %q", name, s.User)
		}
		if s.Restart == "unless-stopped" && s.Healthcheck["test"] == nil {
			t.Errorf("%s has no health check", name)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s is published beyond this machine: %s", name, p)
			}
		}
		for other, on := range s.DependsOn {
			dependency, ok := c.Services[other]
			if !ok || on["condition"] == "service_healthy" && dependency.Healthcheck == nil {
				t.Errorf("%s waits for %s, which is not there or has no health check", name, other)
			}
		}
		for _, n := range s.Networks {
			if _, ok := c.Networks[n]; !ok {
				t.Errorf("%s is in the network %s, which is not there", name, n)
			}
		}
	}
	if ch := c.Services["clickhouse"]; !slices.Equal(ch.Networks, []string{"warehouse"}) || len(ch.Ports) > 0 || !c.Networks["warehouse"]["internal"] {
		t.Error("ClickHouse can be reached from outside")
	}
}

func TestMountedFilesAndVolumesExist(t *testing.T) {
	c, _ := readCompose(t)
	for name, s := range c.Services {
		for _, v := range s.Volumes {
			from, _, _ := strings.Cut(v, ":")
			if strings.Contains(v, "${") {
				for _, language := range []string{"en", "zh"} {
					from, _, _ := strings.Cut(reference.ReplaceAllString(v, language), ":")
					if _, err := os.Stat(filepath.FromSlash(from)); err != nil {
						t.Errorf("%s mounts %s: %v", name, from, err)
					}
				}
				continue
			}
			if !strings.HasPrefix(from, ".") {
				if _, ok := c.Volumes[from]; !ok {
					t.Errorf("%s uses the volume %s, which is not declared", name, from)
				}
				continue
			}
			if from == "./huikuan.yaml" { // the user's copy
				from = "huikuan.example.yaml"
			}
			if _, err := os.Stat(filepath.FromSlash(from)); err != nil {
				t.Errorf("%s mounts %s: %v", name, from, err)
			}
		}
		if s.Build != nil {
			if _, err := os.Stat(filepath.Join(s.Build["context"], s.Build["dockerfile"])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Passwords come from .env, without a default; what .env may hold is in its example.
func TestSecretsComeFromTheEnvironment(t *testing.T) {
	c, text := readCompose(t)
	example, err := os.ReadFile(".env.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range reference.FindAllStringSubmatch(text, -1) {
		if !regexp.MustCompile(`(?m)^` + m[1] + `=`).Match(example) {
			t.Errorf("%s is not in .env.example", m[1])
		}
	}
	for name, s := range c.Services {
		for key, value := range s.Environment {
			if strings.Contains(key, "PASSWORD") && key != "GF_SMTP_PASSWORD" && !regexp.MustCompile(`^\$\{\w+:\?`).MatchString(value) {
				t.Errorf("%s: %s = %s is not a variable that must be set", name, key, value)
			}
		}
	}
	for _, line := range strings.Split(string(example), "\n") {
		if key, value, ok := strings.Cut(line, "="); ok && strings.Contains(key, "PASSWORD") && value != "" {
			t.Errorf(".env.example has a value for %s", key)
		}
	}
	ignored, err := os.ReadFile("../.gitignore")
	if err != nil || !strings.Contains(string(ignored), "deploy/.env\n") {
		t.Errorf("deploy/.env is not ignored: %v", err)
	}
}

// Grafana gets what the provisioning files ask for.
func TestGrafanaHasThePluginAndTheVariablesOfItsProvisioning(t *testing.T) {
	c, _ := readCompose(t)
	grafana := c.Services["grafana"]
	rules, err := os.ReadFile("../dashboards/en/alerting.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plugin := regexp.MustCompile(`pluginVersion: (\S+)`).FindSubmatch(rules)
	if plugin == nil || grafana.Environment["GF_PLUGINS_PREINSTALL_SYNC"] != "grafana-clickhouse-datasource@"+string(plugin[1]) {
		t.Errorf("the plugin is %s, queries are written for %s", grafana.Environment["GF_PLUGINS_PREINSTALL_SYNC"], plugin)
	}
	for _, file := range []string{"provisioning/datasources.yaml", "en/notifications.yaml", "zh/notifications.yaml"} {
		text, err := os.ReadFile(filepath.Join("../dashboards", file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`: \$(\w+)`).FindAllStringSubmatch(string(text), -1) {
			if defaults(grafana.Environment[m[1]]) == "" {
				t.Errorf("%s needs %s", file, m[1])
			}
		}
	}
}

func TestTheExampleConfigurationIsOne(t *testing.T) {
	c, _ := readCompose(t)
	env := map[string]string{}
	for key, value := range c.Services["huikuan"].Environment {
		if env[key] = reference.ReplaceAllString(value, "x"); value == "" {
			env[key] = "x"
		}
	}
	cfg, err := config.Load(config.Options{Path: "huikuan.example.yaml", Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Warehouse.URL != "http://clickhouse:8123/huikuan" || cfg.Warehouse.Password != "x" || len(cfg.Access.Users) != 1 || cfg.Access.Users[0].Name != c.Services["grafana"].Environment["CLICKHOUSE_USER"] {
		t.Errorf("got %+v %+v", cfg.Warehouse, cfg.Access)
	}
}

func TestTheImageIsBuiltFromExactVersionsAndAllFolders(t *testing.T) {
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages, copied := []string{}, []string{}
	for _, line := range strings.Split(string(text), "\n") {
		fields := strings.Fields(line)
		switch {
		case len(fields) > 1 && fields[0] == "FROM":
			if !slices.Contains(stages, fields[1]) && !exactImage.MatchString(fields[1]) {
				t.Errorf("%s has no exact version", fields[1])
			}
			if len(fields) == 4 {
				stages = append(stages, fields[3])
			}
		case len(fields) > 2 && fields[0] == "COPY" && !strings.HasPrefix(fields[1], "--"):
			for _, from := range fields[1 : len(fields)-1] {
				copied = append(copied, from)
				if _, err := os.Stat(filepath.Join("..", from)); err != nil {
					t.Errorf("COPY %s: %v", from, err)
				}
			}
		}
	}
	if !strings.Contains(string(text), "\nUSER 10001:10001\n") {
		t.Error("the image runs as root")
	}
	folders, err := filepath.Glob("../*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range folders {
		if folder := filepath.Base(filepath.Dir(file)); folder != "deploy" && !slices.Contains(copied, folder) {
			t.Errorf("the folder %s has Go files and is not copied", folder)
		}
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	needs := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	if needs == nil || !strings.Contains(string(text), "FROM golang:"+string(needs[1])) {
		t.Errorf("go.mod asks for Go %s", needs)
	}
}
