package sql

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// defaultDatabase is the warehouse's name where no connection has told it.
const defaultDatabase = "huikuan"

// RunnerOptions say where and how models are built.
type RunnerOptions struct {
	Database string  // empty: the connection's own
	Profile  Profile // empty: Cluster where Cluster is named, else Embedded
	Cluster  string  // name of the cluster for ON CLUSTER; empty: the macro {cluster}
	// Vars are the user's values of variables (models.vars), by name: texts, numbers
	// or lists. Settings are values that other settings of the program give; their
	// variables cannot be set by Vars. What is in neither has its default.
	Vars, Settings map[string]any
	// Resolve gives the name under which a metric table is to be read, so that
	// models can stand on staged ones; nil or "" leaves the name. It is asked about
	// the tables of metrics.Tables alone: nothing else is staged.
	Resolve func(table string) string
	// Sources are tables that models may read beside the canonical streams, the
	// metric tables and the views of the migrations.
	Sources []string
	// Since and Until are the first and the last day that the variables of these
	// names give, YYYY-MM-DD; empty = their defaults, which leave nothing out.
	Since, Until string
	// FullRefresh builds incremental models anew; snapshots keep their history.
	FullRefresh bool
	Workers     int // models built at one time; 0 means 2
	Now         func() time.Time
	Logger      *slog.Logger
	// Progress, if set, is called when a model is done with, from several goroutines
	// but one call at a time.
	Progress func(ModelReport)
}

// Runner builds models. It is not safe for concurrent use; one build of a
// database runs at a time.
type Runner struct {
	engine  Engine
	options RunnerOptions
	dialect dialect
	graph   *graph
	vars    variables
	staged  []staged // of the last build, in building order
	report  Report
	stood   map[string]bool   // tables and views when the build began
	history map[string]string // tables with the columns and order of a snapshot, and the comment of valid_from
	known   *shapes           // of what the models read, once asked for
	mu      sync.Mutex        // guards Progress and known
}

// staged is a model that waits to be published.
type staged struct {
	model Model
	types []columnType // as built
}

