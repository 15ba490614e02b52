package network

import (
	"fmt"
	"testing"

	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
)

func numbered(n int) cid.Cid { return blocks.NewBlock([]byte(fmt.Sprint(n))).Cid() }

func TestWantsAreRememberedForAWhile(t *testing.T) {
	w := newWantSet()
	a, b := numbered(1), numbered(2)
	require.False(t, w.asked(a))
	w.add([]cid.Cid{a, b})
	w.add([]cid.Cid{a})
	w.remove([]cid.Cid{a, b})
	require.True(t, w.asked(a), "another fetch still wants it")
	require.True(t, w.asked(b), "it may be on its way")

	for i := range recentWants {
		c := []cid.Cid{numbered(100 + i)}
		w.add(c)
		w.remove(c)
	}
	require.True(t, w.asked(a))
	require.False(t, w.asked(b), "long ago")
	require.Len(t, w.recent, recentWants)
	require.Len(t, w.active, 1)
}
