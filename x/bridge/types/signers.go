package types

import (
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Set returns the signer set of an epoch. It fails with ErrInvalidGenesis if it is none.
func (e SignerEpoch) Set() (wire.SignerSet, error) {
	set := make(wire.SignerSet, len(e.Signers))
	for i, s := range e.Signers {
		if len(s.Address) != len(wire.Address{}) {
			return nil, ErrInvalidGenesis.Wrapf("signer %d of epoch %d has an address of %d bytes", i, e.Epoch, len(s.Address))
		}
		set[i] = wire.Member{Address: wire.Address(s.Address), Power: s.Power}
	}
	if err := set.Validate(); err != nil {
		return nil, ErrInvalidGenesis.Wrapf("epoch %d: %s", e.Epoch, err)
	}
	return set, nil
}

// NewSignerEpoch returns an epoch with a signer set.
func NewSignerEpoch(epoch uint64, set wire.SignerSet, height, unixMilli int64) SignerEpoch {
	root := set.Root()
	e := SignerEpoch{Epoch: epoch, Root: root[:], FirstHeight: height, BeganUnixMilli: unixMilli}
	for _, m := range set {
		e.Signers = append(e.Signers, Signer{Address: m.Address[:], Power: m.Power})
	}
	return e
}

// Decode returns what a checkpoint says. It fails with ErrInvalidGenesis if its content is malformed.
func (c Checkpoint) Decode() (wire.Checkpoint, error) {
	content, err := wire.DecodeCheckpoint(c.Content)
	if err != nil {
		return wire.Checkpoint{}, ErrInvalidGenesis.Wrapf("checkpoint %d: %s", c.Sequence, err)
	}
	return content, nil
}
