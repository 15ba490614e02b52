package node

import (
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// startTransfer has the node speak the data protocol.
func (n *Node) startTransfer() error {
	var err error
	n.fetcher.client, err = transfer.NewClient(transfer.ClientOptions{
		Host:     n.network.Host(),
		Judge:    n.network,
		Registry: n.registry,
		Logger:   n.log.With("part", "transfer"),
	})
	if err != nil {
		return err
	}
	n.transfer, err = transfer.NewServer(transfer.ServerOptions{
		Host:     n.network.Host(),
		Source:   n.store,
		Judge:    n.network,
		Registry: n.registry,
		Logger:   n.log.With("part", "transfer"),
	})
	return err
}
