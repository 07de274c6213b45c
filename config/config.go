// Package config is the typed configuration of Huikuan: huikuan.yaml, HUIKUAN_*
// environment variables, secrets from the environment or from files, defaults,
// and one sentence for every mistake.
//
// In: a file and the environment. Out: a [Config]. Never here: I/O with sources
// or the warehouse.
package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Config is the whole configuration, validated.
type Config struct {
	// Path is the file it was read from, Dir its folder (absolute).
	Path, Dir string

	// Data is the folder of the embedded warehouse, absolute.
	Data string `mapstructure:"data"`
	// ReportingCurrency is the currency of group figures, empty = derived.
	ReportingCurrency string `mapstructure:"reporting_currency"`
	// DefaultCompany is the company of records that name none.
	DefaultCompany string `mapstructure:"default_company"`

	Warehouse  Warehouse `mapstructure:"warehouse"`
	Sync       Sync      `mapstructure:"sync"`
	Build      Build     `mapstructure:"build"`
	Metrics    Metrics   `mapstructure:"metrics"`
	Models     Models    `mapstructure:"models"`
	Connectors Paths     `mapstructure:"connectors"`
	Serve      Serve     `mapstructure:"serve"`
	Access     Access    `mapstructure:"access"`
	Alerts     Alerts    `mapstructure:"alerts"`
	Log        Log       `mapstructure:"log"`
	Sources    []Source  `mapstructure:"-"`
}

// Warehouse says where the tables live.
type Warehouse struct {
	URL       string `mapstructure:"url"`
	User      string `mapstructure:"user"`
	Password  string `mapstructure:"password"`
	Database  string `mapstructure:"database"`
	Cluster   string `mapstructure:"cluster"`
	Library   string `mapstructure:"library"`
	MaxMemory Size   `mapstructure:"max_memory"`
	Threads   int    `mapstructure:"threads"`
}

// Embedded reports whether the warehouse is the engine in this process.
func (w Warehouse) Embedded() bool { return w.URL == "" }

// Sync says how sources are read.
type Sync struct {
	Schedule    string `mapstructure:"schedule"`
	BatchRows   int    `mapstructure:"batch_rows"`
	BatchBytes  Size   `mapstructure:"batch_bytes"`
	KeepRawDays int    `mapstructure:"keep_raw_days"`
	// ParallelStreams is how many streams of one source are read at the same time.
	ParallelStreams int `mapstructure:"parallel_streams"`
	// MaxDeletedShare is the share of a table's rows that a sweep may delete unasked, 0 to 1.
	MaxDeletedShare float64 `mapstructure:"max_deleted_share"`
	// TokenDir is the folder of renewed sign-in tokens, absolute.
	TokenDir string `mapstructure:"token_dir"`
}

// Build says how the metrics are built.
type Build struct {
	Schedule  string `mapstructure:"schedule"`
	Workers   int    `mapstructure:"workers"`
	DailyDays int    `mapstructure:"daily_days"`
}

// Models says where the user's SQL models are, and the values of variables.
type Models struct {
	Paths []string `mapstructure:"paths"`
	// Vars are values of variables by name, case kept: each a string, exactly as
	// written, or a []string.
	Vars map[string]any `mapstructure:"-"`
}

// Paths are folders of the user's own files, absolute.
type Paths struct {
	Paths []string `mapstructure:"paths"`
}

// Serve says how the embedded warehouse is offered to other programs.
type Serve struct {
	Listen   string `mapstructure:"listen"`
	User     string `mapstructure:"user"`
	Password string `mapstructure:"password"`
	TLSCert  string `mapstructure:"tls_cert"`
	TLSKey   string `mapstructure:"tls_key"`
	// Limits of one query of a reader; 0 = none.
	MaxMemory     Size `mapstructure:"max_memory"`
	MaxSeconds    int  `mapstructure:"max_seconds"`
	MaxResultRows int  `mapstructure:"max_result_rows"`
	// MaxQueries is how many queries of readers run at the same time.
	MaxQueries int `mapstructure:"max_queries"`
}

// Access says who may read the warehouse beside its owner, and how much.
type Access struct {
	Users           []User `mapstructure:"-"`
	QueriesPerHour  int    `mapstructure:"queries_per_hour"`
	SecondsPerHour  int    `mapstructure:"seconds_per_hour"`
	ReadRowsPerHour int    `mapstructure:"read_rows_per_hour"`
}

// User is a reader. Without reps, teams and companies they see everything.
type User struct {
	Name, Password         string
	Reps, Teams, Companies []string
}

// Alerts are the thresholds of Grafana's alert rules that no model knows.
type Alerts struct {
	DSOTarget   int `mapstructure:"dso_target"`   // days
	OverdueRise int `mapstructure:"overdue_rise"` // percentage points
	StaleHours  int `mapstructure:"stale_hours"`
}

// Log says what is logged and how.
type Log struct {
	Level  string `mapstructure:"level"`
	Format string `mapstructure:"format"`
}

// Source is one configured ERP, CRM or folder of files.
type Source struct {
	Name      string
	Connector string
	Settings  map[string]any
	Streams   *yaml.Node // kept as written: keys are case-sensitive and errors need lines
	Only      []string
	Schedule  string
	Company   string
	Line      int
}

// Source returns the source of that name; the error lists the names there are.
func (c *Config) Source(name string) (Source, error) {
	names := make([]string, len(c.Sources))
	for i, s := range c.Sources {
		if s.Name == name {
			return s, nil
		}
		names[i] = s.Name
	}
	return Source{}, fmt.Errorf("no source named %q in %s: it has %s", name, c.Path, strings.Join(names, ", "))
}

// Size is a number of bytes, written 512MiB, 2GiB, 64MB or plain.
type Size int64

// Problem is one mistake in the configuration.
type Problem struct {
	File string
	Line int
	Key  string
	Text string // found, expected, hint: one sentence
}

func (p Problem) String() string {
	where := p.File
	if p.Line > 0 {
		where = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	if p.Key == "" {
		return fmt.Sprintf("%s: %s", where, p.Text)
	}
	return fmt.Sprintf("%s: %s: %s", where, p.Key, p.Text)
}

// Error holds every mistake found, so that all can be mended at once.
type Error struct{ Problems []Problem }

func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}
