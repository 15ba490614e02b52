package node

import (
	"context"

	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/network"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// agentData announces what the agent has fetched.
type agentData struct {
	*provider.EngineData
	network *network.Network
}

// Fetch implements provider.Data.
func (d agentData) Fetch(ctx context.Context, dealID uint64, want provider.Layout, sources []markettypes.Endpoint) error {
	if err := d.EngineData.Fetch(ctx, dealID, want, sources); err != nil {
		return err
	}
	// What finds no room in the queue is announced in the next round.
	_ = d.network.Provide(ctx, want.Root, want.Manifest, want.CID)
	return nil
}
