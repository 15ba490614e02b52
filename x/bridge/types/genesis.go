package types

import (
	"strings"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// DefaultGenesis returns the state of a chain whose validators have no keys.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks that keys are distinct, epochs follow each other and end with checkpoints that hand over to the next, and
// checkpoints are signed as they say they are, of the messages that there are.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if err := validateKeys(gs.Keys); err != nil {
		return err
	}
	sets := make([]wire.SignerSet, len(gs.Epochs))
	for i, e := range gs.Epochs {
		set, err := e.Set()
		if err != nil {
			return err
		}
		root := set.Root()
		switch {
		case e.Epoch != uint64(i)+1:
			return ErrInvalidGenesis.Wrapf("epoch %d follows epoch %d", e.Epoch, i)
		case string(root[:]) != string(e.Root):
			return ErrInvalidGenesis.Wrapf("the root of epoch %d is not that of its signers", e.Epoch)
		case e.Abandoned && e.LastSequence != 0:
			return ErrInvalidGenesis.Wrapf("epoch %d is abandoned and ends with checkpoint %d", e.Epoch, e.LastSequence)
		case (e.LastSequence != 0 || e.Abandoned) != (i < len(gs.Epochs)-1):
			return ErrInvalidGenesis.Wrapf("epoch %d of %d ends with checkpoint %d, abandoned %t", e.Epoch, len(gs.Epochs), e.LastSequence, e.Abandoned)
		}
		sets[i] = set
	}
	for i, d := range gs.Digests {
		if len(d.Digest) != len(wire.Hash{}) || i > 0 && d.Height <= gs.Digests[i-1].Height {
			return ErrInvalidGenesis.Wrapf("digests are malformed or do not ascend at height %d", d.Height)
		}
	}
	if err := gs.validateDigests(); err != nil {
		return err
	}
	if err := gs.validateCheckpoints(sets); err != nil {
		return err
	}
	return gs.validateMessages()
}

// validateDigests checks that no kept checkpoint is forgotten that is not older than all that is remembered: signatures of it would
// count as false.
func (gs GenesisState) validateDigests() error {
	known := make(map[uint64]string, len(gs.Digests))
	for _, d := range gs.Digests {
		known[d.Height] = string(d.Digest)
	}
	for i, c := range gs.Checkpoints {
		content, err := c.Decode()
		if err != nil {
			return err
		}
		digest := content.Digest()
		last := i == len(gs.Checkpoints)-1
		remembered, there := known[content.Height]
		if there && remembered != string(digest[:]) || !there && (last || len(gs.Digests) == 0 || content.Height > gs.Digests[0].Height) {
			return ErrInvalidGenesis.Wrapf("the digest of checkpoint %d is not remembered", c.Sequence)
		}
	}
	return nil
}

func validateKeys(keys []SignerKey) error {
	taken := make(map[string]bool, len(keys))
	for i, key := range keys {
		switch {
		case i > 0 && strings.Compare(keys[i-1].ConsensusAddress, key.ConsensusAddress) >= 0:
			return ErrInvalidGenesis.Wrapf("keys do not ascend at %s", key.ConsensusAddress)
		case taken[key.Address]:
			return ErrInvalidGenesis.Wrapf("two validators have the key %s", key.Address)
		}
		if address, err := wire.ParseAddress(key.Address); err != nil || address == (wire.Address{}) {
			return ErrInvalidGenesis.Wrapf("the key of %s has the address %q", key.ConsensusAddress, key.Address)
		}
		taken[key.Address] = true
	}
	return nil
}

func (gs GenesisState) validateCheckpoints(sets []wire.SignerSet) error {
	ends := make(map[uint64]bool, len(gs.Epochs))
	for _, e := range gs.Epochs {
		if e.LastSequence != 0 {
			ends[e.LastSequence] = true
		}
	}
	for i, c := range gs.Checkpoints {
		content, err := c.Decode()
		if err != nil {
			return err
		}
		last := i == len(gs.Checkpoints)-1
		switch {
		case c.Sequence == 0 || i > 0 && c.Sequence <= gs.Checkpoints[i-1].Sequence:
			return ErrInvalidGenesis.Wrapf("checkpoints do not ascend at %d", c.Sequence)
		case content.Epoch == 0 || content.Epoch > uint64(len(sets)):
			return ErrInvalidGenesis.Wrapf("checkpoint %d is of epoch %d of %d", c.Sequence, content.Epoch, len(sets))
		case content.Set != sets[content.Epoch-1].Root():
			return ErrInvalidGenesis.Wrapf("checkpoint %d does not name the signers of its epoch", c.Sequence)
		case content.EndsEpoch() != ends[c.Sequence]:
			return ErrInvalidGenesis.Wrapf("checkpoint %d and epoch %d do not agree whether it ends there", c.Sequence, content.Epoch)
		case content.EndsEpoch() && content.NextSet != sets[content.Epoch].Root():
			return ErrInvalidGenesis.Wrapf("checkpoint %d does not name the signers of the next epoch", c.Sequence)
		case !c.Complete && !last:
			return ErrInvalidGenesis.Wrapf("checkpoint %d is not complete, and others follow", c.Sequence)
		}
		if err := c.checkSignatures(sets[content.Epoch-1], content.Digest()); err != nil {
			return err
		}
		delete(ends, c.Sequence)
	}
	if len(ends) > 0 {
		return ErrInvalidGenesis.Wrapf("%d checkpoints that end epochs are missing", len(ends))
	}
	return nil
}

// checkSignatures fails with ErrInvalidGenesis unless the signatures are what power and complete say.
func (c Checkpoint) checkSignatures(set wire.SignerSet, digest wire.Hash) error {
	var power uint64
	for i, s := range c.Signatures {
		if len(s.Signature) != len(wire.Signature{}) || int(s.Index) >= len(set) || i > 0 && s.Index <= c.Signatures[i-1].Index {
			return ErrInvalidGenesis.Wrapf("checkpoint %d: signature %d is malformed or out of order", c.Sequence, i)
		}
		signer, err := wire.Signature(s.Signature).Signer(digest)
		if err != nil || signer != set[s.Index].Address {
			return ErrInvalidGenesis.Wrapf("checkpoint %d: signature %d is not that of member %d", c.Sequence, i, s.Index)
		}
		power += set[s.Index].Power
	}
	if power != c.Power || set.Suffices(power) != c.Complete {
		return ErrInvalidGenesis.Wrapf("checkpoint %d says power %d, complete %t; its signatures have %d", c.Sequence, c.Power, c.Complete, power)
	}
	return nil
}
