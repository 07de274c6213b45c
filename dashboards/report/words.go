package report

import (
	_ "embed"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"

	"huikuan/dashboards"
)

// words writes in one language: with the words of the pack, and those that it
// shares with the dashboards.
type words struct {
	dashboards.Locale
	own map[string]string
}

//go:embed zh.yaml
var zhWords []byte

func wordsOf(lang string) (words, error) {
	for _, l := range dashboards.Locales() {
		if l.Lang != lang {
			continue
		}
		w := words{Locale: l}
		if w.zh() {
			if err := yaml.Unmarshal(zhWords, &w.own); err != nil {
				return w, fmt.Errorf("words of the report: %w", err)
			}
		}
		return w, nil
	}
	return words{}, fmt.Errorf("language: found %q, allowed: en, zh", lang)
}

// t translates.
func (w words) t(english string) string {
	if s, ok := w.own[english]; ok {
		return s
	}
	return w.T(english)
}

func (w words) zh() bool { return w.Lang == "zh" }

func (w words) percent() string {
	if w.zh() {
		return "%"
	}
	return thin + "%"
}

// day is a day as people write it.
func (w words) day(t time.Time) string {
	if w.zh() {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 Jan 2006")
}

// month is a month with its year.
func (w words) month(t time.Time) string {
	if w.zh() {
		return t.Format("2006年1月")
	}
	return t.Format("January 2006")
}

// shortMonth is a month on an axis.
func (w words) shortMonth(t time.Time) string {
	if w.zh() {
		return t.Format("1月")
	}
	return t.Format("Jan")
}

// shortDay is a day on an axis.
func (w words) shortDay(t time.Time) string {
	if w.zh() {
		return t.Format("1月2日")
	}
	return t.Format("2 Jan")
}

// moneyUnit names the unit that amounts in tables are written in.
func (w words) moneyUnit(currency string) string {
	if w.zh() {
		if currency == "CNY" {
			return "万元"
		}
		return "万" + currency
	}
	return currency
}
