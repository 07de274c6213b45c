package connectors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"huikuan/config"
	"huikuan/extract"
	"huikuan/internal/pipeline"
)

// RecordOptions say what is recorded.
type RecordOptions struct {
	Source  string
	Dir     string   // made; must not hold a test yet
	Pages   int      // pages a stream at most; 0 = all
	Streams []string // empty = all of the source
}

// Recorded is what was recorded.
type Recorded struct {
	Exchanges int
	Streams   []string
	Failed    []error // of streams that could not be read to that point
}

// Record reads the first pages of a configured source and writes what was asked
// and answered as a folder for `connectors test`. Keys are replaced by names; the
// rest is what the source holds.
func Record(ctx context.Context, cfg *config.Config, log *slog.Logger, o RecordOptions) (Recorded, error) {
	if _, err := os.Stat(filepath.Join(o.Dir, testName)); err == nil {
		return Recorded{}, &UsageError{fmt.Errorf("%s holds a test already; name another folder or remove it", o.Dir)}
	}
	now := time.Now().UTC().Truncate(time.Second)
	rec := &recorder{scrub: newScrubber()}
	src, connector, source, err := pipeline.OpenSource(ctx, cfg, log, o.Source, func(eo *extract.Options) {
		rec.next = http.DefaultTransport
		eo.HTTP = &http.Client{Transport: rec}
		eo.Now = func() time.Time { return now }
	})
	if err != nil {
		return Recorded{}, err
	}
	defer src.Close()
	settings := rec.hideSettings(connector, source.Settings)
	var out Recorded
	for _, st := range src.Streams() {
		if st.Dictionary || len(o.Streams) > 0 && !slices.Contains(o.Streams, st.Name) {
			continue
		}
		out.Streams = append(out.Streams, st.Name)
		rec.now(st.Name)
		if err := firstPages(ctx, src, st.Name, o.Pages); err != nil {
			out.Failed = append(out.Failed, err)
		}
	}
	if len(out.Streams) == 0 {
		return out, &UsageError{fmt.Errorf("source %s has none of the streams %s", o.Source, strings.Join(o.Streams, ", "))}
	}
	out.Exchanges = len(rec.exchanges)
	return out, rec.write(o, connector, source, settings, now)
}

func firstPages(ctx context.Context, src *extract.Source, stream string, pages int) error {
	n := 0
	for _, err := range src.Pages(ctx, stream, nil) {
		if err != nil {
			return err
		}
		if n++; n == pages {
			return nil
		}
	}
	return ctx.Err()
}

// recorder hands requests on and keeps them with their answers.
type recorder struct {
	next  http.RoundTripper
	mu    sync.Mutex
	scrub *scrubber
	host  string // of the first request: that of the source

	stream    string
	exchanges []recorded
}

type recorded struct {
	stream   string
	request  asked
	status   int
	headers  map[string]string
	response string
}

func (r *recorder) now(stream string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stream = stream
}

// keptHeaders are those of an answer that connectors act upon.
var keptHeaders = []string{"Content-Type", "Link", "Retry-After", "Sforce-Limit-Info", "X-Total-Count", "X-RateLimit-Remaining", "X-RateLimit-Reset"}

