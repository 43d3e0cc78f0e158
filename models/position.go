package models

import (
	"fmt"
	"math/big"
	"strings"
)

// Positions are the sort keys of a user's manual order: fractions in base 62 without the leading point. They are
// compared byte by byte, and there is always a key between two others (fractional indexing, as David Greenspan
// described it for Figma and Observable). The keys of both ends are computed from the number of the write alone,
// without a query for the neighbours: the numbers only grow, so that each new top sorts before all other keys and each
// new bottom after them.
const (
	digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	// topPrefix and bottomPrefix are the prefixes of keys for the top and for the bottom.
	topPrefix, bottomPrefix = "h", "p"
	// positionSpan is one more than the largest write number that a key with such a prefix can contain.
	positionSpan = 1_000_000_000_000_000
	// MaxPosition is the maximum length of a key. A longer one makes the store renumber the keys around it.
	MaxPosition = 48
)

// TopPosition returns the key of a task that write number n moves to the top.
func TopPosition(n int64) string { return fmt.Sprintf("%s%015d", topPrefix, positionSpan-1-n) }

// TopPositionSQL returns TopPosition of the SQL expression n as an SQL expression of both databases.
func TopPositionSQL(n string) string {
	return fmt.Sprintf("'%s' || CAST(%d - %s AS text)", topPrefix, positionSpan-1, n)
}

// BottomPosition returns the key of a task that write number n moves to the bottom.
func BottomPosition(n int64) string { return fmt.Sprintf("%s%015d", bottomPrefix, n) }

// PositionAfter returns a key between low and high for a task that is placed directly after low. The key is close to
// high, because the next task is often placed directly after low as well.
func PositionAfter(low, high string) string {
	return between(low, high, func(gap *big.Int) (from, to *big.Int) {
		return new(big.Int).Sub(gap, part(gap, 32)), new(big.Int).Sub(gap, part(gap, 128))
	})
}

// PositionBefore returns a key between low and high for a task that is placed directly before high. The key is close
// to low, for the same reason.
func PositionBefore(low, high string) string {
	return between(low, high, func(gap *big.Int) (from, to *big.Int) { return part(gap, 128), part(gap, 32) })
}

// Positions returns n keys between low and high in ascending order, at about equal distances.
func Positions(low, high string, n int) []string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = between(low, high, func(gap *big.Int) (from, to *big.Int) {
			// The gap is divided into 3(n+1) parts; the key lies in part 3(i+1). Two unused parts separate the keys.
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

// between returns the shortest key whose distance from low is in the range from..to, both inclusive. span computes
// the range from gap, the distance between low and high.
func between(low, high string, span func(gap *big.Int) (from, to *big.Int)) string {
	// The common prefix is also the prefix of the key. Removing it keeps the numbers small.
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
			continue // no key of this length fits
		}
		return prefix + shortest(from.Add(from, a), to.Add(to, a), length)
	}
}

// shortest returns the key of a number between a and b, written with length digits. It chooses the number with the
// most trailing zeros and removes them.
func shortest(a, b *big.Int, length int) string {
	unit := big.NewInt(1)
	for {
		next := new(big.Int).Mul(unit, base)
		// m becomes the first multiple of next that is at least a.
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

// value returns the number that a key stands for when it is padded with zeros to length digits.
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
