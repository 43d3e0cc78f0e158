package main

import (
	"fmt"
	"html"
	"io"
	"math"
	"slices"
	"strings"
)

// plot is a line chart with two logarithmic axes.
type plot struct {
	title, x, y string
	at          []float64 // the points on the x axis, each with a label
	lines       []line
}

type line struct {
	name   string
	values []float64 // positive; one for each point
}

const (
	plotWidth, plotHeight                        = 720, 400
	plotLeft, plotRight, plotTop, plotBottom     = 70, 70, 40, 50
	plotBackground, plotInk, plotGrid, plotFonts = "#ffffff", "#333333", "#dddddd", "sans-serif"
)

// Colours that people with colour blindness can tell apart (Okabe and Ito, 2008).
var plotColours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#000000"}

// write writes the plot as an SVG document.
func (p plot) write(w io.Writer) error {
	var values []float64
	for _, l := range p.lines {
		values = append(values, l.values...)
	}
	ticks := ticksAround(slices.Min(values), slices.Max(values))
	x := scale(p.at[0], p.at[len(p.at)-1], plotLeft, plotWidth-plotRight)
	y := scale(ticks[0], ticks[len(ticks)-1], plotHeight-plotBottom, plotTop)

	var svg strings.Builder
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="%s" font-size="12" fill="%s">`+"\n",
		plotWidth, plotHeight, plotFonts, plotInk)
	fmt.Fprintf(&svg, `<rect width="100%%" height="100%%" fill="%s"/>`+"\n", plotBackground)
	text := func(x, y float64, anchor, fill, label string) {
		fmt.Fprintf(&svg, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s">%s</text>`+"\n", x, y, anchor, fill, html.EscapeString(label))
	}
	rule := func(x1, y1, x2, y2 float64) {
		fmt.Fprintf(&svg, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s"/>`+"\n", x1, y1, x2, y2, plotGrid)
	}
	text(plotLeft, 20, "start", plotInk, p.title+" ("+p.y+")")
	text((plotLeft+plotWidth-plotRight)/2, plotHeight-10, "middle", plotInk, p.x)
	for _, tick := range ticks {
		rule(plotLeft, y(tick), plotWidth-plotRight, y(tick))
		text(plotLeft-8, y(tick)+4, "end", plotInk, number(tick))
	}
	for _, at := range p.at {
		rule(x(at), plotTop, x(at), plotHeight-plotBottom)
		text(x(at), plotHeight-plotBottom+18, "middle", plotInk, number(at))
	}
	for i, l := range p.lines {
		colour := plotColours[i%len(plotColours)]
		var points []string
		for j, value := range l.values {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(p.at[j]), y(value)))
		}
		fmt.Fprintf(&svg, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		text(plotWidth-plotRight+8, y(l.values[len(l.values)-1])+4, "start", colour, l.name)
	}
	svg.WriteString("</svg>\n")
	_, err := io.WriteString(w, svg.String())
	return err
}

// scale maps values between low and high to the pixels between from and to, by their logarithms.
func scale(low, high, from, to float64) func(float64) float64 {
	return func(value float64) float64 {
		if low == high {
			return (from + to) / 2
		}
		return from + (to-from)*math.Log(value/low)/math.Log(high/low)
	}
}

// ticksAround returns the numbers 1, 2 and 5 times a power of ten from the last that is not above low to the first
// that is not below high.
func ticksAround(low, high float64) (ticks []float64) {
	for power := math.Pow(10, math.Floor(math.Log10(low))); ; power *= 10 {
		for _, factor := range []float64{1, 2, 5} {
			tick := factor * power
			if tick <= low {
				ticks = ticks[:0]
			}
			ticks = append(ticks, tick)
			if tick >= high {
				return ticks
			}
		}
	}
}

// number writes a tick with commas between thousands.
func number(value float64) string {
	text := fmt.Sprintf("%g", value)
	if value < 1000 || strings.ContainsAny(text, "e.") {
		return text
	}
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