// RoundTrip does one request and keeps it.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		var err error
		if sent, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	req.Header.Del("Accept-Encoding") // so that the transport unpacks the answer
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	a := asked{method: req.Method, host: req.URL.Host, path: req.URL.Path, query: flatValues(req.URL.Query())}
	a.setBody(req.Header.Get("Content-Type"), sent)
	x := recorded{request: a, status: resp.StatusCode, response: string(body), headers: map[string]string{}}
	for _, name := range keptHeaders {
		if v := resp.Header.Get(name); v != "" {
			x.headers[name] = v
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, c := range resp.Cookies() {
		r.scrub.hide(c.Value, fmt.Sprintf("scrubbed-cookie-%d", i+1))
		x.headers["Set-Cookie"] = strings.TrimPrefix(x.headers["Set-Cookie"]+"\n"+c.Name+"="+c.Value, "\n")
	}
	r.scrub.learn(readJSON(body))
	if x.stream = r.stream; r.host == "" {
		r.host = a.host
	}
	r.exchanges = append(r.exchanges, x)
	return resp, nil
}

// hideSettings makes names of the secrets among the settings.
func (r *recorder) hideSettings(c *extract.Connector, settings map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range settings {
		out[name] = v
	}
	for _, s := range c.Settings() {
		text, ok := out[s.Name].(string)
		switch {
		case !ok || text == "":
		case s.Type == "secret":
			out[s.Name] = "secret-" + s.Name
			r.scrub.hide(text, "secret-"+s.Name)
		case s.Type == "url":
			r.hideAddress(text)
		}
	}
	return out
}

// hideAddress lets the address of the system be that of an example.
func (r *recorder) hideAddress(text string) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return
	}
	r.scrub.hide(u.Scheme+"://"+u.Host, "https://source.example")
	r.scrub.hide(u.Host, "source.example")
}

// write makes the folder: test.yaml and a file of exchanges a stream.
func (r *recorder) write(o RecordOptions, connector *extract.Connector, source config.Source, settings map[string]any, now time.Time) error {
	dir := filepath.Join(o.Dir, exchangesDir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	file := map[string]any{"connector": source.Connector, "source": source.Name, "now": now, "settings": settings}
	if o.Pages > 0 {
		file["pages"] = o.Pages
	}
	if source.Company != "" {
		file["company"] = source.Company
	}
	if only := o.Streams; len(only) > 0 {
		file["only"] = only
	}
	if source.Streams != nil {
		file["streams"] = source.Streams
	}
	if shipped, err := extract.Shipped(source.Connector); err != nil || !bytes.Equal(shipped.Text(), connector.Text()) {
		file["connector"] = ownConnector
		if err := os.WriteFile(filepath.Join(o.Dir, ownConnector), connector.Text(), 0o644); err != nil {
			return fmt.Errorf("write the connector: %w", err)
		}
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		return fmt.Errorf("write %s: %w", testName, err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, testName), []byte(r.scrub.clean(string(text))), 0o644); err != nil {
		return fmt.Errorf("write the test: %w", err)
	}
	files := map[string]*bytes.Buffer{}
	var order []string
	for _, x := range r.exchanges {
		if files[x.stream] == nil {
			files[x.stream] = &bytes.Buffer{}
			order = append(order, x.stream)
		} else {
			files[x.stream].WriteString("---\n")
		}
		if err := r.writeExchange(files[x.stream], x); err != nil {
			return err
		}
	}
	for i, stream := range order {
		path := filepath.Join(dir, fmt.Sprintf("%02d-%s.http.yaml", i+1, stream))
		if err := os.WriteFile(path, files[stream].Bytes(), 0o644); err != nil {
			return fmt.Errorf("write exchanges: %w", err)
		}
	}
	return nil
}

func (r *recorder) writeExchange(w io.Writer, x recorded) error {
	out := Exchange{Request: ExchangeRequest{Method: x.request.method, Path: r.scrub.clean(x.request.path),
		Query: r.scrub.cleanMap(x.request.query), Form: r.scrub.cleanMap(x.request.form), Body: r.scrub.clean(x.request.body)},
		Response: ExchangeResponse{Status: x.status, Headers: r.scrub.cleanMap(x.headers), Body: indented(r.scrub.clean(x.response))}}
	if x.request.host != r.host {
		out.Request.Host = x.request.host
	}
	if x.request.json != nil {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(jsonText(r.scrub.cleanJSON(x.request.json))), &doc); err != nil {
			return fmt.Errorf("write an exchange: %w", err)
		}
		out.Request.JSON = *doc.Content[0]
	}
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("write an exchange: %w", err)
	}
	return e.Close()
}
