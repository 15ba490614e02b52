package node

import (
	"context"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/inbound"
)

// observer reads the bridge's gateways for the validator beside the node.
type observer struct {
	*inbound.Observer
	closers []func() // of readers
}

// startObserver starts reading the gateways; it returns nil if none is named. ctx bounds the start only.
func (n *Node) startObserver(ctx context.Context) (*observer, error) {
	bridge := n.opts.Config.Bridge
	if bridge.gateways() == 0 {
		return nil, nil //nolint:nilnil // off is no error
	}
	log := n.log.With("part", "inbound")
	o := &observer{}
	cfg := inbound.DefaultConfig()
	cfg.Poll = time.Duration(bridge.Poll)
	deps := inbound.Deps{Registry: n.registry, Logger: log}
	add := func(g inbound.Gateway, endpoints int) {
		deps.Gateways = append(deps.Gateways, g)
		if endpoints < 2 {
			log.Warn("a gateway is read by one endpoint, which is believed: name another that does not depend on it", "domain", g.Domain)
		}
	}
	for _, g := range bridge.Ethereum {
		gateway, closeReader, err := g.open(ctx)
		if err != nil {
			o.closeReaders()
			return nil, err
		}
		o.closers = append(o.closers, closeReader)
		add(gateway, len(g.RPC))
	}
	for _, g := range bridge.Solana {
		gateway, err := g.open()
		if err != nil {
			o.closeReaders()
			return nil, err
		}
		add(gateway, len(g.RPC))
	}
	var err error
	if o.Observer, err = inbound.New(cfg, deps); err != nil {
		o.closeReaders()
		return nil, err
	}
	return o, nil
}

// close ends the reading, and then closes the readers.
func (o *observer) close() {
	o.Observer.Close()
	o.closeReaders()
}

func (o *observer) closeReaders() {
	for _, closeReader := range o.closers {
		closeReader()
	}
}
