//go:build !amd64

package blake3lanes

// Available is false: there is no code for this processor.
const Available = false

func compress(*[8][Lanes]uint32, *[Lanes]*byte, *[Lanes]uint32, uint32) {
	panic("blake3lanes: not available")
}
