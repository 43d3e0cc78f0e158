package models

// Repeats returns how much a text repeats itself near its end: the sum, over all of its endings, of 1 divided by the distance after which the ending
// can occur again. It is about the logarithm of the length for most texts, and the length for a text of equal bytes.
//
// Who looks for the text from its end compares at most that many bytes, and one, for each byte of a longer text.
func Repeats(text string) float64 {
	// borders[n] is the length of the longest part of an ending of n bytes, shorter than it, that is at both of its ends.
	borders, sum := make([]int, len(text)+1), 0.0
	at := func(i int) byte { return text[len(text)-1-i] }
	border := 0
	for n := 1; n <= len(text); n++ {
		if n > 1 {
			for border > 0 && at(border) != at(n-1) {
				border = borders[border]
			}
			if at(border) == at(n-1) {
				border++
			}
			borders[n] = border
		}
		sum += 1 / float64(n-borders[n])
	}
	return sum
}
