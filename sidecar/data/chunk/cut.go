package chunk

// Cut returns the length of the first chunk of data, which must be all that is left of the stream, or at least
// MaxBytes of it. It is 0 for empty data only. p must be valid.
func Cut(data []byte, p Params) int {
	if len(data) <= p.MinBytes {
		return len(data)
	}
	data = data[:min(len(data), p.MaxBytes)]
	before, after := p.limits()
	var hash uint64
	for _, b := range data[p.MinBytes-windowBytes : p.MinBytes] {
		hash = hash<<1 + gear[b]
	}
	pos := p.MinBytes
	if hash < before {
		return pos
	}
	hash, pos, found := roll(data[:min(len(data), p.TargetBytes-1)], hash, pos, before)
	if !found {
		_, pos, _ = roll(data, hash, pos, after)
	}
	return pos
}

// roll advances the hash, which covers data[:pos], until it falls below limit or data ends; it returns where it stopped
// and whether the hash is below.
func roll(data []byte, hash uint64, pos int, limit uint64) (uint64, int, bool) {
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
			return hash, pos, true
		}
	}
	return hash, pos, false
}
