package node

import (
	"context"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// askedPeers are the connected peers that speak the data protocol, to be asked queries. It implements catalogue.Remote.
type askedPeers struct {
	network *network.Network
	client  *transfer.Client
}

var _ catalogue.Remote = askedPeers{}

// Peers implements catalogue.Remote.
func (a askedPeers) Peers() []peer.ID {
	host := a.network.Host()
	var speaking []peer.ID
	for _, p := range host.Network().Peers() {
		if spoken, err := host.Peerstore().SupportsProtocols(p, transfer.Protocol); err == nil && len(spoken) > 0 {
			speaking = append(speaking, p)
		}
	}
	return speaking
}

// Query implements catalogue.Remote.
func (a askedPeers) Query(ctx context.Context, p peer.ID, query string, limit int, cursor []byte) ([][]byte, []byte, error) {
	return a.client.Query(ctx, p, query, limit, cursor)
}

// Summary implements catalogue.Remote.
func (a askedPeers) Summary(ctx context.Context, p peer.ID, known uint64) (uint64, []byte, error) {
	return a.client.Summary(ctx, p, known)
}
