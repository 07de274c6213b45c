package dashboards_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestLimitsShowWhatTheDocumentsSay(t *testing.T) {
	w, d, today, _ := book(t)
	c := readCredit(t, w, d, today)
	exposure, _ := c.exposure()
	flagged := map[string]float64{}
	for customer, v := range exposure {
		flagged[d.owner(customer, today)] += float64(btoi(c.limitFlag(customer, v) != "ok"))
	}
	for s, r := range readers(t, w, "today", selection{}, selection{rep: most(flagged)}) {
		exposures, limits, above, words := map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]string{}
		for customer, v := range exposure {
			flag := c.limitFlag(customer, v)
			if flag == "ok" || s.rep != "" && s.rep != d.owner(customer, today) {
				continue
			}
			exposures[customer], words[customer] = v, flag
			if limit, ok := c.limits[customer]; ok {
				limits[customer], above[customer] = limit, max(0, v-limit)
			}
		}
		shown, granted, over := map[string]any{}, map[string]any{}, map[string]any{}
		for _, row := range r.table("Credit limits: above, above 90 % or missing", "Granted", "Exposure", "Above") {
			customer := row["customer_id"].(string)
			shown[customer], granted[customer], over[customer] = row[r.words.T("Exposure")], row[r.words.T("Granted")], row[r.words.T("Above")]
			if word := row[r.words.T("Limit")]; words[customer] != "" && word != r.words.T(words[customer]) {
				t.Errorf("%s: the limit of %s is %v, the documents say %s", r.about, customer, word, words[customer])
			}
			if limits[customer] > 0 {
				r.same("limit used of "+customer, row[r.words.T("Used")], exposures[customer]/limits[customer])
			}
		}
		r.agree("exposure", shown, exposures)
		if len(limits) > 0 {
			r.agree("limit", granted, limits)
			r.agree("above", over, above)
		}
	}
}

func TestPromisesKeptAreWhatTheDocumentsSay(t *testing.T) {
	w, d, today, selections := book(t)
	c := readCredit(t, w, d, today)
	for s, r := range readers(t, w, "sales", selections[0], selections[3]) {
		kept, due := map[string]float64{}, map[string]float64{}
		ofRep := map[string]float64{}
		for _, p := range c.pledges {
			if p.line > 0 || p.due > today || s.rep != "" && s.rep != p.rep || !slices.Contains([]string{"kept", "partial", "broken"}, p.status) {
				continue
			}
			due[p.due[:7]]++
			kept[p.due[:7]] += float64(btoi(p.status == "kept"))
			if p.due[:7] == today[:7] {
				ofRep[p.rep+" due"]++
				ofRep[p.rep+" kept"] += float64(btoi(p.status == "kept"))
			}
		}
		shown, want := map[string]any{}, map[string]float64{}
		for _, row := range r.table("Promises kept") {
			shown[fmt.Sprint(row["time"])[:7]] = row["v"]
		}
		for month, n := range due {
			if _, ok := shown[month]; ok || month >= after(today, -700)[:7] {
				want[month] = 100 * kept[month] / n
			}
		}
		if len(want) == 0 {
			continue
		}
		r.agree("promises kept", shown, want)
		for _, row := range r.table("League table: total, teams, then reps by their pace") {
			if rep := row["rep_id"].(string); rep != "" && ofRep[rep+" due"] > 0 {
				r.same("promises kept of "+rep, row[r.words.T("Kept")], ofRep[rep+" kept"]/ofRep[rep+" due"])
			}
		}
	}
	statuses := map[string]string{"kept": "kept", "partial": "in part", "broken": "broken", "open": "open"}
	count := map[string]float64{}
	for _, p := range c.pledges {
		count[p.customer]++
	}
	for s, r := range readers(t, w, "customer", selection{customer: most(count)}) {
		want, got := map[string]float64{}, map[string]any{}
		for _, p := range c.pledges {
			if word, ok := statuses[p.status]; ok && p.customer == s.customer {
				want[p.due+" "+r.words.T(word)]++
			}
		}
		for _, row := range r.table("Promises") {
			if word := row[r.words.T("Result")].(string); word != r.words.T("moved") {
				key := strings.Join([]string{fmt.Sprint(row[r.words.T("Promised for")])[:10], word}, " ")
				before, _ := got[key].(float64)
				got[key] = before + 1
			}
		}
		r.agree("promises", got, want)
	}
}

func TestGradesAndTheWorklistAreWhatTheDocumentsSay(t *testing.T) {
	w, d, today, _ := book(t)
	c := readCredit(t, w, d, today)
	scores := c.scores(t, w)
	list := c.worklist(scores)
	owners := map[string]float64{}
	for _, line := range list {
		owners[d.owner(line.customer, today)]++
	}
	if len(list) < 2 {
		t.Fatalf("%d customers to call prove nothing", len(list))
	}
	for s, r := range readers(t, w, "today", selection{}, selection{rep: most(owners)}) {
		var want, got []string
		priorities, grades := map[string]float64{}, map[string]string{}
		for _, line := range list {
			if s.rep == "" || s.rep == d.owner(line.customer, today) {
				want = append(want, line.customer)
				priorities[line.customer], grades[line.customer] = line.priority, scores[line.customer].grade()
			}
		}
		shown := map[string]any{}
		for _, row := range r.table("Worklist: call from the top") {
			customer := row["customer_id"].(string)
			got, shown[customer] = append(got, customer), row[r.words.T("Priority")]
			if grade, ok := grades[customer]; ok && row[r.words.T("Grade")] != grade {
				t.Errorf("%s: the grade of %s is %v, the documents say %q of %.2f points", r.about, customer, row[r.words.T("Grade")], grade, scores[customer].points)
			}
		}
		r.agree("priority", shown, priorities)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the worklist calls\n%v, by the documents\n%v", r.about, got, want)
		}
	}
	for _, r := range readers(t, w, "cfo", selection{}) {
		known := 0
		for _, row := range r.table("Ten largest exposures – ${top10:raw} % of open receivables") {
			customer, grade := row["customer_id"].(string), row[r.words.T("Grade")]
			s := scores[customer]
			if s.known { // else the policy's grade stands there
				known++
			}
			if s.known && grade != s.grade() || grade == "NR" {
				t.Errorf("%s: the grade of %s is %v, the documents say %q of %.2f points", r.about, customer, grade, s.grade(), s.points)
			}
		}
		if known < 5 {
			t.Errorf("%s: %d grades were compared", r.about, known)
		}
	}
}
