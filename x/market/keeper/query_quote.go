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
	prices, err := s.k.prices(ctx, params, req, limit, pledge)
	if err != nil {
		return nil, queryError(err)
	}
	if req.MaxPricePerGibHour == "" {
		if uint64(len(prices)) < replicas.Total() {
			err := errorsmod.Wrapf(types.ErrNoProvider, "%d now, %d are wanted", len(prices), replicas.Total())
			return nil, status.Error(codes.FailedPrecondition, err.Error())
		}
		limit = sdkmath.MaxInt(prices[replicas.Total()-1], sdkmath.OneInt())
	}
	return &types.QueryQuoteResponse{
		Escrow:             types.CostUp(limit, req.SizeBytes, req.Duration).MulRaw(int64(replicas.Total())),
		MaxPricePerGibHour: limit,
		Providers:          uint32(len(prices)),
		Pledge:             pledge,
	}, nil
}

// prices returns the asks, cheapest first, of the providers that could take a replica that takes so much pledge at the given price now.
func (k *Keeper) prices(
	ctx context.Context, params types.Params, req *types.QueryQuoteRequest, limit, pledge sdkmath.Int,
) ([]sdkmath.Int, error) {
	var prices []sdkmath.Int
	seen := 0
	err := k.providers.Walk(ctx, nil, func(_ sdk.AccAddress, provider types.Provider) (bool, error) {
		seen++
		if provider.FreeBytes(params) >= req.SizeBytes && provider.FreePledge().GTE(pledge) &&
			provider.Ask.Accepts(req.SizeBytes, req.Duration, limit) {
			prices = append(prices, provider.Ask.PricePerGibHour)
		}
		return seen >= quoteProviders, nil
	})
	slices.SortFunc(prices, func(a, b sdkmath.Int) int { return a.BigInt().Cmp(b.BigInt()) })
	return prices, err
}
