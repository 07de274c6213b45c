package dashboards

import (
	_ "embed"
	"fmt"
	"sort"

	"go.yaml.in/yaml/v3"
)

// Locale is the language of a set of dashboards: its words and how it writes
// large amounts.
type Locale struct {
	Lang  string            // en, zh
	words map[string]string // English → this language; nil for English

	missing map[string]bool // texts asked for that words lacks
}

//go:embed locales/zh.yaml
var zhWords []byte

// Locales returns the languages that dashboards are generated in.
func Locales() []Locale {
	zh := Locale{Lang: "zh", words: map[string]string{}, missing: map[string]bool{}}
	if err := yaml.Unmarshal(zhWords, &zh.words); err != nil {
		panic(fmt.Sprintf("dashboards: locales/zh.yaml: %v", err)) // embedded at compile time, read by every test
	}
	return []Locale{{Lang: "en"}, zh}
}

// T translates an English text.
func (l Locale) T(english string) string {
	if l.words == nil {
		return english
	}
	if s, ok := l.words[english]; ok {
		return s
	}
	l.missing[english] = true
	return english
}

// Missing lists the texts that were asked for and have no translation.
func (l Locale) Missing() []string {
	out := make([]string, 0, len(l.missing))
	for s := range l.missing {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

// scale divides amounts for charts and tables: Grafana has no 万.
func (l Locale) scale() string {
	if l.Lang == "zh" {
		return " / 1e4"
	}
	return ""
}

// moneyUnit is an SQL expression of the unit of a scaled amount.
func (l Locale) moneyUnit() string {
	if l.Lang == "zh" {
		return "concat('suffix: 万', if(${symbol:sqlstring} = '¥', '元', ${symbol:sqlstring}))"
	}
	return "concat('currency:', ${symbol:sqlstring})"
}

// moneyHeader is the header of a table's column of scaled amounts.
func (l Locale) moneyHeader(title string) string {
	if l.Lang == "zh" {
		return title + "(万${symbol:raw})"
	}
	return title + ", ${symbol:raw}"
}

// short is an SQL expression that writes an amount with its magnitude.
func (l Locale) short(x string) string {
	if l.Lang == "zh" {
		return fmt.Sprintf("multiIf(abs(%[1]s) >= 1e8, concat(toString(round(%[1]s / 1e8, 2)), ' 亿'), abs(%[1]s) >= 1e4, concat(toString(round(%[1]s / 1e4, 1)), ' 万'), toString(round(%[1]s)))", x)
	}
	return fmt.Sprintf("multiIf(abs(%[1]s) >= 1e9, concat(toString(round(%[1]s / 1e9, 1)), ' B'), abs(%[1]s) >= 1e6, concat(toString(round(%[1]s / 1e6, 1)), ' M'), abs(%[1]s) >= 1e5, concat(toString(round(%[1]s / 1e3)), ' K'), abs(%[1]s) >= 1e3, concat(toString(round(%[1]s / 1e3, 1)), ' K'), toString(round(%[1]s)))", x)
}

// change puts the word for what is compared where the language wants it.
func (l Locale) change(column, unit, word string) change {
	if l.Lang == "zh" {
		return change{Change: column, Before: word + " ", Unit: unit}
	}
	return change{Change: column, Unit: unit, After: " " + word}
}

// month is an SQL expression of a month's short name.
func (l Locale) month(x string) string {
	if l.Lang == "zh" {
		return "concat(toString(toMonth(" + x + ")), '月')"
	}
	return "formatDateTime(" + x + ", '%b')"
}

// day is an SQL expression of a day without its year.
func (l Locale) day(x string) string {
	if l.Lang == "zh" {
		return "concat(toString(toMonth(" + x + ")), '月', toString(toDayOfMonth(" + x + ")), '日')"
	}
	return "formatDateTime(" + x + ", '%e %b')"
}
