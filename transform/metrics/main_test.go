package metrics_test

import (
	"testing"

	"huikuan/transform/lawtest"
)

// docs/testing.md tells how to look deeper.
func TestMain(m *testing.M) { lawtest.Main(m, 60) }
