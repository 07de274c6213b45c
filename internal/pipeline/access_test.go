package pipeline

import (
	"io/fs"
	"regexp"
	"slices"
	"testing"

	"huikuan/config"
	"huikuan/load/access"
	"huikuan/sql"
)

// A new table that says nothing of customer, rep or company is closed to who
// sees a part only; here somebody has to decide whether that is meant.
func TestEveryTableHasARuleForWhoSeesIt(t *testing.T) {
	all, err := relations(&config.Config{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range all {
		names = append(names, r.Name)
		if !access.Decided(r) {
			t.Errorf("%s has no customer_id, rep_id, owner_id, scope or company: list it in load/access as open or closed", r.Name)
		}
	}
	for _, name := range slices.Concat(access.Open(), access.Closed(), []string{access.Owners}) {
		if !slices.Contains(names, name) {
			t.Errorf("%s is listed and does not exist", name)
		}
	}
	files, err := fs.Glob(sql.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := fs.ReadFile(sql.Migrations(), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?i)VIEW\s+(\w+)`).FindAllSubmatch(text, -1) {
			if !slices.Contains(names, string(m[1])) {
				t.Errorf("%s makes the view %s, which readers who see a part cannot be granted", file, m[1])
			}
		}
	}
}
