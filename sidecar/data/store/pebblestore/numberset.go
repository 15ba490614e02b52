package pebblestore

// numberSet is a set of encoding numbers, which are dense as a rule.
type numberSet map[uint64]uint64 // 64 numbers in a word

func (s numberSet) add(n uint64) { s[n/64] |= 1 << (n % 64) }

func (s numberSet) has(n uint64) bool { return s[n/64]&(1<<(n%64)) != 0 }

func (s numberSet) remove(n uint64) {
	if s[n/64] &^= 1 << (n % 64); s[n/64] == 0 {
		delete(s, n/64)
	}
}
