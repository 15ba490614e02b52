package wire

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
)

const (
	// MaxSigners bounds the members of a signer set.
	MaxSigners = 256
	// MaxTotalPower bounds the sum of their powers, so that three times it fits 64 bits.
	MaxTotalPower = 1<<62 - 1

	memberBytes  = 20 + 8
	signerSetTag = "IPDM/vs/v1"
)

// Member is one signer of a set.
type Member struct {
	Address Address
	Power   uint64
}

// SignerSet is who signs the checkpoints of an epoch: 1 to MaxSigners members, the most powerful first, those of equal
// power by address.
type SignerSet []Member

// NewSignerSet orders members into a set. It fails with ErrMalformed if they are none.
func NewSignerSet(members []Member) (SignerSet, error) {
	s := SignerSet(slices.SortedFunc(slices.Values(members), compareMembers))
	return s, s.Validate()
}

func compareMembers(a, b Member) int {
	return cmp.Or(cmp.Compare(b.Power, a.Power), bytes.Compare(a.Address[:], b.Address[:]))
}

// Validate fails with ErrMalformed unless the set has 1 to MaxSigners members in order, with distinct addresses that are
// not zero and powers that are not zero and sum to at most MaxTotalPower.
func (s SignerSet) Validate() error {
	if len(s) == 0 || len(s) > MaxSigners {
		return fmt.Errorf("%w signer set: %d members, expected 1 to %d", ErrMalformed, len(s), MaxSigners)
	}
	seen := make(map[Address]struct{}, len(s))
	var total uint64
	for i, m := range s {
		switch _, twice := seen[m.Address]; {
		case m.Address == Address{}:
			return fmt.Errorf("%w signer set: the address of member %d is zero", ErrMalformed, i)
		case m.Power == 0:
			return fmt.Errorf("%w signer set: the power of member %d is zero", ErrMalformed, i)
		case m.Power > MaxTotalPower-total:
			return fmt.Errorf("%w signer set: the powers sum to more than %d", ErrMalformed, uint64(MaxTotalPower))
		case twice:
			return fmt.Errorf("%w signer set: %s occurs twice", ErrMalformed, m.Address)
		case i > 0 && compareMembers(s[i-1], m) > 0:
			return fmt.Errorf("%w signer set: member %d is out of order", ErrMalformed, i)
		}
		seen[m.Address] = struct{}{}
		total += m.Power
	}
	return nil
}

// TotalPower returns the sum of the powers of a valid set.
func (s SignerSet) TotalPower() uint64 {
	var total uint64
	for _, m := range s {
		total += m.Power
	}
	return total
}

// Index returns the place of a member, or -1.
func (s SignerSet) Index(a Address) int {
	return slices.IndexFunc(s, func(m Member) bool { return m.Address == a })
}

// Encode returns the bytes of a valid set.
func (s SignerSet) Encode() []byte {
	out := make([]byte, 0, 2+len(s)*memberBytes)
	out = binary.BigEndian.AppendUint16(out, uint16(len(s)))
	for _, m := range s {
		out = append(out, m.Address[:]...)
		out = binary.BigEndian.AppendUint64(out, m.Power)
	}
	return out
}

// DecodeSignerSet reads a set. It fails with ErrMalformed if the bytes are no valid set.
func DecodeSignerSet(raw []byte) (SignerSet, error) {
	if len(raw) < 2 {
		return nil, fmt.Errorf("%w signer set: %d bytes", ErrMalformed, len(raw))
	}
	count := int(binary.BigEndian.Uint16(raw))
	if count > MaxSigners || len(raw) != 2+count*memberBytes {
		return nil, fmt.Errorf("%w signer set: %d bytes for %d members", ErrMalformed, len(raw), count)
	}
	s := make(SignerSet, count)
	in := cursor(raw[2:])
	for i := range s {
		s[i] = Member{Address: Address(in.take(20)), Power: in.u64()}
	}
	return s, s.Validate()
}

// Root returns what stands for the set in a checkpoint.
func (s SignerSet) Root() Hash { return Sum([]byte(signerSetTag), s.Encode()) }
