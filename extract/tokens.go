package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// tokenStore keeps the newest refresh token of a source. Many sources take a
// refresh token once only and give another in exchange: who loses that one has
// to authorise the app again. So it is on the disk before the access token is used.
type tokenStore struct {
	path    string // empty: there is no place
	setting string // the refresh token of the settings
	hash    string // of the setting; a stored token counts until the setting changes
	now     func() time.Time
	secrets *secrets
}

// storedToken is the file.
type storedToken struct {
	Setting string            `json:"setting"` // hash of the setting that the token came from
	Refresh string            `json:"refresh_token"`
	Values  map[string]string `json:"values"`            // of the last answer, with the access token
	RenewAt time.Time         `json:"renew_at,omitzero"` // when the access token is to be renewed; zero = it is not known
}

func newTokenStore(c *client, text map[string]string) *tokenStore {
	sum := sha256.Sum256([]byte(text["token_url"] + "\n" + text["client_id"] + "\n" + text["refresh_token"]))
	t := &tokenStore{path: text["store"], setting: text["refresh_token"], hash: hex.EncodeToString(sum[:]), now: c.opts.Now, secrets: &c.secrets}
	switch {
	case t.path == "" && c.opts.TokenDir != "":
		t.path = filepath.Join(c.opts.TokenDir, fileName(c.source)+".json")
	case t.path != "" && !filepath.IsAbs(t.path):
		t.path = filepath.Join(c.opts.BaseDir, t.path)
	}
	return t
}

// fileName makes a file's name of a source's.
func fileName(source string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, source)
}

// exchange asks for an access token by the newest refresh token, unless another
// process has just done so. used is the access token that no longer holds.
func (t *tokenStore) exchange(ctx context.Context, used string, ask func(refresh string) (grant, string, error)) (grant, error) {
	if t.path == "" {
		return grant{}, t.failed("there is no folder for tokens", nil)
	}
	if err := os.MkdirAll(filepath.Dir(t.path), 0o700); err != nil {
		return grant{}, t.failed("its folder cannot be made", err)
	}
	lock := flock.New(t.path+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		if ctx.Err() != nil {
			return grant{}, ctx.Err()
		}
		return grant{}, t.failed("its file cannot be locked", err)
	}
	defer lock.Close()
	saved, err := t.read()
	if err != nil {
		return grant{}, err
	}
	if g, ok := saved.grant(used, t.now()); ok {
		for _, v := range saved.Values {
			t.secrets.addValue(v)
		}
		return g, nil
	}
	file, err := os.OpenFile(t.path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil { // found out before the old token is used up
		return grant{}, t.failed("its file cannot be written", err)
	}
	defer file.Close()
	g, next, err := ask(saved.Refresh)
	if err != nil {
		return grant{}, err
	}
	if next != "" {
		saved.Refresh = next
	}
	saved.Values, saved.RenewAt = map[string]string{}, g.expires
	for name, v := range g.values {
		saved.Values[name] = textOf(v)
	}
	if err := t.write(file, saved); err != nil {
		return grant{}, t.failed("its file cannot be written", err)
	}
	return g, nil
}

// read returns what is stored, or the setting where that is newer.
func (t *tokenStore) read() (storedToken, error) {
	fresh := storedToken{Setting: t.hash, Refresh: t.setting}
	text, err := os.ReadFile(t.path)
	if os.IsNotExist(err) {
		return fresh, nil
	}
	if err != nil {
		return fresh, t.failed("its file cannot be read", err)
	}
	var saved storedToken
	if err := json.Unmarshal(text, &saved); err != nil {
		return fresh, t.failed("its file is not readable; authorise the app again, set the new refresh_token and remove the file", err)
	}
	if saved.Setting != t.hash {
		return fresh, nil
	}
	t.secrets.add(saved.Refresh)
	return saved, nil
}

// grant is the stored access token, if it still holds.
func (s storedToken) grant(used string, now time.Time) (grant, bool) {
	token := s.Values["access_token"]
	if token == "" || token == used || s.RenewAt.IsZero() || !now.Before(s.RenewAt) {
		return grant{}, false
	}
	g := grant{values: map[string]any{}, expires: s.RenewAt}
	for name, v := range s.Values {
		g.values[name] = v
	}
	return g, true
}

// write puts the file in place, whole and on the disk, or leaves the old one.
func (t *tokenStore) write(file *os.File, s storedToken) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if _, err := file.Write(append(text, '\n')); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return replaceFile(file.Name(), t.path)
}

// replaceFile gives a file another's name and makes that last.
func replaceFile(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

func (t *tokenStore) failed(why string, err error) error {
	text := fmt.Errorf("%w: %s", errTokenStore, why)
	if err != nil {
		text = fmt.Errorf("%w: %s: %w", errTokenStore, why, err)
	}
	return &Error{Field: "store", Found: fmt.Sprintf("%q", t.path), Err: text, SignIn: true,
		Hint: "Give the user that runs this program a folder that it may write to, or name a file in store"}
}
