package dashboards

import (
	"embed"
	"fmt"
	"io/fs"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Locale is the language of a set of dashboards: its words and how it writes
// large amounts.
type Locale struct {
	Lang  string            // en, zh
	words map[string]string // English → this language; nil for English

	missing map[string]bool // texts asked for that words lacks
}

//go:embed locales/zh/*.yaml
var zhWords embed.FS

// Locales returns the languages that dashboards are generated in.
func Locales() []Locale {
	words, err := readWords(zhWords, "locales/zh")
	if err != nil {
		panic(err) // embedded at compile time, read by every test
	}
	return []Locale{{Lang: "en"}, {Lang: "zh", words: words, missing: map[string]bool{}}}
}

// readWords joins the files of a folder. A text may stand in several of them,
// with the same words.
func readWords(files fs.FS, folder string) (map[string]string, error) {
	paths, err := fs.Glob(files, folder+"/*.yaml")
	if err != nil {
		return nil, err
	}
	out, from := map[string]string{}, map[string]string{}
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		var words map[string]string
		if err := yaml.Unmarshal(text, &words); err != nil {
			return nil, fmt.Errorf("dashboards: %s: %w", path, err)
		}
		for english, word := range words {
			if have, ok := out[english]; ok && have != word {
				return nil, fmt.Errorf("dashboards: %q is %q in %s and %q in %s; use one of them, or another English text", english, have, from[english], word, path)
			}
			out[english], from[english] = word, path
		}
	}
	return out, nil
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

// space stands between two sentences.
func (l Locale) space() string {
	if l.Lang == "zh" {
		return ""
	}
	return " "
}

// scale divides amounts for charts and tables: Grafana has no 万.
func (l Locale) scale() string {
	if l.Lang == "zh" {
		return " / 1e4"
	}
	return ""
}

// millions is an SQL expression that writes an amount in millions, or in 万, for
// tables of mixed rows.
func (l Locale) millions(x string) string {
	if l.Lang == "zh" {
		return "printf('%.1f', " + x + " / 1e4)"
	}
	return "printf('%.2f', " + x + " / 1e6)"
}

// moneyUnit is an SQL expression of the unit of a scaled amount. Units that are a
// suffix only have no separators of thousands.
func (l Locale) moneyUnit() string {
	if l.Lang != "zh" {
		return "concat('currency:', ${symbol:sqlstring})"
	}
	return "concat('currency:financial: 万', if(${symbol:sqlstring} = '¥', '元', ${symbol:sqlstring}), ':suffix')"
}

// moneyHeader is the header of a table's column of scaled amounts; the page
// computes the unit.
func (l Locale) moneyHeader(title string) string { return title + "${money_in:raw}" }

// moneyIn is an SQL expression of the unit in headers and titles.
func (l Locale) moneyIn() string {
	if l.Lang == "zh" {
		return "concat('(万', if(${symbol:sqlstring} = '¥', '元', ${symbol:sqlstring}), ')')"
	}
	return "concat(', ', ${symbol:sqlstring})"
}

// segment is an SQL expression of a segment's name: the codes of the trade in
// words, others as the source writes them.
func (l Locale) segment(x string) string {
	var codes, names []string
	for _, name := range []string{"Project", "Distributor", "Manufacturer", "Retail", "Government"} {
		codes, names = append(codes, "'"+strings.ToUpper(name)+"'"), append(names, "'"+l.T(name)+"'")
	}
	return fmt.Sprintf("multiIf(%[1]s = '(none)', '%[2]s', transform(%[1]s, [%[3]s], [%[4]s], %[1]s))", x, l.T("No segment"), strings.Join(codes, ", "), strings.Join(names, ", "))
}

// short is an SQL expression that writes an amount with its magnitude, always
// with as many decimals, so that figures below one another compare.
func (l Locale) short(x string) string {
	if l.Lang == "zh" {
		return fmt.Sprintf("multiIf(abs(%[1]s) >= 1e8, printf('%%.2f 亿', toFloat64(%[1]s) / 1e8), abs(%[1]s) >= 1e4, printf('%%.1f 万', toFloat64(%[1]s) / 1e4), toString(round(%[1]s)))", x)
	}
	return fmt.Sprintf("multiIf(abs(%[1]s) >= 1e9, printf('%%.1f B', toFloat64(%[1]s) / 1e9), abs(%[1]s) >= 1e6, printf('%%.1f M', toFloat64(%[1]s) / 1e6), abs(%[1]s) >= 1e5, printf('%%.0f K', toFloat64(%[1]s) / 1e3), abs(%[1]s) >= 1e3, printf('%%.1f K', toFloat64(%[1]s) / 1e3), toString(round(%[1]s)))", x)
}

// count is an SQL expression that writes a whole number below a thousand million
// with its thousands apart.
func count(x string) string {
	return fmt.Sprintf("multiIf(%[1]s >= 1000000, printf('%%d,%%03d,%%03d', intDiv(%[1]s, 1000000), intDiv(%[1]s, 1000) %% 1000, %[1]s %% 1000), %[1]s >= 1000, printf('%%d,%%03d', intDiv(%[1]s, 1000), %[1]s %% 1000), toString(%[1]s))", x)
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

// say is an SQL expression for a text with the text x in the place of {}: words
// stand before figures in one language and after them in the other.
func (l Locale) say(english, x string) string {
	before, after, _ := strings.Cut(strings.ReplaceAll(l.T(english), "'", "''"), "{}")
	return "concat('" + before + "', " + x + ", '" + after + "')"
}
