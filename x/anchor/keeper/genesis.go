package keeper

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/x/anchor/types"
)

// InitGenesis writes a validated genesis state; the indexes and the trie are rebuilt from the records.
func (k *Keeper) InitGenesis(ctx context.Context, gs types.GenesisState) error {
	if err := k.params.Set(ctx, gs.Params); err != nil {
		return fmt.Errorf("failed to write parameters: %w", err)
	}
	manifests := make([]string, len(gs.Records))
	for i, record := range gs.Records {
		if err := k.insert(ctx, record); err != nil {
			return err
		}
		manifests[i] = record.Manifest
	}
	return k.commitTo(ctx, manifests...)
}

// ExportGenesis returns the whole state, records in the order of their manifests' CIDs.
func (k *Keeper) ExportGenesis(ctx context.Context) (*types.GenesisState, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to read parameters: %w", err)
	}
	gs := &types.GenesisState{Params: params}
	err = k.records.Walk(ctx, nil, func(_ string, record types.Record) (bool, error) {
		gs.Records = append(gs.Records, record)
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("failed to read records: %w", err)
	}
	return gs, nil
}
