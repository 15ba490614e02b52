//go:build !amd64

package blake3lanes

// There is no code for this processor.
const (
	Available = false
	Wide      = false
)

func compress(*group, int, int, uint32, uint32) { panic("blake3lanes: not available") }
