package dashboards_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkPages runs every query of every page, as it opens, on the warehouse
// that HUIKUAN_TEST_DASHBOARDS_ON names, and logs for each page what all its
// queries take together and its slowest panels:
//
//	go test ./dashboards -run - -bench Pages -benchtime 5x
func BenchmarkPages(b *testing.B) {
	if os.Getenv(servedWarehouse) == "" {
		b.Skipf("name a served warehouse in %s", servedWarehouse)
	}
	for _, path := range slices.Sorted(maps.Keys(generated(b))) {
		name, ok := strings.CutPrefix(strings.TrimSuffix(path, ".json"), "en/")
		if !ok {
			continue
		}
		b.Run(name, func(b *testing.B) {
			w := built(b)
			taken := map[string][]time.Duration{}
			var whole []time.Duration
			for b.Loop() {
				begin := time.Now()
				v := open(b, w, path, nil)
				taken["variables and headline"] = append(taken["variables and headline"], time.Since(begin))
				for where, out := range v.all() {
					taken[where] = append(taken[where], out.took)
				}
				whole = append(whole, time.Since(begin))
			}
			b.ReportMetric(float64(percentile(whole, 50).Milliseconds()), "ms/page")
			slowest := slices.SortedFunc(maps.Keys(taken), func(x, y string) int { return int(percentile(taken[y], 95) - percentile(taken[x], 95)) })
			for _, where := range slowest[:min(8, len(slowest))] {
				b.Logf("%s: median %s, p95 %s", where, percentile(taken[where], 50).Round(time.Millisecond), percentile(taken[where], 95).Round(time.Millisecond))
			}
		})
	}
}

func percentile(list []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}
