package chain

import (
	"context"

	"github.com/cosmos/cosmos-sdk/types/query"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// maxFaults and maxUnits bound the units that one call collects.
const (
	maxFaults = 1 << 20
	maxUnits  = 1 << 20
)

// ProofParams returns the proving parameters.
func (c *Client) ProofParams(ctx context.Context) (poreptypes.Params, error) {
	answer, err := poreptypes.NewQueryClient(c).Params(ctx, &poreptypes.QueryParamsRequest{})
	if err != nil {
		return poreptypes.Params{}, queryError("the proving parameters", err)
	}
	return answer.Params, nil
}

// ProvingState returns the proving state of a provider's map of one class. It fails with ErrNotFound for one that never proved
// anything.
func (c *Client) ProvingState(ctx context.Context, provider string, class poreptypes.Class) (poreptypes.ProviderState, error) {
	answer, err := poreptypes.NewQueryClient(c).Provider(ctx, &poreptypes.QueryProviderRequest{Provider: provider, Class: class})
	if err != nil {
		return poreptypes.ProviderState{}, queryError("the proving state of "+provider, err)
	}
	return answer.State, nil
}

// Challenges returns a provider's window of one class and its challenges, none when no window is open. It fails with ErrNotFound
// for a provider that never proved anything.
func (c *Client) Challenges(
	ctx context.Context, provider string, class poreptypes.Class,
) (poreptypes.Window, []poreptypes.Challenge, error) {
	answer, err := poreptypes.NewQueryClient(c).Challenges(ctx, &poreptypes.QueryChallengesRequest{Provider: provider, Class: class})
	if err != nil {
		return poreptypes.Window{}, nil, queryError("the challenges of "+provider, err)
	}
	return answer.Window, answer.Challenges, nil
}

// Faults lists every faulty unit of a provider's map of one class.
func (c *Client) Faults(ctx context.Context, provider string, class poreptypes.Class) ([]poreptypes.Unit, error) {
	porep := poreptypes.NewQueryClient(c)
	return allPages(maxFaults, func(page *query.PageRequest) ([]poreptypes.Unit, *query.PageResponse, error) {
		answer, err := porep.Faults(ctx, &poreptypes.QueryFaultsRequest{Provider: provider, Class: class, Pagination: page})
		if err != nil {
			return nil, nil, queryError("the faults of "+provider, err)
		}
		return answer.Units, answer.Pagination, nil
	})
}

// Units lists every unit of a provider's map of one class.
func (c *Client) Units(ctx context.Context, provider string, class poreptypes.Class) ([]poreptypes.Unit, error) {
	porep := poreptypes.NewQueryClient(c)
	return allPages(maxUnits, func(page *query.PageRequest) ([]poreptypes.Unit, *query.PageResponse, error) {
		answer, err := porep.Units(ctx, &poreptypes.QueryUnitsRequest{Provider: provider, Class: class, Pagination: page})
		if err != nil {
			return nil, nil, queryError("the units of "+provider, err)
		}
		return answer.Units, answer.Pagination, nil
	})
}
