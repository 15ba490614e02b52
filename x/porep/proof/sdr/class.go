package sdr

import (
	"fmt"
	"math/bits"
)

// NodeSize is the size of a node in bytes: of a label, of the data and of the replica.
const NodeSize = 32

const (
	// MinNodes and MaxNodes bound the nodes of a sector, a power of two.
	MinNodes = 1 << 6
	MaxNodes = 1 << 30
)

// Class is a sector size. Its values are part of the wire formats.
type Class uint8

const (
	// Test4MiB makes no security claim: a replica can be made again within a response time.
	Test4MiB Class = 1
	// Std1GiB rests on the best known attacks.
	Std1GiB Class = 2
	// Big32GiB has a proven bound on latency, where nobody labels faster than docs/spec/porep-sealed.md says.
	Big32GiB Class = 3
)

// Classes lists every class, smallest first.
var Classes = []Class{Test4MiB, Std1GiB, Big32GiB}

// Nodes returns the number of nodes of a sector of the class, 0 for an unknown class.
func (c Class) Nodes() uint64 {
	switch c {
	case Test4MiB:
		return 4 << 20 / NodeSize
	case Std1GiB:
		return 1 << 30 / NodeSize
	case Big32GiB:
		return 32 << 30 / NodeSize
	default:
		return 0
	}
}

// SizeBytes returns the size of a sector of the class in bytes.
func (c Class) SizeBytes() uint64 { return c.Nodes() * NodeSize }

// String returns the name of the class as users write it.
func (c Class) String() string {
	switch c {
	case Test4MiB:
		return "test-4MiB"
	case Std1GiB:
		return "std-1GiB"
	case Big32GiB:
		return "big-32GiB"
	default:
		return fmt.Sprintf("class(%d)", uint8(c))
	}
}

// Check fails with ErrClass for an unknown class.
func (c Class) Check() error {
	if c.Nodes() == 0 {
		return fmt.Errorf("%w: %d", ErrClass, uint8(c))
	}
	return nil
}

// ParseClass reads the name of a class. It fails with ErrClass.
func ParseClass(name string) (Class, error) {
	for _, c := range Classes {
		if c.String() == name {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%w: %q, want one of %v", ErrClass, name, Classes)
}

// Depth returns the number of levels between the leaves of a sector's trees and their root. It needs a valid number of nodes.
func Depth(nodes uint64) int { return bits.Len64(nodes) - 1 }

// CheckNodes fails with ErrNodes unless nodes is a power of two between MinNodes and MaxNodes.
func CheckNodes(nodes uint64) error {
	if nodes < MinNodes || nodes > MaxNodes || nodes&(nodes-1) != 0 {
		return fmt.Errorf("%w: %d, want a power of two from %d to %d", ErrNodes, nodes, MinNodes, uint64(MaxNodes))
	}
	return nil
}
