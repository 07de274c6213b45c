// Package arch holds the test that guards the import rules of the architecture:
// data walks extract → transform → load → sql → dashboards, and never back.
package arch
