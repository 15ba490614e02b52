package chain

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
)

// pageLimit is how many items are asked for at a time when all are wanted.
const pageLimit = 100

// Account returns the number and the sequence of an account. It fails with ErrNoAccount for one that the chain does not know.
func (c *Client) Account(ctx context.Context, address string) (number, sequence uint64, err error) {
	answer, err := authtypes.NewQueryClient(c).Account(ctx, &authtypes.QueryAccountRequest{Address: address})
	if err != nil {
		if status.Code(err) == codes.NotFound {
			return 0, 0, fmt.Errorf("%w: %s", ErrNoAccount, address)
		}
		return 0, 0, queryError("account "+address, err)
	}
	var account sdk.AccountI
	if err := c.encoding.Registry.UnpackAny(answer.Account, &account); err != nil {
		return 0, 0, fmt.Errorf("failed to decode account %s: %w", address, err)
	}
	return account.GetAccountNumber(), account.GetSequence(), nil
}

// Balance returns how much of BaseDenom an account holds; one that the chain does not know holds none.
func (c *Client) Balance(ctx context.Context, address string) (sdkmath.Int, error) {
	answer, err := banktypes.NewQueryClient(c).Balance(ctx, &banktypes.QueryBalanceRequest{Address: address, Denom: BaseDenom})
	if err != nil {
		return sdkmath.Int{}, queryError("the balance of "+address, err)
	}
	if answer.Balance == nil {
		return sdkmath.ZeroInt(), nil
	}
	return answer.Balance.Amount, nil
}

// Anchor returns the record of a manifest by its CID in text form. It fails with ErrNotFound.
func (c *Client) Anchor(ctx context.Context, manifest string) (anchortypes.Record, error) {
	answer, err := anchortypes.NewQueryClient(c).Manifest(ctx, &anchortypes.QueryManifestRequest{Manifest: manifest})
	if err != nil {
		return anchortypes.Record{}, queryError("the anchor of "+manifest, err)
	}
	return answer.Record, nil
}

// queryError gives a failed query its typed form.
func queryError(what string, err error) error {
	if status.Code(err) == codes.NotFound {
		return fmt.Errorf("%w: %s: %s", ErrNotFound, what, status.Convert(err).Message())
	}
	return fmt.Errorf("failed to query %s: %w", what, err)
}

// allPages collects the items of every page, at most limit of them.
func allPages[T any](limit int, next func(*query.PageRequest) ([]T, *query.PageResponse, error)) ([]T, error) {
	var all []T
	page := &query.PageRequest{Limit: pageLimit}
	for {
		items, response, err := next(page)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if len(all) >= limit {
			return all[:limit], nil
		}
		if response == nil || len(response.NextKey) == 0 || len(items) == 0 {
			return all, nil
		}
		page = &query.PageRequest{Key: response.NextKey, Limit: pageLimit}
	}
}
