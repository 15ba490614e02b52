package chain

import (
	"context"
	"fmt"

	"github.com/cosmos/cosmos-sdk/types/query"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// maxAssignments bounds the assignments that one call collects.
const maxAssignments = 1 << 20

// MarketParams returns the parameters of the market.
func (c *Client) MarketParams(ctx context.Context) (markettypes.Params, error) {
	answer, err := markettypes.NewQueryClient(c).Params(ctx, &markettypes.QueryParamsRequest{})
	if err != nil {
		return markettypes.Params{}, queryError("the market's parameters", err)
	}
	return answer.Params, nil
}

// Provider returns a provider and how many bytes could be assigned to it now. It fails with ErrNotFound.
func (c *Client) Provider(ctx context.Context, address string) (provider markettypes.Provider, freeBytes uint64, err error) {
	answer, err := markettypes.NewQueryClient(c).Provider(ctx, &markettypes.QueryProviderRequest{Address: address})
	if err != nil {
		return markettypes.Provider{}, 0, queryError("provider "+address, err)
	}
	return answer.Provider, answer.FreeBytes, nil
}

// Providers lists providers, at most limit.
func (c *Client) Providers(ctx context.Context, limit int) ([]markettypes.Provider, error) {
	market := markettypes.NewQueryClient(c)
	return allPages(limit, func(page *query.PageRequest) ([]markettypes.Provider, *query.PageResponse, error) {
		answer, err := market.Providers(ctx, &markettypes.QueryProvidersRequest{Pagination: page})
		if err != nil {
			return nil, nil, queryError("the providers", err)
		}
		return answer.Providers, answer.Pagination, nil
	})
}

// Deal returns a deal with its replicas in the order of their index. It fails with ErrNotFound.
func (c *Client) Deal(ctx context.Context, id uint64) (markettypes.Deal, []markettypes.Replica, error) {
	answer, err := markettypes.NewQueryClient(c).Deal(ctx, &markettypes.QueryDealRequest{Id: id})
	if err != nil {
		return markettypes.Deal{}, nil, queryError(fmt.Sprintf("deal %d", id), err)
	}
	return answer.Deal, answer.Replicas, nil
}

// DealsByRoot lists the deals of a root CID in text form, at most limit.
func (c *Client) DealsByRoot(ctx context.Context, root string, limit int) ([]markettypes.Deal, error) {
	return c.deals(ctx, markettypes.QueryDealsRequest{Root: root}, limit)
}

// DealsByClient lists the deals of an account, at most limit; of every account when client is empty.
func (c *Client) DealsByClient(ctx context.Context, client string, limit int) ([]markettypes.Deal, error) {
	return c.deals(ctx, markettypes.QueryDealsRequest{Client: client}, limit)
}

func (c *Client) deals(ctx context.Context, filter markettypes.QueryDealsRequest, limit int) ([]markettypes.Deal, error) {
	market := markettypes.NewQueryClient(c)
	return allPages(limit, func(page *query.PageRequest) ([]markettypes.Deal, *query.PageResponse, error) {
		request := filter
		request.Pagination = page
		answer, err := market.Deals(ctx, &request)
		if err != nil {
			return nil, nil, queryError("the deals", err)
		}
		return answer.Deals, answer.Pagination, nil
	})
}

// Assignments lists every replica that a provider holds or is to activate, with its deal.
func (c *Client) Assignments(ctx context.Context, provider string) ([]markettypes.Assignment, error) {
	market := markettypes.NewQueryClient(c)
	return allPages(maxAssignments, func(page *query.PageRequest) ([]markettypes.Assignment, *query.PageResponse, error) {
		answer, err := market.Assignments(ctx, &markettypes.QueryAssignmentsRequest{Provider: provider, Pagination: page})
		if err != nil {
			return nil, nil, queryError("the assignments of "+provider, err)
		}
		return answer.Assignments, answer.Pagination, nil
	})
}

// Quote returns the escrow that a deal would take and how many providers could take it.
func (c *Client) Quote(ctx context.Context, request *markettypes.QueryQuoteRequest) (*markettypes.QueryQuoteResponse, error) {
	answer, err := markettypes.NewQueryClient(c).Quote(ctx, request)
	if err != nil {
		return nil, queryError("the price of the deal", err)
	}
	return answer, nil
}
