package page_test

import (
	"math"
	"testing"

	"github.com/cosmos/cosmos-sdk/types/query"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/internal/page"
)

func TestBound(t *testing.T) {
	require.Equal(t, uint64(query.DefaultLimit), page.Bound(nil).Limit)

	asked := &query.PageRequest{Limit: math.MaxUint64, Offset: math.MaxUint64, CountTotal: true, Reverse: true}
	got := page.Bound(asked)
	require.Equal(t, &query.PageRequest{Limit: page.MaxLimit, Offset: page.MaxOffset, Reverse: true}, got)
	require.True(t, asked.CountTotal, "the caller's request is left alone")

	require.Equal(t, uint64(7), page.Bound(&query.PageRequest{Limit: 7}).Limit)
	require.Equal(t, uint64(query.DefaultLimit), page.Bound(&query.PageRequest{}).Limit)
}
