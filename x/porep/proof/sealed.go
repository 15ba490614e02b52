package proof

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// SealedChallenge asks for a node of a sealed replica.
type SealedChallenge struct {
	// CommRLast is the root over the replica's nodes.
	CommRLast [32]byte
	// Nodes is how many there are, a power of two as sdr.CheckNodes wants it.
	Nodes uint64
	// Node is the one asked for, below Nodes.
	Node uint64
}

func (c SealedChallenge) check() error {
	if err := sdr.CheckNodes(c.Nodes); err != nil {
		return fmt.Errorf("%w: %w", ErrChallenge, err)
	}
	if c.Node >= c.Nodes {
		return fmt.Errorf("%w: node %d of %d", ErrChallenge, c.Node, c.Nodes)
	}
	return nil
}

// NodeOpening shows a node of a sealed replica.
type NodeOpening struct {
	// Node is the node itself.
	Node [32]byte
	// Path holds the siblings on the way to the root, lowest first.
	Path [][32]byte
}

// Verify checks the opening against a challenge. It fails with ErrChallenge for one that makes no sense and with ErrNode when the node
// is another one.
func (o *NodeOpening) Verify(c SealedChallenge) error {
	if err := c.check(); err != nil {
		return err
	}
	if want := sdr.Depth(c.Nodes); len(o.Path) != want {
		return fmt.Errorf("%w: path of %d levels, want %d", ErrNode, len(o.Path), want)
	}
	at, index := o.Node, c.Node
	for i := range o.Path {
		if index&1 == 0 {
			at = sdr.HashPair(&at, &o.Path[i])
		} else {
			at = sdr.HashPair(&o.Path[i], &at)
		}
		index >>= 1
	}
	if at != c.CommRLast {
		return fmt.Errorf("%w: node %d", ErrNode, c.Node)
	}
	return nil
}

// SealedWindowProof is a provider's answer to the challenges of one window of the sealed class.
type SealedWindowProof struct {
	// Window is the index of the window.
	Window uint64
	// Openings answer the challenges in their order; nil stands for one that the provider declares missing.
	Openings []*NodeOpening
}

// VerifySealed checks wp against the challenges of a window, as Verify does for the open class, and returns the positions declared
// missing in rising order. It fails with ErrWindow, ErrCount, ErrMalformed, ErrTooLarge or ErrChallenge, and with an OpeningError.
func VerifySealed(wp *SealedWindowProof, window uint64, challenges []SealedChallenge) (missing []int, err error) {
	if wp == nil {
		return nil, fmt.Errorf("%w: no proof", ErrMalformed)
	}
	if wp.Window != window {
		return nil, fmt.Errorf("%w: made for %d, want %d", ErrWindow, wp.Window, window)
	}
	if err := checkCount(len(wp.Openings)); err != nil {
		return nil, err
	}
	if len(wp.Openings) != len(challenges) {
		return nil, fmt.Errorf("%w: %d, want %d", ErrCount, len(wp.Openings), len(challenges))
	}
	for i, c := range challenges {
		if err := c.check(); err != nil {
			return nil, &OpeningError{i, err}
		}
		if wp.Openings[i] == nil {
			missing = append(missing, i)
			continue
		}
		if err := wp.Openings[i].Verify(c); err != nil {
			return nil, &OpeningError{i, err}
		}
	}
	return missing, nil
}

// SealedSource is where ProveSealed finds what it proves: a provider's sectors.
type SealedSource interface {
	// OpenNode returns the opening of a node. What does not verify is declared missing.
	OpenNode(ctx context.Context, c SealedChallenge) (*NodeOpening, error)
}

// ProveSealed answers the challenges of a window from source, and checks every answer before it becomes part of the proof, so that
// damage is declared rather than submitted. missing tells why, in rising order of position. It fails like Prove.
func ProveSealed(
	ctx context.Context, window uint64, challenges []SealedChallenge, source SealedSource,
) (wp *SealedWindowProof, missing []*OpeningError, err error) {
	if err := checkCount(len(challenges)); err != nil {
		return nil, nil, err
	}
	wp = &SealedWindowProof{Window: window, Openings: make([]*NodeOpening, len(challenges))}
	for i, c := range challenges {
		if err := c.check(); err != nil {
			return nil, nil, &OpeningError{i, err}
		}
		o, err := source.OpenNode(ctx, c)
		if ctxErr := ctx.Err(); ctxErr != nil {
			return nil, nil, fmt.Errorf("failed to prove window %d: %w", window, ctxErr)
		}
		if err == nil && o == nil {
			err = ErrSource
		}
		if err == nil {
			err = o.Verify(c)
		}
		if err != nil {
			missing = append(missing, &OpeningError{i, err})
			continue
		}
		wp.Openings[i] = o
	}
	return wp, missing, nil
}

