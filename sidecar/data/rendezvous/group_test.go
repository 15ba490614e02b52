package rendezvous_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/rendezvous"
)

func ids(n int) []peer.ID {
	out := make([]peer.ID, n)
	for i := range out {
		out[i] = peer.ID(fmt.Sprintf("member %d", i))
	}
	return out
}

func keys(n int) []format.Digest {
	out := make([]format.Digest, n)
	for i := range out {
		out[i] = format.Sum(binary.BigEndian.AppendUint64(nil, uint64(i)))
	}
	return out
}

func TestKeysSpreadEvenly(t *testing.T) {
	for _, n := range []int{2, 3, 8, 20} {
		group, counts := rendezvous.New(ids(n)...), map[peer.ID]int{}
		const perMember = 2000
		for _, k := range keys(n * perMember) {
			counts[group.Owner(k)]++
		}
		require.Len(t, counts, n)
		for id, count := range counts {
			require.InDelta(t, perMember, count, perMember/8, "%s of %d", id, n)
		}
	}
}

func TestOnlyTheKeysOfAMemberThatLeavesMove(t *testing.T) {
	members := ids(5)
	before, gone := rendezvous.New(members...), members[2]
	after := before.Where(func(id peer.ID) bool { return id != gone })
	require.Equal(t, rendezvous.New(slices.Delete(slices.Clone(members), 2, 3)...), after)
	require.True(t, before.Has(gone))
	require.False(t, after.Has(gone))
	heirs := map[peer.ID]int{}
	for _, k := range keys(5000) {
		owner, heir := before.Owner(k), after.Owner(k)
		if owner != gone {
			require.Equal(t, owner, heir)
			continue
		}
		heirs[heir]++
		require.Equal(t, before.Rank(nil, k)[1], heir, "the next in rank inherits")
	}
	require.Len(t, heirs, 4, "the keys of one are spread over all others")
	for heir, count := range heirs {
		require.InDelta(t, 250, count, 60, "%s", heir)
	}
}

func TestMembersAgree(t *testing.T) {
	members := ids(6)
	reversed := slices.Clone(members)
	slices.Reverse(reversed)
	here, there := rendezvous.New(members...), rendezvous.New(append(reversed, members[3])...)
	require.Equal(t, 6, there.Len(), "a member that is named twice counts once")
	for _, k := range keys(1000) {
		ranking := here.Rank(nil, k)
		require.Equal(t, ranking, there.Rank(nil, k))
		require.Equal(t, ranking[0], there.Owner(k))
		require.ElementsMatch(t, members, ranking)
	}
}

// TestGoldenOwners fails when keys would belong to others than in other versions.
func TestGoldenOwners(t *testing.T) {
	group := rendezvous.New(ids(4)...)
	for i, want := range []int{3, 2, 3, 0, 2, 3, 0, 3} {
		require.Equal(t, ids(4)[want], group.Owner(keys(8)[i]), "key %d", i)
	}
}

func TestNoMembers(t *testing.T) {
	require.Empty(t, rendezvous.Group{}.Owner(keys(1)[0]))
	require.Empty(t, rendezvous.New().Rank(nil, keys(1)[0]))
}

func TestLookupsDoNotAllocate(t *testing.T) {
	group, k := rendezvous.New(ids(16)...), keys(1)[0]
	ranking := make([]peer.ID, 0, 16)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_ = group.Owner(k)
		ranking = group.Rank(ranking[:0], k)
	}))
}

func BenchmarkOwner(b *testing.B) {
	for _, n := range []int{3, 16} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			group, some := rendezvous.New(ids(n)...), keys(1024)
			b.ReportAllocs()
			for i := range b.N {
				_ = group.Owner(some[i%len(some)])
			}
		})
	}
}
