package extract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// budgetDecl says after how many requests of a day reading stops.
type budgetDecl struct {
	perDay  *tmpl
	header  string
	pattern *regexp.Regexp // nil = usedOf
	stopAt  float64
}

// usedOf reads how much is used, and of how much.
var usedOf = regexp.MustCompile(`(\d+)/(\d+)`)

// recheck is how long a source's word that its budget is nearly used up counts.
const recheck = 15 * time.Minute

// budget counts the requests of a day (UTC) over all runs and processes, and
// heeds what the source says of its own count. It is asked before every attempt.
type budget struct {
	decl   *budgetDecl
	perDay int    // 0 = no limit
	file   string // where the count is kept; empty = in memory only
	now    func() time.Time

	mu      sync.Mutex
	day     string
	left    int // requests that may be sent before the file is asked again
	used    int // in memory, where there is no file
	stopped time.Time
	said    string // what the source said when it stopped us
}

// dayCount is the file.
type dayCount struct {
	Day      string `json:"day"`
	Requests int    `json:"requests"`
}

func newBudget(c *client, data map[string]any) (*budget, error) {
	b := &budget{decl: &c.decl.budget, now: c.opts.Now}
	var err error
	if b.perDay, err = wholeNumber("budget.per_day", b.decl.perDay, data, 0); err != nil {
		return nil, err
	}
	if c.opts.TokenDir != "" {
		b.file = filepath.Join(c.opts.TokenDir, fileName(c.source)+".requests.json")
	}
	return b, nil
}

// take spends one request, or says why none may be sent.
func (b *budget) take() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now().UTC()
	if b.said != "" && now.Before(b.stopped.Add(recheck)) {
		return &Error{Temporary: true, Err: fmt.Errorf("the source says that %s of its requests are used; the rest is left to others", b.said),
			Hint: "Reading goes on from here in a later run; stop_at of budget in the connector says how much is left"}
	}
	if b.perDay == 0 {
		return nil
	}
	if day := now.Format(time.DateOnly); day != b.day {
		b.day, b.left, b.used = day, 0, 0
	}
	if b.left == 0 {
		if err := b.reserve(); err != nil {
			return err
		}
	}
	if b.left == 0 {
		next := now.Truncate(24 * time.Hour).Add(24 * time.Hour).Format("2006-01-02 15:04 UTC")
		return &Error{Temporary: true, Err: fmt.Errorf("the %d requests of this day are used up", b.perDay),
			Hint: "Reading goes on from here in a run after " + next + "; the setting for requests a day may be raised"}
	}
	b.left--
	return nil
}

// reserve takes a few requests of the day's budget, so that the file is not
// written for each. A run that is killed loses those that it did not send.
func (b *budget) reserve() error {
	want := max(1, min(20, b.perDay/100))
	if b.file == "" {
		b.left = min(want, b.perDay-b.used)
		b.used += b.left
		return nil
	}
	return b.change(func(c *dayCount) {
		b.left = max(0, min(want, b.perDay-c.Requests))
		c.Requests += b.left
	})
}

// close gives back what was reserved and not sent.
func (b *budget) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.left == 0 || b.file == "" {
		return nil
	}
	unsent := b.left
	b.left = 0
	return b.change(func(c *dayCount) { c.Requests = max(0, c.Requests-unsent) })
}

// change reads the count of the day, changes it and writes it, while no other process does.
func (b *budget) change(f func(*dayCount)) error {
	if err := os.MkdirAll(filepath.Dir(b.file), 0o700); err != nil {
		return b.failed(err)
	}
	lock := flock.New(b.file+".lock", flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return b.failed(err)
	}
	defer lock.Close()
	count := dayCount{Day: b.day}
	if text, err := os.ReadFile(b.file); err == nil {
		var saved dayCount
		if json.Unmarshal(text, &saved) == nil && saved.Day == b.day { // a broken file counts as none: the source has limits of its own
			count = saved
		}
	}
	f(&count)
	text, err := json.Marshal(count)
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.file+".new", append(text, '\n'), 0o600); err != nil {
		return b.failed(err)
	}
	if err := os.Rename(b.file+".new", b.file); err != nil {
		return b.failed(err)
	}
	return nil
}

func (b *budget) failed(err error) error {
	return &Error{Field: "budget", Err: fmt.Errorf("the count of the day's requests cannot be kept: %w", err),
		Hint: "Give the user that runs this program a folder that it may write to"}
}

// observe reads what the source says of its own count.
func (b *budget) observe(h http.Header) {
	text := h.Get(b.decl.header)
	if b.decl.header == "" || text == "" {
		return
	}
	pattern := b.decl.pattern
	if pattern == nil {
		pattern = usedOf
	}
	m := pattern.FindStringSubmatch(text)
	if len(m) < 3 {
		return
	}
	used, err := strconv.ParseFloat(m[1], 64)
	whole, err2 := strconv.ParseFloat(m[2], 64)
	if err != nil || err2 != nil || whole <= 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.said = ""; used/whole >= b.decl.stopAt {
		b.said, b.stopped = fmt.Sprintf("%s of %s", m[1], m[2]), b.now()
	}
}
