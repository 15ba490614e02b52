package keeper

import (
	"context"
	"slices"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// quoteProviders bounds how many providers a quote looks at.
const quoteProviders = 1_000

// Quote returns what a deal would take into escrow. Without a highest price it takes the lowest at which enough providers
// could take the deal now, and fails with code FailedPrecondition when there are too few of them.
func (s queryServer) Quote(ctx context.Context, req *types.QueryQuoteRequest) (*types.QueryQuoteResponse, error) {
	if req == nil {
		return nil, status.Error(codes.InvalidArgument, "empty request")
	}
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, queryError(err)
	}
	replicas := types.Replicas{Open: req.OpenReplicas, Sealed: req.SealedReplicas}
	if err := types.ValidateTerms(params, req.SizeBytes, replicas, req.Duration); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	limit := types.MaxAmount
	if req.MaxPricePerGibHour != "" {
		price, ok := sdkmath.NewIntFromString(req.MaxPricePerGibHour)
		if !ok {
			return nil, status.Errorf(codes.InvalidArgument, "max_price_per_gib_hour %.80q is no number", req.MaxPricePerGibHour)
		}
		if err := types.ValidateAmount("max_price_per_gib_hour", price); err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
		limit = price
	}
	if err := s.k.checkSealable(ctx, req.SizeBytes, replicas); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	class := poreptypes.CLASS_OPEN
	if replicas.Sealed > 0 {
		class = poreptypes.CLASS_SEALED
	}
	pledge, err := s.k.requiredPledge(ctx, params, class, req.SizeBytes)
	if err != nil {
		return nil, queryError(err)
	}
	asks, err := s.k.asksFor(ctx, params, req, limit, pledge)
	if err != nil {
		return nil, queryError(err)
	}
	if req.MaxPricePerGibHour == "" {
		if limit, err = asks.suffice(replicas); err != nil {
			return nil, status.Error(codes.FailedPrecondition, err.Error())
		}
	}
	return &types.QueryQuoteResponse{
		Escrow:             types.CostUp(limit, req.SizeBytes, req.Duration).MulRaw(int64(replicas.Total())),
		MaxPricePerGibHour: limit,
		Providers:          uint32(len(asks.all)),
		SealedProviders:    uint32(len(asks.sealed)),
		Pledge:             pledge,
	}, nil
}

// asks are the prices, cheapest first, of providers that could take a replica of some class now, and of those among them that could
// take a sealed one.
type asks struct{ all, sealed []sdkmath.Int }

// suffice returns the lowest price, at least one aipdm, at which there are enough providers for the replicas: each takes one. It fails
// with ErrNoProvider when there are too few.
func (a asks) suffice(replicas types.Replicas) (sdkmath.Int, error) {
	if n := uint64(len(a.all)); n < replicas.Total() {
		return sdkmath.Int{}, errorsmod.Wrapf(types.ErrNoProvider, "%d now, %d are wanted", n, replicas.Total())
	}
	if n := len(a.sealed); n < int(replicas.Sealed) {
		return sdkmath.Int{}, errorsmod.Wrapf(types.ErrNoProvider, "%d now take sealed replicas, %d are wanted", n, replicas.Sealed)
	}
	price := sdkmath.MaxInt(a.all[replicas.Total()-1], sdkmath.OneInt())
	if replicas.Sealed > 0 {
		price = sdkmath.MaxInt(price, a.sealed[replicas.Sealed-1])
	}
	return price, nil
}

// asksFor returns the asks of the providers that could take a replica at the given price now; a sealed one commits so much pledge.
func (k *Keeper) asksFor(
	ctx context.Context, params types.Params, req *types.QueryQuoteRequest, limit, sealedPledge sdkmath.Int,
) (asks, error) {
	var found asks
	seen, openPledge := 0, types.Backing(params.PledgePerGib, req.SizeBytes)
	err := k.providers.Walk(ctx, nil, func(_ sdk.AccAddress, provider types.Provider) (bool, error) {
		seen++
		if provider.FreeBytes(params) >= req.SizeBytes && provider.FreePledge().GTE(openPledge) &&
			provider.Ask.Accepts(req.SizeBytes, req.Duration, limit) {
			found.all = append(found.all, provider.Ask.PricePerGibHour)
			if provider.Ask.Takes(poreptypes.CLASS_SEALED) && provider.FreePledge().GTE(sealedPledge) {
				found.sealed = append(found.sealed, provider.Ask.PricePerGibHour)
			}
		}
		return seen >= quoteProviders, nil
	})
	for _, prices := range [][]sdkmath.Int{found.all, found.sealed} {
		slices.SortFunc(prices, func(a, b sdkmath.Int) int { return a.BigInt().Cmp(b.BigInt()) })
	}
	return found, err
}
