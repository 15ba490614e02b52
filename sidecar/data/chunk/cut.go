package chunk

// scanner looks for the end of one chunk in a buffer that grows at its tail. The zero value is not usable.
type scanner struct {
	params        Params
	before, after uint64 // the hash bounds of Params.limits

	hash uint64
	pos  int // length of the shortest chunk not yet ruled out; 0 before the window is primed
}

func newScanner(p Params) scanner {
	s := scanner{params: p}
	s.before, s.after = p.limits()
	return s
}

// restart prepares for a new chunk.
func (s *scanner) restart() {
	s.hash, s.pos = 0, 0
}

// scan searches data, which holds the chunk's bytes so far, and returns the chunk's length, or 0 when no cut is
// known yet. A later call must pass the same bytes with more behind them.
func (s *scanner) scan(data []byte) int {
	p := s.params
	if len(data) < p.MinBytes {
		return 0
	}
	if s.pos == 0 {
		for _, b := range data[p.MinBytes-windowBytes : p.MinBytes] {
			s.hash = s.hash<<1 + gear[b]
		}
		s.pos = p.MinBytes
		if s.hash < s.before {
			return s.pos
		}
	}
	data = data[:min(len(data), p.MaxBytes)]
	if s.pos < p.TargetBytes {
		if s.roll(data[:min(len(data), p.TargetBytes-1)], s.before) {
			return s.pos
		}
	}
	if s.roll(data, s.after) {
		return s.pos
	}
	if s.pos == p.MaxBytes {
		return s.pos
	}
	return 0
}

// roll advances over data until the hash falls below limit, which it reports, or data ends.
func (s *scanner) roll(data []byte, limit uint64) bool {
	hash, pos := s.hash, s.pos
	for ; pos+4 <= len(data); pos += 4 {
		d := data[pos : pos+4 : pos+4]
		h1 := hash<<1 + gear[d[0]]
		h2 := h1<<1 + gear[d[1]]
		h3 := h2<<1 + gear[d[2]]
		h4 := h3<<1 + gear[d[3]]
		if h1 < limit || h2 < limit || h3 < limit || h4 < limit {
			break
		}
		hash = h4
	}
	for pos < len(data) {
		hash = hash<<1 + gear[data[pos]]
		pos++
		if hash < limit {
			s.hash, s.pos = hash, pos
			return true
		}
	}
	s.hash, s.pos = hash, pos
	return false
}

// Cut returns the length of the first chunk of data, which must be all that is left of the stream, or at least
// MaxBytes of it. It is 0 for empty data only. p must be valid.
func Cut(data []byte, p Params) int {
	if len(data) <= p.MinBytes {
		return len(data)
	}
	s := newScanner(p)
	if n := s.scan(data); n != 0 {
		return n
	}
	return len(data)
}
