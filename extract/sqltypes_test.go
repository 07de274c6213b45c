package extract

import (
	"testing"

	"huikuan/internal/dbtest"
)

func postgresTypes(t *testing.T, s *dbtest.Server) {
}

func mariadbTypes(t *testing.T, s *dbtest.Server) {
}
