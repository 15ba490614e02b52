package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// reply is what an attempt at an endpoint comes to.
type reply struct {
	news bool
	err  error
}

// The replies there are.
var (
	news        = reply{news: true}
	nothing     = reply{}
	down        = reply{err: errors.New("it is down")}
	refuses     = reply{news: true, err: errors.New("it refuses")}
	contradicts = reply{err: fmt.Errorf("%w: here", feed.ErrContradiction)}
)

func TestWhatSeveralAnswersComeTo(t *testing.T) {
	for _, c := range []struct {
		replies []reply
		asked   int
		err     []string // none for success
		stops   bool
		dissent string
	}{
		{replies: []reply{news, down}, asked: 1},
		{replies: []reply{nothing, news, down}, asked: 2},
		{replies: []reply{nothing, nothing}, asked: 2},
		{replies: []reply{nothing, down}, asked: 2},
		{replies: []reply{nothing, refuses, down}, asked: 3, err: []string{"http://1.invalid: it refuses"}},
		{replies: []reply{refuses, news}, asked: 2},
		{replies: []reply{down, refuses}, asked: 2, err: []string{"http://0.invalid: it is down", "http://1.invalid: it refuses"}},
		{replies: []reply{contradicts, nothing}, asked: 2, dissent: "http://0.invalid"},
		{replies: []reply{nothing, contradicts}, asked: 2, dissent: "http://1.invalid"},
		{replies: []reply{contradicts, news}, asked: 2, dissent: "http://0.invalid"},
		{replies: []reply{contradicts, nothing, refuses}, asked: 3, err: []string{"it refuses"}, dissent: "http://0.invalid"},
		{replies: []reply{down, contradicts}, asked: 2, err: []string{"it is down", "http://1.invalid: "}, stops: true, dissent: "http://1.invalid"},
	} {
		urls := make([]string, len(c.replies))
		for i := range urls {
			urls[i] = fmt.Sprintf("http://%d.invalid", i)
		}
		pool, err := endpoint.NewPool(urls)
		require.NoError(t, err)
		asked := 0
		err = pool.Ask(t.Context(), func(context.Context, *endpoint.Node) (bool, error) {
			asked++
			return c.replies[asked-1].news, c.replies[asked-1].err
		})
		require.Equal(t, c.asked, asked, c)
		require.Equal(t, len(c.err) == 0, err == nil, c)
		for _, text := range c.err {
			require.ErrorContains(t, err, text)
		}
		require.Equal(t, c.stops, errors.Is(err, feed.ErrContradiction), c)
		if c.dissent == "" {
			require.NoError(t, pool.Dissent())
		} else {
			require.EqualError(t, pool.Dissent(), c.dissent+": "+contradicts.err.Error())
		}
		pool.Close()
	}
}

func TestDissentLastsUntilTheEndpointAnswersOtherwise(t *testing.T) {
	pool, err := endpoint.NewPool([]string{"http://a.invalid", "http://b.invalid"})
	require.NoError(t, err)
	defer pool.Close()
	for i, replies := range [][]reply{{nothing, contradicts}, {news}, {down, down}, {nothing, nothing}} {
		asked := 0
		_ = pool.Ask(t.Context(), func(context.Context, *endpoint.Node) (bool, error) {
			asked++
			return replies[asked-1].news, replies[asked-1].err
		})
		require.Equal(t, i < 3, pool.Dissent() != nil, i)
	}
}
