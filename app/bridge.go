package app

import (
	"context"

	"github.com/ipdm-network/ipdm/app/bridgesign"
	bridgekeeper "github.com/ipdm-network/ipdm/x/bridge/keeper"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
)

// bridgeChain is the newest committed state, as a source of bridge signatures reads it.
type bridgeChain struct{ app *App }

var _ bridgesign.Chain = bridgeChain{}

// BridgeChain returns what a source of bridge signatures reads, for bridgesign.Attach.
func (app *App) BridgeChain() bridgesign.Chain { return bridgeChain{app} }

// PendingCheckpoint is the query of x/bridge.
func (c bridgeChain) PendingCheckpoint(context.Context) (*bridgetypes.QueryPendingResponse, error) {
	ctx, err := c.app.newestState()
	if err != nil {
		return nil, err
	}
	return bridgekeeper.NewQueryServer(c.app.Keepers.Bridge).Pending(ctx, &bridgetypes.QueryPendingRequest{})
}
