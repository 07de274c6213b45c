package extract

import (
	"crypto"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assertion is a signed request for a token (RFC 7523): made anew each time.
type assertion struct {
	method   jwt.SigningMethod
	key      crypto.PrivateKey
	headers  map[string]string
	claims   map[string]any
	lifetime time.Duration
	now      func() time.Time
}

func newAssertion(a *authDecl, text map[string]string, data map[string]any, now func() time.Time) (*assertion, error) {
	out := &assertion{method: jwt.GetSigningMethod(a.algorithm), headers: map[string]string{}, claims: map[string]any{"aud": text["token_url"]}, lifetime: a.lifetime, now: now}
	pem := []byte(strings.ReplaceAll(text["key"], `\n`, "\n")) // as environment variables carry it
	var err error
	if strings.HasPrefix(a.algorithm, "ES") {
		out.key, err = jwt.ParseECPrivateKeyFromPEM(pem)
	} else {
		out.key, err = jwt.ParseRSAPrivateKeyFromPEM(pem)
	}
	if err != nil {
		return nil, &Error{Field: "key", Err: errSetting, Expected: "a private key for " + a.algorithm + " as PEM text, which begins with -----BEGIN PRIVATE KEY-----",
			Hint: "A password on the key has to be taken off first"}
	}
	if text["key_id"] != "" {
		out.headers["kid"] = text["key_id"]
	}
	for _, h := range a.jwtHeaders {
		if out.headers[h.name], err = h.tmpl.render(data); err != nil {
			return nil, err
		}
	}
	for _, claim := range a.claims {
		var values []string
		for _, t := range claim.values {
			v, err := t.render(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", claim.name, err)
			}
			values = append(values, v)
		}
		if out.claims[claim.name] = any(values); !claim.list {
			out.claims[claim.name] = values[0]
		}
	}
	return out, nil
}

// sign makes the request of this moment.
func (a *assertion) sign() (string, error) {
	now := a.now()
	token := jwt.New(a.method)
	for name, v := range a.headers {
		token.Header[name] = v
	}
	claims := jwt.MapClaims{"iat": now.Unix(), "exp": now.Add(a.lifetime).Unix(), "jti": rand.Text()}
	for name, v := range a.claims {
		claims[name] = v
	}
	token.Claims = claims
	signed, err := token.SignedString(a.key)
	if err != nil {
		return "", fmt.Errorf("sign the request for a token: %w", err)
	}
	return signed, nil
}
