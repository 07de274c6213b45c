package dashboards

// Colours of the roles. Colour means a breach or an aging bucket, never
// decoration, and always goes with a word, a number or an arrow.
const (
	colourSeries  = "#4C8BD0"
	colourHistory = "#8E98A8"
	colourGood    = "#2A9D8F"
	colourWarn    = "#E9A23B"
	colourBad     = "#D6452B"
	colourDispute = "#7E6BC4"
)

// neutral are the steps of a heat cell that is neither good nor bad.
func neutral() []any {
	return []any{step(nil, "transparent"), step(.05, "#CFE0F1"), step(.2, "#9DC3E6"), step(.4, "#4C8BD0"), step(.6, "#2F69AC")}
}

// palette lists every colour that a panel may use.
func palette() []string {
	out := []string{colourSeries, colourHistory, colourGood, colourWarn, colourBad, colourDispute, "#CFE0F1", "#9DC3E6", "#2F69AC"}
	for _, b := range Buckets() {
		out = append(out, b.Colour)
	}
	return out
}

// Bucket is an aging bucket with its one colour, the same on every dashboard
// and in both themes; neighbours can be told apart by the colour-blind.
type Bucket struct {
	Column string // in ar_snapshots
	Title  string // English; see [Locale.T]
	Colour string
}

// Buckets lists the aging buckets by due date, youngest first.
func Buckets() []Bucket {
	return []Bucket{
		{"not_due", "Not due", "#7BA7CE"},
		{"d1_30", "1–30", "#F7DC85"},
		{"d31_60", "31–60", "#F4B04E"},
		{"d61_90", "61–90", "#E6762E"},
		{"d91_120", "91–120", "#CF4630"},
		{"d121_180", "121–180", "#B02A4C"},
		{"d181_365", "181–365", "#8F2A6B"},
		{"d366_plus", "> 365", "#6F3A8C"},
	}
}

// heat are the steps of late-payment cells. The colours are opaque: Grafana
// chooses the text's colour by brightness and ignores transparency.
func heat() []any {
	return []any{
		object{"value": nil, "color": "transparent"},
		object{"value": 0.04, "color": "#F7DC85"},
		object{"value": 0.10, "color": "#F4B04E"},
		object{"value": 0.15, "color": "#CF4630"},
	}
}

// bucketColours and gradeColours are the colours of pills, by the word shown.
func bucketColours() map[string]string {
	out := map[string]string{}
	for _, b := range Buckets() {
		out[b.Title] = b.Colour
	}
	return out
}

func gradeColours() map[string]string {
	return map[string]string{"A": "#2A9D8F", "B": "#7BA7CE", "C": "#F4B04E", "D": "#CF4630", "E": "#8F2A6B"}
}
