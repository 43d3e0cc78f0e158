package models

import (
	"fmt"
	"math/big"
	"strings"
)

// Positions are the rank keys of a user's manual order: fractions in base 62, written without the
// point, so that byte order is their order and there is always room between two of them (fractional
// indexing, as David Greenspan described it for Figma and Observable). The ends of the order need no look at
// other tasks: numbers of writes only rise, and so each new top lies above all others and each new bottom below.
const (
	digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	// PositionTop begins the keys of tasks put on top, PositionBottom those of tasks put at the bottom.
	PositionTop, PositionBottom = "h", "p"
	// PositionSpan is one more than the largest number that a key of an end can hold.
	PositionSpan = 1_000_000_000_000_000
	// MaxPosition is how long a key may become before those around it are spread anew.
	MaxPosition = 48
)

// TopPosition is the key of a task that write number n puts on top.
func TopPosition(n int64) string { return fmt.Sprintf("%s%015d", PositionTop, PositionSpan-1-n) }

// BottomPosition is the key of a task that write number n puts at the bottom.
func BottomPosition(n int64) string { return fmt.Sprintf("%s%015d", PositionBottom, n) }

// PositionAfter returns a key between low and high for a task that is put right after low. It leaves
// most of the room to low, because what was put there once is likely to be followed by more.
func PositionAfter(low, high string) string {
	return between(low, high, func(gap *big.Int) (from, to *big.Int) {
		return new(big.Int).Sub(gap, part(gap, 32)), new(big.Int).Sub(gap, part(gap, 128))
	})
}

// PositionBefore returns a key between low and high for a task that is put right before high.
func PositionBefore(low, high string) string {
	return between(low, high, func(gap *big.Int) (from, to *big.Int) { return part(gap, 128), part(gap, 32) })
}

// Positions returns n keys between low and high, about evenly apart, in ascending order.
func Positions(low, high string, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = between(low, high, func(gap *big.Int) (from, to *big.Int) {
			// Of 3(n+1) parts the one that begins at 3(i+1), so that a third of them is used.
			parts := big.NewInt(int64(3 * (n + 1)))
			at := new(big.Int).Mul(gap, big.NewInt(int64(3*(i+1))))
			end := new(big.Int).Mul(gap, big.NewInt(int64(3*(i+1)+1)))
			return at.Div(at, parts).Add(at, big.NewInt(1)), end.Div(end, parts)
		})
	}
	return keys
}

func part(gap *big.Int, of int64) *big.Int { return new(big.Int).Div(gap, big.NewInt(of)) }

var base = big.NewInt(int64(len(digits)))

// between returns the shortest key whose distance from low lies between what span returns for the
// distance of high, both inclusive.
func between(low, high string, span func(gap *big.Int) (from, to *big.Int)) string {
	// What both begin with, the key begins with, too: without it the numbers are small.
	common := 0
	for common < min(len(low), len(high)) && low[common] == high[common] {
		common++
	}
	prefix, low, high := low[:common], low[common:], high[common:]
	for length := max(len(low), len(high)); ; length++ {
		a, b := value(low, length), value(high, length)
		gap := new(big.Int).Sub(b, a)
		from, to := span(gap)
		if from.Sign() <= 0 || from.Cmp(to) > 0 || to.Cmp(gap) >= 0 {
			continue // so short, there is no room
		}
		return prefix + shortest(from.Add(from, a), to.Add(to, a), length)
	}
}

// shortest returns the key of the number from a to b, of length digits, that has the most zeros at its
// end, without them.
func shortest(a, b *big.Int, length int) string {
	unit := big.NewInt(1)
	for {
		next := new(big.Int).Mul(unit, base)
		// The first multiple of next that is not below a.
		m := new(big.Int).Add(a, next)
		m.Sub(m, big.NewInt(1)).Div(m, next).Mul(m, next)
		if m.Cmp(b) > 0 {
			break
		}
		unit = next
	}
	m := new(big.Int).Add(a, unit)
	m.Sub(m, big.NewInt(1)).Div(m, unit).Mul(m, unit)
	return strings.TrimRight(text(m, length), "0")
}

// value is a key as a number of length digits.
func value(key string, length int) *big.Int {
	v := new(big.Int)
	for i := range length {
		v.Mul(v, base)
		if i < len(key) {
			v.Add(v, big.NewInt(int64(strings.IndexByte(digits, key[i]))))
		}
	}
	return v
}

func text(v *big.Int, length int) string {
	b, rest := make([]byte, length), new(big.Int)
	for i := length - 1; i >= 0; i-- {
		v, rest = new(big.Int).DivMod(v, base, rest)
		b[i] = digits[rest.Int64()]
	}
	return string(b)
}
