package sealer

// resident keeps the mapped memory of the sealing of one sector within its bound.
type resident struct {
	store    *Store
	nodes    uint64
	looked   uint64 // labels since the last look
	mappings []*mapping
}

// passed is called after labels were made. It gives the mapped memory back when the process keeps three quarters of what this sealer may
// keep: the last one is for what is added until the next look. What other sealers keep counts as well.
func (r *resident) passed(labels uint64) error {
	if r.looked += labels; r.looked < r.store.opts.lookAfter(r.nodes) {
		return nil
	}
	r.looked = 0
	most, _ := r.store.opts.mappedBytes(r.nodes)
	kept, known := residentFiles()
	if known && kept < r.store.residentAtOpen+most/4*3 {
		return nil
	}
	for _, m := range r.mappings {
		if m == nil {
			continue
		}
		if err := m.forget(); err != nil {
			return err
		}
	}
	return nil
}
