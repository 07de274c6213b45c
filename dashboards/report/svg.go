package report

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// canvas draws one chart as inline SVG. Colours are classes of the page's
// style sheet, so that the chart follows the theme and prints.
type canvas struct {
	b             strings.Builder
	width, height float64
}

func newCanvas(width, height float64, label string) *canvas {
	c := &canvas{width: width, height: height}
	fmt.Fprintf(&c.b, `<svg viewBox="0 0 %s %s" role="img" aria-label="%s" xmlns="http://www.w3.org/2000/svg">`, n(width), n(height), html.EscapeString(label))
	return c
}

func (c *canvas) String() string { return c.b.String() + "</svg>" }

// n writes a coordinate.
func n(x float64) string {
	s := fmt.Sprintf("%.1f", x)
	return strings.TrimSuffix(s, ".0")
}

// rect is a bar; tip shows when the pointer rests on it.
func (c *canvas) rect(x, y, w, h float64, class, style, tip string) {
	if h < 0 {
		y, h = y+h, -h
	}
	if w < 0 {
		x, w = x+w, -w
	}
	fmt.Fprintf(&c.b, `<rect x="%s" y="%s" width="%s" height="%s"%s%s>%s</rect>`, n(x), n(y), n(w), n(h), attribute("class", class), attribute("style", style), title(tip))
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&c.b, `<line x1="%s" y1="%s" x2="%s" y2="%s"%s/>`, n(x1), n(y1), n(x2), n(y2), attribute("class", class))
}

// text is anchored at start, middle or end.
func (c *canvas) text(x, y float64, anchor, class, s string) {
	fmt.Fprintf(&c.b, `<text x="%s" y="%s" text-anchor="%s"%s>%s</text>`, n(x), n(y), anchor, attribute("class", class), html.EscapeString(s))
}

// path joins points; a gap (NaN) lifts the pen.
func (c *canvas) path(points [][2]float64, class string) {
	var d strings.Builder
	pen := "M"
	for _, p := range points {
		if math.IsNaN(p[1]) {
			pen = "M"
			continue
		}
		d.WriteString(pen + n(p[0]) + " " + n(p[1]))
		pen = "L"
	}
	if d.Len() > 0 {
		fmt.Fprintf(&c.b, `<path d="%s"%s/>`, d.String(), attribute("class", class))
	}
}

// band fills between two lines of the same x, where both are known.
func (c *canvas) band(upper, lower [][2]float64, class string) {
	for i := 0; i < len(upper); {
		j := i
		for j < len(upper) && !math.IsNaN(upper[j][1]) && !math.IsNaN(lower[j][1]) {
			j++
		}
		if j-i > 1 {
			var d strings.Builder
			pen := "M"
			for k := i; k < j; k++ {
				d.WriteString(pen + n(upper[k][0]) + " " + n(upper[k][1]))
				pen = "L"
			}
			for k := j - 1; k >= i; k-- {
				d.WriteString("L" + n(lower[k][0]) + " " + n(lower[k][1]))
			}
			fmt.Fprintf(&c.b, `<path d="%sZ"%s/>`, d.String(), attribute("class", class))
		}
		i = j + 1
	}
}

func (c *canvas) dot(x, y, r float64, class, tip string) {
	fmt.Fprintf(&c.b, `<circle cx="%s" cy="%s" r="%s"%s>%s</circle>`, n(x), n(y), n(r), attribute("class", class), title(tip))
}

func attribute(name, value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf(` %s="%s"`, name, html.EscapeString(value))
}

func title(tip string) string {
	if tip == "" {
		return ""
	}
	return "<title>" + html.EscapeString(tip) + "</title>"
}

// scale maps values to the height of a plot.
type scale struct {
	low, high   float64 // values
	top, bottom float64 // coordinates
}

func (s scale) y(v float64) float64 {
	if s.high == s.low {
		return s.bottom
	}
	return s.bottom - (v-s.low)/(s.high-s.low)*(s.bottom-s.top)
}

// ticks are round values from low to high, some four of them; the bounds are
// widened to them.
func ticks(low, high float64) (float64, float64, []float64) {
	if high <= low {
		high = low + 1
	}
	raw := (high - low) / 4
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	step := unit * 10
	for _, m := range []float64{1, 2, 2.5, 5} {
		if unit*m >= raw {
			step = unit * m
			break
		}
	}
	from, to := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	var out []float64
	for i := from; i <= to; i++ {
		out = append(out, i*step)
	}
	return from * step, to * step, out
}
