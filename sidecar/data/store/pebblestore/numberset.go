package pebblestore

import (
	"maps"
	"sync/atomic"
)

// numberPageBits is the logarithm of how many numbers a page has.
const numberPageBits = 15

// numberSet is a set of encoding numbers, which are dense as a rule. One goroutine at a time changes it; lookups take no
// lock and may run beside that.
type numberSet struct {
	pages atomic.Pointer[map[uint64]*numberPage] // by the numbers' leading bits; replaced as a whole
}

// numberPage is a part of a set.
type numberPage struct {
	words [1 << numberPageBits / 64]atomic.Uint64
	count int // of the numbers in it; for who changes the set
}

func newNumberSet() *numberSet {
	s := &numberSet{}
	s.pages.Store(&map[uint64]*numberPage{})
	return s
}

// word returns the word of a page that a number is in, and its bit there.
func (p *numberPage) word(n uint64) (*atomic.Uint64, uint64) {
	return &p.words[n%(1<<numberPageBits)/64], 1 << (n % 64)
}

func (s *numberSet) has(n uint64) bool {
	p := (*s.pages.Load())[n>>numberPageBits]
	if p == nil {
		return false
	}
	word, bit := p.word(n)
	return word.Load()&bit != 0
}

func (s *numberSet) add(n uint64) {
	pages := *s.pages.Load()
	p := pages[n>>numberPageBits]
	if p == nil {
		p = &numberPage{}
		pages = maps.Clone(pages)
		pages[n>>numberPageBits] = p
		s.pages.Store(&pages)
	}
	if word, bit := p.word(n); word.Or(bit)&bit == 0 {
		p.count++
	}
}

func (s *numberSet) remove(n uint64) {
	pages := *s.pages.Load()
	p := pages[n>>numberPageBits]
	if p == nil {
		return
	}
	if word, bit := p.word(n); word.And(^bit)&bit != 0 {
		p.count--
	}
	if p.count == 0 {
		pages = maps.Clone(pages)
		delete(pages, n>>numberPageBits)
		s.pages.Store(&pages)
	}
}
