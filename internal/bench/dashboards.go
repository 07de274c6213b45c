package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"huikuan/dashboards"
	"huikuan/internal/pipeline"
	"huikuan/load"
)

// Goals of the dashboards on a warehouse of a million invoices.
const (
	panelGoal = 150 * time.Millisecond  // p95 of each query
	pageGoal  = 1500 * time.Millisecond // all queries of a page, one after the other
	threads   = 2                       // of one query
)

// filtersChosen are the filters that the second choice sets, each to its first option.
var filtersChosen = []string{"company", "segment", "rep"}

// dashboards runs the queries of every dashboard as it opens, and again with a
// company, a segment and a rep chosen, and prints for each what they took.
func (b *bench) dashboards(ctx context.Context) error {
	dir, clean, err := b.folder()
	if err != nil {
		return err
	}
	defer clean()
	a, err := b.openModelled(ctx, dir)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := settled(ctx, a.Warehouse()); err != nil {
		return err
	}
	pages, err := dashboards.GenerateFor(dashboards.Locales()[0], dashboards.Options{})
	if err != nil {
		return err
	}
	printHead()
	var all []pageTime
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		for _, chosen := range [][]string{nil, filtersChosen} {
			p := pageTime{name: strings.TrimSuffix(name, ".json"), chosen: "as it opens"}
			if chosen != nil {
				p.chosen = strings.Join(chosen, ", ")
			}
			if err := p.measure(ctx, a.Warehouse(), pages[name], chosen, b.runs); err != nil {
				return fmt.Errorf("dashboard %s, %s: %w", p.name, p.chosen, err)
			}
			p.print()
			all = append(all, p)
		}
	}
	b.printGoals(all)
	return nil
}

// openModelled opens a filled warehouse with all metric tables and models.
func (b *bench) openModelled(ctx context.Context, dir string) (*pipeline.App, error) {
	a, err := b.openBuilt(ctx, dir)
	if err != nil {
		return nil, err
	}
	built, err := a.BuiltModels(ctx)
	if err != nil || len(built) > 0 {
		return a, err
	}
	_, err = a.Build(ctx, pipeline.BuildOptions{AsOf: time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC), ModelsOnly: true})
	return a, err
}

// queryTime is what one query took in each run: on the clock, and of the
// processor, the client's reading included.
type queryTime struct {
	title     string
	wall, cpu []time.Duration
}

// pageTime is what the queries of a page took under one choice of filters.
type pageTime struct {
	name, chosen string
	queries      []queryTime
}

