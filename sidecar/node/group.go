package node

import (
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sidecar/data/rendezvous"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// maxGroup is how many members cache_group may have.
const maxGroup = 32

// group reads cache_group: the nodes that self caches together with, itself included; none if there are no others.
func (c NetworkConfig) group(self peer.ID) (rendezvous.Group, error) {
	members, err := network.ParsePeers(c.CacheGroup)
	if err == nil && len(members) > maxGroup {
		err = fmt.Errorf("%d nodes are too many, at most %d", len(members), maxGroup)
	}
	if err != nil {
		return rendezvous.Group{}, fmt.Errorf("[network] cache_group: %w", err)
	}
	ids := []peer.ID{self}
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	group := rendezvous.New(ids...)
	if group.Len() == 1 {
		return rendezvous.Group{}, nil
	}
	return group, nil
}
