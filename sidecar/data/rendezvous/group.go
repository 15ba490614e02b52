package rendezvous

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Group is a set of members. The zero value has none. It does not change, so it may be used concurrently.
type Group struct{ members []member }

type member struct {
	id   peer.ID
	seed uint64 // mixed
}

// New returns the group of the given members, each of which counts once.
func New(ids ...peer.ID) Group {
	members := make([]member, 0, len(ids))
	for _, id := range ids {
		digest := format.Sum([]byte(id))
		members = append(members, member{id: id, seed: mix(binary.BigEndian.Uint64(digest[:]))})
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.id, b.id) })
	return Group{slices.CompactFunc(members, func(a, b member) bool { return a.id == b.id })}
}

// Where returns the group of those members that keep says yes to.
func (g Group) Where(keep func(peer.ID) bool) Group {
	some := make([]member, 0, len(g.members))
	for _, m := range g.members {
		if keep(m.id) {
			some = append(some, m)
		}
	}
	return Group{some}
}

// Len returns how many members there are.
func (g Group) Len() int { return len(g.members) }

// Has tells whether a peer is a member.
func (g Group) Has(id peer.ID) bool {
	_, ok := slices.BinarySearchFunc(g.members, id, func(m member, id peer.ID) int { return cmp.Compare(m.id, id) })
	return ok
}

// Owner returns the member that a key belongs to, empty if the group has none. It does not allocate.
func (g Group) Owner(key format.Digest) peer.ID {
	k := binary.BigEndian.Uint64(key[:])
	var owner peer.ID
	var heaviest uint64
	for _, m := range g.members {
		if weight := mix(m.seed ^ k); owner == "" || weight > heaviest {
			owner, heaviest = m.id, weight
		}
	}
	return owner
}

// Rank appends the members to ranking, the owner of a key first, then the one that owns it when the owner is gone, and so
// on. It does not allocate if ranking has room.
func (g Group) Rank(ranking []peer.ID, key format.Digest) []peer.ID {
	k := binary.BigEndian.Uint64(key[:])
	var room [32]weighed
	all := room[:0]
	for _, m := range g.members {
		all = append(all, weighed{m.id, mix(m.seed ^ k)})
	}
	slices.SortStableFunc(all, func(a, b weighed) int { return cmp.Compare(b.weight, a.weight) })
	for _, w := range all {
		ranking = append(ranking, w.id)
	}
	return ranking
}

// weighed is a member with its weight for a key.
type weighed struct {
	id     peer.ID
	weight uint64
}

// mix is the finalizer of SplitMix64: a bijection in which every bit of x moves half of the result's.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
