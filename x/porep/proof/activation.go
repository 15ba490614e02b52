package proof

import (
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

const activationHeaderSize = 1 + 1 + 2

// ActivationProof shows that a provider holds a unit it takes on. Nothing in it may be missing.
type ActivationProof struct {
	// Class is the class proven.
	Class Class
	// Last proves the last leaf, and so that the leaves add up to the total length.
	Last *commitment.LeafProof
	// Openings answer the offsets asked for, in their order.
	Openings []*commitment.Opening
}

// VerifyActivation checks ap against the commitment commD over totalBytes: the last leaf ends at totalBytes, and the i-th opening
// shows the byte at offsets[i].
//
// It fails with ErrClassUnsupported, ErrClassUnknown, ErrCount, ErrMalformed, ErrTooLarge or ErrLastLeaf, and with an
// OpeningError when an opening is invalid or nil.
func VerifyActivation(ap *ActivationProof, commD format.Digest, totalBytes uint64, offsets []uint64) error {
	if ap == nil {
		return fmt.Errorf("%w: no proof", ErrMalformed)
	}
	if err := ap.Class.Check(); err != nil {
		return err
	}
	if err := checkCount(len(ap.Openings)); err != nil {
		return err
	}
	if len(ap.Openings) != len(offsets) {
		return fmt.Errorf("%w: %d, want %d", ErrCount, len(ap.Openings), len(offsets))
	}
	if err := commitment.VerifyLast(commD, totalBytes, ap.Last); err != nil {
		return fmt.Errorf("%w: %w", ErrLastLeaf, err)
	}
	for i, o := range ap.Openings {
		if err := commitment.Verify(commD, totalBytes, offsets[i], o); err != nil {
			return &OpeningError{i, err}
		}
	}
	return nil
}

// MarshalBinary returns the binary form of the proof:
//
//	version u8 = 1 | class u8 | count u16 | last leaf proof | count times: opening
//
// Integers are little endian. It fails with ErrClassUnsupported, ErrClassUnknown, ErrTooLarge or ErrMalformed when the value has no
// binary form.
func (ap *ActivationProof) MarshalBinary() ([]byte, error) {
	if err := ap.Class.Check(); err != nil {
		return nil, err
	}
	if err := checkCount(len(ap.Openings)); err != nil {
		return nil, err
	}
	if ap.Last == nil {
		return nil, fmt.Errorf("%w: no last leaf", ErrMalformed)
	}
	if err := checkLast(ap.Last); err != nil {
		return nil, err
	}
	b := binary.LittleEndian.AppendUint16([]byte{proofVersion, byte(ap.Class)}, uint16(len(ap.Openings)))
	b, err := ap.Last.AppendBinary(b)
	if err != nil {
		return nil, fmt.Errorf("%w: last leaf: %w", ErrMalformed, err)
	}
	for i, o := range ap.Openings {
		if o == nil {
			return nil, fmt.Errorf("%w: opening %d is missing", ErrMalformed, i)
		}
		if b, err = o.AppendBinary(b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, &OpeningError{i, err})
		}
	}
	if len(b) > MaxProofSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(b), MaxProofSize)
	}
	return b, nil
}

// DecodeActivationProof reads the activation proof that b is the binary form of. It keeps no reference to b. It fails with
// ErrTooLarge, ErrVersion, ErrClassUnsupported or ErrClassUnknown as the header says, else with ErrMalformed, wrapping
// an OpeningError where one opening is at fault.
func DecodeActivationProof(b []byte) (*ActivationProof, error) {
	class, b, err := consumeHeader(b, activationHeaderSize)
	if err != nil {
		return nil, err
	}
	count := int(binary.LittleEndian.Uint16(b))
	if err := checkCount(count); err != nil {
		return nil, err
	}
	ap := &ActivationProof{Class: class}
	if ap.Last, b, err = commitment.ConsumeLeafProof(b[2:]); err != nil {
		return nil, fmt.Errorf("%w: last leaf: %w", ErrMalformed, err)
	}
	if err := checkLast(ap.Last); err != nil {
		return nil, err
	}
	ap.Openings = make([]*commitment.Opening, count)
	for i := range ap.Openings {
		if ap.Openings[i], b, err = commitment.ConsumeOpening(b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, &OpeningError{i, err})
		}
	}
	if len(b) != 0 {
		return nil, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, len(b))
	}
	return ap, nil
}

func checkLast(p *commitment.LeafProof) error {
	if p.Count == 0 || p.Index != p.Count-1 {
		return fmt.Errorf("%w: leaf %d is not the last of %d", ErrMalformed, p.Index, p.Count)
	}
	return nil
}
