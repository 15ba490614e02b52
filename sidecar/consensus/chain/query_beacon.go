package chain

import (
	"context"
	"fmt"

	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
)

// Beacon returns the newest value of the chain's randomness and the block that it is of.
func (c *Client) Beacon(ctx context.Context) (height int64, value [32]byte, err error) {
	answer, err := beacontypes.NewQueryClient(c).Latest(ctx, &beacontypes.QueryLatestRequest{})
	if err != nil {
		return 0, value, queryError("the randomness", err)
	}
	if len(answer.Value.Value) != len(value) {
		return 0, value, fmt.Errorf("failed to query the randomness: it has %d bytes", len(answer.Value.Value))
	}
	return answer.Value.Height, [32]byte(answer.Value.Value), nil
}
