// Package raced tells tests whether the race detector watches them. It makes work many times slower; what repeats one goroutine's
// work to find states that no interleaving leads to is repeated less often then.
package raced

// Some returns n without the race detector, and a quarter of it, at least one, with it.
func Some(n int) int {
	if On {
		return max(1, n/4)
	}
	return n
}