// MarshalBinary returns the binary form of the proof:
//
//	version u8 = 1 | class u8 = 2 | window u64 | count u16 | count times: mark u8 [levels u8 | node 32 | path, 32 a level]
//
// Integers are little endian. The mark is 1 before an opening and 0 where one is missing. It fails with ErrTooLarge or
// ErrMalformed when the value has no binary form.
func (wp *SealedWindowProof) MarshalBinary() ([]byte, error) {
	if err := checkCount(len(wp.Openings)); err != nil {
		return nil, err
	}
	b := []byte{proofVersion, byte(ClassSealed)}
	b = binary.LittleEndian.AppendUint64(b, wp.Window)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(wp.Openings)))
	for i, o := range wp.Openings {
		if o == nil {
			b = append(b, markMissing)
			continue
		}
		if err := checkLevels(len(o.Path)); err != nil {
			return nil, &OpeningError{i, err}
		}
		b = append(b, markOpening, byte(len(o.Path)))
		b = append(b, o.Node[:]...)
		for level := range o.Path {
			b = append(b, o.Path[level][:]...)
		}
	}
	return b, nil
}

// DecodeSealedWindowProof reads the window proof that b is the binary form of. It keeps no reference to b. It fails with
// ErrTooLarge, ErrVersion, ErrClassUnsupported for any other class, and else with ErrMalformed.
func DecodeSealedWindowProof(b []byte) (*SealedWindowProof, error) {
	class, b, err := consumeVersion(b, windowHeaderSize)
	if err != nil {
		return nil, err
	}
	if class != ClassSealed {
		return nil, fmt.Errorf("%w: %s, want %s", ErrClassUnsupported, class, ClassSealed)
	}
	wp := &SealedWindowProof{Window: binary.LittleEndian.Uint64(b)}
	count := int(binary.LittleEndian.Uint16(b[8:]))
	if err := checkCount(count); err != nil {
		return nil, err
	}
	if b = b[10:]; len(b) < count {
		return nil, fmt.Errorf("%w: cut short", ErrMalformed)
	}
	wp.Openings = make([]*NodeOpening, count)
	for i := range wp.Openings {
		if wp.Openings[i], b, err = consumeNodeOpening(b); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, &OpeningError{i, err})
		}
	}
	if len(b) != 0 {
		return nil, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, len(b))
	}
	return wp, nil
}

// consumeNodeOpening reads a mark and, unless it says missing, an opening.
func consumeNodeOpening(b []byte) (*NodeOpening, []byte, error) {
	if len(b) == 0 {
		return nil, nil, fmt.Errorf("%w: cut short", ErrMalformed)
	}
	mark, b := b[0], b[1:]
	switch mark {
	case markMissing:
		return nil, b, nil
	case markOpening:
	default:
		return nil, nil, fmt.Errorf("%w: mark %d", ErrMalformed, mark)
	}
	if len(b) == 0 {
		return nil, nil, fmt.Errorf("%w: cut short", ErrMalformed)
	}
	levels := int(b[0])
	if err := checkLevels(levels); err != nil {
		return nil, nil, err
	}
	if b = b[1:]; len(b) < (1+levels)*sdr.NodeSize {
		return nil, nil, fmt.Errorf("%w: cut short", ErrMalformed)
	}
	o := &NodeOpening{Node: [32]byte(b[:sdr.NodeSize]), Path: make([][32]byte, levels)}
	for i := range o.Path {
		b = b[sdr.NodeSize:]
		o.Path[i] = [32]byte(b[:sdr.NodeSize])
	}
	return o, b[sdr.NodeSize:], nil
}

func checkLevels(levels int) error {
	if least, most := sdr.Depth(sdr.MinNodes), sdr.Depth(sdr.MaxNodes); levels < least || levels > most {
		return fmt.Errorf("%w: path of %d levels, want %d to %d", ErrMalformed, levels, least, most)
	}
	return nil
}
