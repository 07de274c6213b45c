// Package systems holds tests against running systems of other people: what a
// connector loads is compared with what the system itself says. It has no code of
// its own.
package systems
