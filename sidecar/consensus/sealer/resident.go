package sealer

// resident keeps the mapped memory of sectors that are labelled together within its bound.
type resident struct {
	store  *Store
	nodes  uint64
	looked uint64 // labels since the last look
}

// passed is called after labels were made. It gives the mapped memory back when the process keeps three quarters of what a sealer may
// keep: the last one is for what is added until the next look. What other sealers keep counts as well.
func (r *resident) passed(labels uint64, lanes []*lane) error {
	if r.looked += labels; r.looked < r.store.opts.lookAfter(r.nodes) {
		return nil
	}
	r.looked = 0
	most, _ := r.store.opts.mappedBytes(r.nodes)
	kept, known := residentFiles()
	if known && kept < r.store.residentAtOpen+most/4*3 {
		return nil
	}
	for _, l := range lanes {
		for _, m := range l.mappings() {
			if err := m.forget(); err != nil {
				return err
			}
		}
	}
	return nil
}