// measure runs all queries once to warm up and then several times.
func (p *pageTime) measure(ctx context.Context, wh *load.Warehouse, text []byte, chosen []string, runs int) error {
	var d dashboards.Dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		return err
	}
	last := time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC)
	scope := dashboards.Scope{From: last.AddDate(-2, 0, 0), To: last.AddDate(0, 0, 20), Interval: time.Hour, Variables: map[string]dashboards.Variable{}}
	for run := range runs + 1 {
		at := 0
		ask := func(title, query string) ([]string, error) {
			text, err := dashboards.Expand(query, scope)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", title, err)
			}
			begin, used := time.Now(), processorTime()
			first, err := firstColumn(ctx, wh, text+fmt.Sprintf("\nSETTINGS max_threads = %d", threads))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", title, err)
			}
			if run == 0 {
				p.queries = append(p.queries, queryTime{title: title})
			} else {
				q := &p.queries[at]
				q.wall, q.cpu = append(q.wall, time.Since(begin)), append(q.cpu, processorTime()-used)
			}
			at++
			return first, nil
		}
		for _, item := range d.Templating.List {
			v, err := variable(item, chosen, ask)
			if err != nil {
				return err
			}
			scope.Variables[item["name"].(string)] = v
		}
		for _, panel := range d.AllPanels() {
			for _, t := range panel.Targets {
				title := panel.Title
				if t.RefID != "A" {
					title += " (" + t.RefID + ")"
				}
				if _, err := ask(title, t.RawSQL); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// variable is what a variable stands at when the page opens, or its first
// option where it is among the chosen.
func variable(item map[string]any, chosen []string, ask func(title, query string) ([]string, error)) (v dashboards.Variable, err error) {
	name := item["name"].(string)
	if item["type"] != "query" {
		current, _ := item["current"].(map[string]any)
		return dashboards.Variable{Values: []string{fmt.Sprint(current["value"])}}, nil
	}
	if v.Options, err = ask("variable "+name, item["query"].(string)); err != nil {
		return v, err
	}
	switch {
	case item["multi"] == true && !(slices.Contains(chosen, name) && len(v.Options) > 0):
		v.Values = []string{dashboards.All}
	case len(v.Options) > 0:
		v.Values = v.Options[:1]
	default:
		v.Values = []string{""}
	}
	return v, nil
}

// firstColumn reads the whole result and returns its first column as text.
func firstColumn(ctx context.Context, wh *load.Warehouse, query string) (first []string, err error) {
	rows, err := wh.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		first = append(first, fmt.Sprint(rows.Row()[0]))
	}
	return first, rows.Err()
}

// printHead prints what stands over the lines of the pages.
func printHead() {
	fmt.Printf("%-10s %-24s %7s %8s %8s %9s %9s  %s\n", "dashboard", "chosen", "queries", "p50", "p95", "sum", "processor", "slowest (p95)")
}

// print prints the line of a page; its queries are in order of their p95 afterwards.
func (p *pageTime) print() {
	slices.SortFunc(p.queries, func(x, y queryTime) int { return cmp.Compare(percentile(y.wall, 95), percentile(x.wall, 95)) })
	var all []time.Duration
	for _, q := range p.queries {
		all = append(all, q.wall...)
	}
	wall, cpu := p.sums()
	first := p.queries[0]
	fmt.Printf("%-10s %-24s %7d %8s %8s %9s %9s  %s %s\n", p.name, p.chosen, len(p.queries), ms(percentile(all, 50)), ms(percentile(all, 95)),
		ms(percentile(wall, 50)), ms(percentile(cpu, 50)), ms(percentile(first.wall, 95)), first.title)
}

// sums are what the queries took one after the other, run by run.
func (p *pageTime) sums() (wall, cpu []time.Duration) {
	wall, cpu = make([]time.Duration, len(p.queries[0].wall)), make([]time.Duration, len(p.queries[0].cpu))
	for _, q := range p.queries {
		for run := range q.wall {
			wall[run] += q.wall[run]
			cpu[run] += q.cpu[run]
		}
	}
	return wall, cpu
}

// printGoals prints the queries above the goal, and whether the goals hold: on
// the clock, and of the processor, which alone says something on a busy machine.
func (b *bench) printGoals(pages []pageTime) {
	var panelWall, panelCPU, pageWall, pageCPU slowest
	var wall, cpu time.Duration
	for _, p := range pages {
		clock, processor := p.sums()
		for run := range clock {
			wall, cpu = wall+clock[run], cpu+processor[run]
		}
		pageWall.see(percentile(clock, 95), p.name+", "+p.chosen)
		pageCPU.see(percentile(processor, 95), p.name+", "+p.chosen)
	}
	busy := wall > cpu*5/4
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nQueries whose p95 is above %s:\n", ms(panelGoal))
	for _, p := range pages {
		for _, q := range p.queries {
			late, used := percentile(q.wall, 95), percentile(q.cpu, 95)
			if late > panelGoal && (!busy || used > panelGoal) {
				fmt.Fprintf(w, "%s\t%s\t%s\tp50 %s\tp95 %s\tprocessor p50 %s\tp95 %s\n", p.name, p.chosen, q.title, ms(percentile(q.wall, 50)), ms(late), ms(percentile(q.cpu, 50)), ms(used))
			}
			panelWall.see(late, p.name+", "+q.title)
			panelCPU.see(used, p.name+", "+q.title)
		}
	}
	_ = w.Flush()
	panel, page := panelWall, pageWall // what is judged
	if busy {
		panel, page = panelCPU, pageCPU
	}
	b.figure("panel", "slowest p95 of %d runs: %s on the clock, %s of the processor, goal %s: %s", b.runs, panelWall, panelCPU, ms(panelGoal), verdict(panel.took <= panelGoal))
	b.figure("page", "slowest p95 of all queries together: %s on the clock, %s of the processor, goal %s: %s", pageWall, pageCPU, ms(pageGoal), verdict(page.took <= pageGoal))
	if busy {
		fmt.Printf("The machine was busy with other work: %s on the clock for %s of the processor. Queries are listed and goals are judged by processor time.\n", wall.Round(time.Second), cpu.Round(time.Second))
	}
}

// slowest is what took longest of what it has seen.
type slowest struct {
	took time.Duration
	what string
}

func (s *slowest) see(took time.Duration, what string) {
	if took > s.took {
		*s = slowest{took, what}
	}
}

func (s slowest) String() string { return ms(s.took) + " (" + s.what + ")" }

func verdict(holds bool) string {
	if holds {
		return "holds"
	}
	return "does not hold"
}

func ms(d time.Duration) string {
	return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
}

// percentile is the value that p in a hundred do not exceed (nearest rank).
func percentile(list []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(sorted)*p+99)/100-1]
}
