//go:build !linux

package hugepages

// Advise does nothing: other systems give huge pages by themselves or not at all.
func Advise(uint64) error { return nil }
