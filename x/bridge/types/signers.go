package types

import (
	"cmp"
	"slices"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Set returns the signer set of an epoch. It fails with ErrInvalidGenesis if it is none.
func (e SignerEpoch) Set() (wire.SignerSet, error) {
	set := make(wire.SignerSet, len(e.Signers))
	for i, s := range e.Signers {
		address, err := wire.ParseAddress(s.Address)
		if err != nil {
			return nil, ErrInvalidGenesis.Wrapf("signer %d of epoch %d: %s", i, e.Epoch, err)
		}
		set[i] = wire.Member{Address: address, Power: s.Power}
	}
	if err := set.Validate(); err != nil {
		return nil, ErrInvalidGenesis.Wrapf("epoch %d: %s", e.Epoch, err)
	}
	return set, nil
}

// NewSignerEpoch returns an epoch with a signer set, whose members' consensus addresses are in owners.
func NewSignerEpoch(epoch uint64, set wire.SignerSet, owners map[wire.Address]string, height, unixMilli int64) SignerEpoch {
	root := set.Root()
	e := SignerEpoch{Epoch: epoch, Root: root[:], FirstHeight: height, BeganUnixMilli: unixMilli}
	for _, m := range set {
		e.Signers = append(e.Signers, Signer{Address: m.Address.String(), Power: m.Power, ConsensusAddress: owners[m.Address]})
	}
	return e
}

// Signed tells whether the member at a place has signed.
func (c Checkpoint) Signed(index int) bool {
	_, there := c.find(index)
	return there
}

// Insert adds the signature of the member at a place, unless there is one.
func (c *Checkpoint) Insert(index int, signature wire.Signature) (added bool) {
	at, there := c.find(index)
	if !there {
		c.Signatures = slices.Insert(c.Signatures, at, Signature{Index: uint32(index), Signature: signature[:]})
	}
	return !there
}

func (c Checkpoint) find(index int) (at int, there bool) {
	return slices.BinarySearchFunc(c.Signatures, uint32(index), func(s Signature, index uint32) int { return cmp.Compare(s.Index, index) })
}

// Decode returns what a checkpoint says. It fails with ErrInvalidGenesis if its content is malformed.
func (c Checkpoint) Decode() (wire.Checkpoint, error) {
	content, err := wire.DecodeCheckpoint(c.Content)
	if err != nil {
		return wire.Checkpoint{}, ErrInvalidGenesis.Wrapf("checkpoint %d: %s", c.Sequence, err)
	}
	return content, nil
}