// NewRunner checks the models against one another and against the warehouse's
// tables. All mistakes are returned together, each an [*Error].
func NewRunner(e Engine, models []Model, o RunnerOptions) (*Runner, error) {
	if o.Profile == "" {
		o.Profile = Embedded
		if o.Cluster != "" {
			o.Profile = Cluster
		}
	}
	if o.Cluster == "" {
		o.Cluster = "{cluster}"
	}
	if o.Workers <= 0 {
		o.Workers = 2
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	switch o.Profile {
	case Embedded, Server, Cluster:
	default:
		return nil, fmt.Errorf("sql: the profile %q is not known; allowed: embedded, server, cluster", o.Profile)
	}
	catalogue, err := Catalogue()
	if err != nil {
		return nil, err
	}
	vars, problems := newVariables(catalogue, models, o.Settings, o.Vars)
	for name, day := range map[string]string{sinceVar: o.Since, untilVar: o.Until} {
		if day == "" {
			continue
		}
		if err := vars.set(name, day); err != nil {
			problems = append(problems, fmt.Errorf("--%s: %w", name, err))
		}
	}
	g, err := newGraph(models, append(warehouseTables(), o.Sources...), vars, cmp.Or(o.Database, defaultDatabase))
	if err := errors.Join(append(problems, err)...); err != nil {
		return nil, err
	}
	return &Runner{engine: remembering{e}, options: o, graph: g, vars: vars,
		dialect: dialect{database: o.Database, profile: o.Profile, cluster: o.Cluster}}, nil
}

// Models returns the models in building order.
func (r *Runner) Models() []Model { return r.graph.models }

// Build builds the selected models (all, if there is no selector) beside the
// serving tables and tests them there; [Runner.Publish] puts them in place.
// Selectors are those of [Runner.Select]. What is wrong with a model stands in
// the report; the error is for what stops the whole build: an unknown selector,
// an engine that does not answer, a cancelled context.
func (r *Runner) Build(ctx context.Context, selectors ...string) (Report, error) {
	names, err := r.Select(selectors, nil)
	if err != nil {
		return Report{}, err
	}
	return r.BuildModels(ctx, names)
}

// BuildModels is Build of exactly the named models; none is none.
func (r *Runner) BuildModels(ctx context.Context, names []string) (Report, error) {
	var chosen []int
	for i, m := range r.graph.models {
		if slices.Contains(names, m.Name) {
			chosen = append(chosen, i)
		}
	}
	if err := r.Discard(ctx); err != nil {
		return Report{}, err
	}
	var err error
	if r.history, err = r.histories(ctx); err != nil {
		return Report{}, err
	}
	r.report = Report{Started: r.options.Now(), Models: make([]ModelReport, len(chosen))}
	b := newBuild(r, chosen)
	b.run(ctx)
	for i, j := range b.jobs {
		r.report.Models[i] = j.report
		if j.report.Status == Staged {
			r.staged = append(r.staged, staged{model: j.model, types: j.types})
		}
	}
	r.report.Finished = r.options.Now()
	if err := ctx.Err(); err != nil {
		return r.report, err
	}
	return r.report, nil
}

// Publish puts the staged models of the last build in place, in building order,
// each by one atomic statement. After an error it may be called again: what was
// published is not published twice.
func (r *Runner) Publish(ctx context.Context) error {
	serving, err := r.existing(ctx)
	if err != nil {
		return err
	}
	for len(r.staged) > 0 {
		s := r.staged[0]
		if err := r.publish(ctx, s, serving[s.model.Name]); err != nil {
			return fmt.Errorf("publish the model %s: %w", s.model.Name, err)
		}
		for i := range r.report.Models {
			if r.report.Models[i].Name == s.model.Name {
				r.report.Models[i].Status = Published
			}
		}
		r.staged = r.staged[1:]
	}
	return nil
}

func (r *Runner) publish(ctx context.Context, s staged, exists bool) error {
	next := s.model.Name + stagedSuffix
	var statements []string
	if s.model.Materialisation == View { // the staged view reads staged tables; the published one must not
		query := s.model.body.render(r.names(s.model.Name, nil, false))
		statements = append(statements, r.dialect.createView(next, s.model, s.types, query))
	}
	if exists {
		statements = append(statements, r.dialect.exchange(s.model.Name, next), r.dialect.drop(next))
	} else {
		statements = append(statements, r.dialect.rename(next, s.model.Name))
	}
	for _, statement := range statements {
		if err := r.engine.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Report is that of the last build, with what was published since.
func (r *Runner) Report() Report { return r.report }

// Discard drops what stands staged, of this runner or of one that was killed.
func (r *Runner) Discard(ctx context.Context) error {
	r.staged = nil
	tables, err := r.existing(ctx)
	if err != nil {
		return err
	}
	r.stood = tables
	for _, m := range r.graph.models {
		for _, leftover := range []string{m.Name + stagedSuffix, m.Name + newSuffix} {
			if !tables[leftover] {
				continue
			}
			if err := r.engine.Exec(ctx, r.dialect.drop(leftover)); err != nil {
				return fmt.Errorf("remove the leftover of an earlier build: %w", err)
			}
		}
	}
	return nil
}

// existing returns which tables and views the database holds.
func (r *Runner) existing(ctx context.Context) (map[string]bool, error) {
	rows, _, err := r.engine.Query(ctx, "SELECT name FROM system.tables WHERE database = "+r.dialect.databaseExpr())
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	out := map[string]bool{}
	for _, row := range rows {
		out[asText(row[0])] = true
	}
	return out, nil
}

// names resolves the placeholders of a model. isStaged says of a model whether
// its staged table is to be read; staging says whether warehouse tables are.
func (r *Runner) names(this string, isStaged func(model string) bool, staging bool) names {
	return names{
		this: r.dialect.table(this),
		vars: r.vars.value,
		ref: func(model string) string {
			if isStaged != nil && isStaged(model) {
				model += stagedSuffix
			}
			return r.dialect.table(model)
		},
		source: func(table string) string {
			if staging && r.options.Resolve != nil && isMetric(table) {
				if name := r.options.Resolve(table); name != "" {
					table = name
				}
			}
			return r.dialect.table(table)
		},
	}
}

func (r *Runner) progress(m ModelReport) {
	r.options.Logger.Debug("model", "name", m.Name, "status", string(m.Status), "rows", m.Rows, "duration", m.Duration, "reason", m.Reason)
	if r.options.Progress != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.options.Progress(m)
	}
}

// asText reads a value that the engine gives as text, or as a pointer to one.
func asText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case *string:
		if x != nil {
			return *x
		}
		return ""
	case []byte:
		return string(x)
	}
	return fmt.Sprint(v)
}

var errNoAnswer = errors.New("the engine returned no row")
