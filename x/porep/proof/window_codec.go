package proof

import (
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

const (
	// MaxProofSize is the largest binary proof, in bytes.
	MaxProofSize = 512 << 10

	proofVersion     = 1
	windowHeaderSize = 1 + 1 + 8 + 2
	markMissing      = 0
	markOpening      = 1
)

// MarshalBinary returns the binary form of the proof:
//
//	version u8 = 1 | class u8 | window u64 | count u16 | count times: mark u8 [opening]
//
// Integers are little endian. The mark is 1 before an opening and 0 where one is missing. It fails with ErrClassUnsupported,
// ErrClassUnknown, ErrTooLarge or ErrMalformed when the value has no binary form.
func (wp *WindowProof) MarshalBinary() ([]byte, error) {
	if err := wp.Class.Check(); err != nil {
		return nil, err
	}
	if err := checkCount(len(wp.Openings)); err != nil {
		return nil, err
	}
	b := []byte{proofVersion, byte(wp.Class)}
	b = binary.LittleEndian.AppendUint64(b, wp.Window)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(wp.Openings)))
	for i, o := range wp.Openings {
		if o == nil {
			b = append(b, markMissing)
			continue
		}
		var err error
		if b, err = o.AppendBinary(append(b, markOpening)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, &OpeningError{i, err})
		}
	}
	if len(b) > MaxProofSize {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(b), MaxProofSize)
	}
	return b, nil
}

// DecodeWindowProof reads the window proof that b is the binary form of. It keeps no reference to b. It fails with ErrTooLarge,
// ErrVersion, ErrClassUnsupported or ErrClassUnknown as the header says, else with ErrMalformed, wrapping
// an OpeningError where one opening is at fault.
func DecodeWindowProof(b []byte) (*WindowProof, error) {
	class, b, err := consumeHeader(b, windowHeaderSize)
	if err != nil {
		return nil, err
	}
	wp := &WindowProof{Class: class, Window: binary.LittleEndian.Uint64(b)}
	count := int(binary.LittleEndian.Uint16(b[8:]))
	if err := checkCount(count); err != nil {
		return nil, err
	}
	b = b[10:]
	if len(b) < count {
		return nil, fmt.Errorf("%w: cut short", ErrMalformed)
	}
	wp.Openings = make([]*commitment.Opening, count)
	for i := range wp.Openings {
		if len(b) == 0 {
			return nil, fmt.Errorf("%w: cut short before opening %d", ErrMalformed, i)
		}
		mark := b[0]
		b = b[1:]
		switch mark {
		case markMissing:
		case markOpening:
			if wp.Openings[i], b, err = commitment.ConsumeOpening(b); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrMalformed, &OpeningError{i, err})
			}
		default:
			return nil, fmt.Errorf("%w: mark %d of opening %d", ErrMalformed, mark, i)
		}
	}
	if len(b) != 0 {
		return nil, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, len(b))
	}
	return wp, nil
}

// consumeHeader checks the size, version and class that every proof of openings begins with and returns what follows, which is at
// least the rest of a header of headerSize bytes.
func consumeHeader(b []byte, headerSize int) (Class, []byte, error) {
	class, b, err := consumeVersion(b, headerSize)
	if err != nil {
		return 0, nil, err
	}
	return class, b, class.Check()
}

// consumeVersion checks size and version and returns the class, whichever it is, and what follows.
func consumeVersion(b []byte, headerSize int) (Class, []byte, error) {
	if len(b) > MaxProofSize {
		return 0, nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(b), MaxProofSize)
	}
	if len(b) < headerSize {
		return 0, nil, fmt.Errorf("%w: header cut short at %d bytes", ErrMalformed, len(b))
	}
	if b[0] != proofVersion {
		return 0, nil, fmt.Errorf("%w: %d, want %d", ErrVersion, b[0], proofVersion)
	}
	return Class(b[1]), b[2:], nil
}
