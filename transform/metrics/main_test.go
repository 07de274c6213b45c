package metrics_test

import (
	"testing"

	"huikuan/transform/lawtest"
)

// Four thousand ledgers in all; docs/testing.md tells how to look deeper.
func TestMain(m *testing.M) { lawtest.Main(m, 180) }
