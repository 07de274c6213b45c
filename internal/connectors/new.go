package connectors

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
)

//go:embed skeleton.yaml
var skeleton string

var goodName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// New writes NAME.yaml with a commented connector, and returns its path. It
// never overwrites a file.
func New(name string) (string, error) {
	if !goodName.MatchString(name) {
		return "", &UsageError{fmt.Errorf("a connector cannot be named %q: small letters, digits and _, beginning with a letter, such as our_erp", name)}
	}
	path := name + ".yaml"
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return "", &UsageError{fmt.Errorf("%s is there already; remove it or choose another name", path)}
	}
	if err != nil {
		return "", fmt.Errorf("write the connector: %w", err)
	}
	_, err = f.WriteString(strings.ReplaceAll(skeleton, "NAME", name))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("write %s: %w", path, err)
	}
	return path, nil
}
