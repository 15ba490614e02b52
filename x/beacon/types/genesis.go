package types

import (
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

// ValueSizeBytes is the size of every value.
const ValueSizeBytes = vrf.ValueSizeBytes

// DefaultGenesis returns the state of a chain without blocks, whose validators have no keys.
func DefaultGenesis() *GenesisState { return &GenesisState{Params: DefaultParams()} }

// Validate checks the parameters, that the history is whole values of heights that exist, and each key by itself.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	values := int64(len(gs.History) / ValueSizeBytes)
	switch {
	case len(gs.History)%ValueSizeBytes != 0:
		return ErrInvalidGenesis.Wrapf("history of %d bytes, want whole values of %d", len(gs.History), ValueSizeBytes)
	case gs.Height < 0:
		return ErrInvalidGenesis.Wrapf("height %d", gs.Height)
	case values == 0 && gs.Height != 0:
		return ErrInvalidGenesis.Wrapf("no value of height %d", gs.Height)
	case values > gs.Height+1:
		return ErrInvalidGenesis.Wrapf("%d values up to height %d", values, gs.Height)
	case values > int64(gs.Params.HistoryBlocks):
		return ErrInvalidGenesis.Wrapf("%d values, at most %d are kept", values, gs.Params.HistoryBlocks)
	}
	seen := make(map[string]bool, len(gs.Keys))
	for _, key := range gs.Keys {
		if err := key.Validate(); err != nil {
			return err
		}
		if seen[key.ConsensusAddress] {
			return ErrInvalidGenesis.Wrapf("validator %s has two keys", key.ConsensusAddress)
		}
		seen[key.ConsensusAddress] = true
	}
	return nil
}
