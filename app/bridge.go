package app

import (
	"context"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/bridgesign"
	"github.com/ipdm-network/ipdm/app/inbound"
	bridgekeeper "github.com/ipdm-network/ipdm/x/bridge/keeper"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// bridgeChain is the newest committed state, as the sources of bridge signatures and of votes on events read it.
type bridgeChain struct{ app *App }

var (
	_ bridgesign.Chain = bridgeChain{}
	_ inbound.Chain    = bridgeChain{}
)

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

// InboundChain returns what a source of votes on events reads, for inbound.Attach.
func (app *App) InboundChain() inbound.Chain { return bridgeChain{app} }

// Validating tells whether the owner of a consensus address is bonded.
func (c bridgeChain) Validating(ctx context.Context, address sdk.ConsAddress) (bool, error) {
	return verdictChain(c).Validating(ctx, address)
}

// InboundTargets lists which events of other chains are voted on.
func (c bridgeChain) InboundTargets(context.Context) ([]wire.RangeTarget, error) {
	ctx, err := c.app.newestState()
	if err != nil {
		return nil, err
	}
	return c.app.Keepers.Bridge.InboundTargets(ctx)
}
