package app

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/app/verdict"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// verdictChain is the newest committed state, as a source of verdicts reads it.
type verdictChain struct{ app *App }

var _ verdict.Chain = verdictChain{}

// VerdictChain returns what a source of verdicts reads, for verdict.Attach.
func (app *App) VerdictChain() verdict.Chain { return verdictChain{app} }

// Validating tells whether the owner of a consensus address is bonded.
func (c verdictChain) Validating(_ context.Context, address sdk.ConsAddress) (bool, error) {
	ctx, err := c.app.newestState()
	if err != nil {
		return false, err
	}
	validator, err := c.app.Keepers.Staking.GetValidatorByConsAddr(ctx, address)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("failed to find validator %s: %w", address, err)
	}
	return validator.IsBonded(), nil
}

// PendingSeals is the query of x/porep.
func (c verdictChain) PendingSeals(
	_ context.Context, request *poreptypes.QueryPendingSealsRequest,
) (*poreptypes.QueryPendingSealsResponse, error) {
	ctx, err := c.app.newestState()
	if err != nil {
		return nil, err
	}
	return porepkeeper.NewQueryServer(c.app.Keepers.Porep).PendingSeals(ctx, request)
}

// Endpoint tells where a provider is reached.
func (c verdictChain) Endpoint(_ context.Context, provider string) (markettypes.Endpoint, error) {
	ctx, err := c.app.newestState()
	if err != nil {
		return markettypes.Endpoint{}, err
	}
	found, err := c.app.Keepers.Market.Provider(ctx, provider)
	if err != nil {
		return markettypes.Endpoint{}, err
	}
	return found.Endpoint, nil
}

// newestState is the newest committed state.
func (app *App) newestState() (sdk.Context, error) {
	ctx, err := app.CreateQueryContext(0, false)
	if err != nil {
		return sdk.Context{}, fmt.Errorf("failed to read the newest state: %w", err)
	}
	return ctx, nil
}
