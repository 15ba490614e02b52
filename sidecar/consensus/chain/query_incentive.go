package chain

import (
	"context"

	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
)

// RewardAccount returns what a provider has gathered of the storage emission. It fails with ErrNotFound for one that never proved
// a sealed byte.
func (c *Client) RewardAccount(ctx context.Context, provider string) (*incentivetypes.QueryAccountResponse, error) {
	answer, err := incentivetypes.NewQueryClient(c).Account(ctx, &incentivetypes.QueryAccountRequest{Provider: provider})
	if err != nil {
		return nil, queryError("the rewards of "+provider, err)
	}
	return answer, nil
}

// SealedPledge returns what a sealed GiB takes in pledge now.
func (c *Client) SealedPledge(ctx context.Context) (*incentivetypes.QueryPledgeResponse, error) {
	answer, err := incentivetypes.NewQueryClient(c).Pledge(ctx, &incentivetypes.QueryPledgeRequest{})
	if err != nil {
		return nil, queryError("the pledge of sealed bytes", err)
	}
	return answer, nil
}
