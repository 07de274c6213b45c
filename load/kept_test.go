package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"huikuan/transform/derive"
	"huikuan/transform/schema"
)

// What every build told is kept once, at whatever statement the process died.
func TestWhatABuildPublishedIsKeptOnceThroughEveryKill(t *testing.T) {
	one, two := metricTable("aging"), metricTable("told")
	ledger := derive.NewTable("told_ledger", "what was told", "customer_id", "build_id").Instant("created_at", "instant").Text("build_id", "build").Table
	ledger.Class = schema.Log
	ledger.Columns = slices.Concat(ledger.Columns, two.Columns)
	w := migrated(t, optionsFor(t), one, two, ledger)
	at := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	staged := func(build int) *Stage {
		return stageAll(t, w, []schema.Table{one, two}, build, KeptTable{"told", ledger, at.AddDate(0, 0, build)})
	}
	want := ""
	for build := 1; build <= 14; build++ {
		s := staged(build)
		if build > 2 { // die at the statement after so many others
			real := w.conn
			w.conn = &killed{Conn: real, left: build - 3}
			_ = s.Publish(context.Background())
			w.conn = real
			if build%2 == 0 {
				_ = s.Publish(context.Background()) // the same process tries again
			}
			if err := w.FinishPublish(context.Background()); err != nil { // the next one finds what was left
				t.Fatal(err)
			}
		} else {
			real := w.conn
			heard := &killed{Conn: real, left: 1000}
			w.conn = heard
			if err := s.Publish(context.Background()); err != nil {
				t.Fatal(err)
			}
			w.conn = real
			if said := strings.Join(heard.said, "\n"); !strings.Contains(said, "told_ledger ATTACH PARTITION") || strings.Contains(said, "told_ledger (") {
				t.Errorf("the ledger did not take the table's parts: %s", said)
			}
		}
		if fmt.Sprint(askOne(t, w, "SELECT max(build) FROM told")) == fmt.Sprint(build) {
			want += fmt.Sprintf("b%d ", build)
		}
	}
	got := ""
	for _, row := range ask(t, w, "SELECT build_id, count(), uniqExact(customer_id), min(build) = max(build), min(created_at) = max(created_at) FROM told_ledger GROUP BY build_id ORDER BY min(build)") {
		got += fmt.Sprint(row[0], " ")
		if fmt.Sprint(row[1:]) != "[20 20 1 1]" {
			t.Errorf("build %v is kept as %v", row[0], row[1:])
		}
	}
	if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") || !strings.HasPrefix(want, "b1 b2 ") {
		t.Errorf("kept: %s; served: %s", got, want)
	}
}

// killed is a connection that dies after so many writing statements.
type killed struct {
	driver.Conn
	left int
	said []string
}

func (k *killed) Exec(ctx context.Context, sql string, args ...any) error {
	if k.left--; k.left < 0 {
		return errors.New("killed")
	}
	k.said = append(k.said, sql)
	return k.Conn.Exec(ctx, sql, args...)
}
