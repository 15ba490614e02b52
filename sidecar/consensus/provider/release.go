package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// release ends the pins of deals that this provider has no part in any more. Nothing is let go of before the chain has said
// so of the very deal: an assignment missing from a list is not enough. What a sector is made of stays as long as the sector.
func (a *Agent) release(ctx context.Context, list []markettypes.Assignment) error {
	pins, err := a.data.Pins(ctx)
	if err != nil {
		return err
	}
	assigned := make(map[uint64]bool, len(list))
	for _, assignment := range list {
		assigned[assignment.Deal.Id] = true
	}
	for _, pin := range pins {
		if assigned[pin.DealID] || a.jobs.has(pin.DealID) || a.sectors != nil && a.sectors.Needs(pin.DealID) {
			continue
		}
		wanted, err := a.takesPart(ctx, pin.DealID)
		if err != nil {
			return err
		}
		if wanted {
			continue
		}
		if err := a.data.Release(ctx, pin); err != nil {
			return fmt.Errorf("failed to release layout %s of deal %d: %w", pin.Layout, pin.DealID, err)
		}
		a.log.Info("layout released", "deal", pin.DealID, "layout", pin.Layout)
	}
	return nil
}

// takesPart tells whether any replica of a deal is this provider's.
func (a *Agent) takesPart(ctx context.Context, dealID uint64) (bool, error) {
	_, replicas, err := a.chain.Deal(ctx, dealID)
	if errors.Is(err, chain.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, replica := range replicas {
		if replica.Provider != a.address {
			continue
		}
		switch replica.Status {
		case markettypes.REPLICA_STATUS_ASSIGNED, markettypes.REPLICA_STATUS_SEALING,
			markettypes.REPLICA_STATUS_ACTIVE, markettypes.REPLICA_STATUS_FAULTY:
			return true, nil
		}
	}
	return false, nil
}
