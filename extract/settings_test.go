package extract

import (
	"strings"
	"testing"
)

func TestACurrencySettingTakesACodeOfThreeLetters(t *testing.T) {
	s := Setting{Name: "currency", Type: "currency"}
	if v, err := s.convert("eur"); err != nil || v != "EUR" {
		t.Errorf("eur gives %v, %v", v, err)
	}
	for _, bad := range []string{"Euro", "€", "E1R"} {
		if _, err := s.convert(bad); err == nil || !strings.Contains(err.Error(), "three letters such as EUR") {
			t.Errorf("%s gives %v", bad, err)
		}
	}
}
