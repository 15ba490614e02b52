package node

import (
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/bridge/chain/ethereum"
	"github.com/ipdm-network/ipdm/bridge/chain/solana"
	"github.com/ipdm-network/ipdm/sidecar/consensus/inbound"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// open makes the reader of the gateway, and what closes it. ctx bounds the making only.
func (g EthereumGateway) open(ctx context.Context) (inbound.Gateway, func(), error) {
	address, err := g.address()
	if err != nil {
		return inbound.Gateway{}, nil, err
	}
	application, err := wire.PartyOf(address[:])
	if err != nil {
		return inbound.Gateway{}, nil, err
	}
	reader, err := ethereum.NewReader(ctx, ethereum.ReaderConfig{
		Name: gatewayName("ethereum", g.Domain), URLs: g.RPC, Gateway: address, Domain: wire.Domain(g.Domain), FirstBlock: g.FirstBlock,
	})
	if err != nil {
		return inbound.Gateway{}, nil, fmt.Errorf("failed to make a reader of [[bridge.ethereum]], domain %d: %w", g.Domain, err)
	}
	return inbound.Gateway{Domain: wire.Domain(g.Domain), Application: application, Reader: reader}, reader.Close, nil
}

// open makes the reader of the gateway.
func (g SolanaGateway) open() (inbound.Gateway, error) {
	address, err := g.address()
	if err != nil {
		return inbound.Gateway{}, err
	}
	reader, err := solana.NewReader(solana.ReaderConfig{
		Name: gatewayName("solana", g.Domain), URLs: g.RPC, Program: address, Domain: wire.Domain(g.Domain),
	})
	if err != nil {
		return inbound.Gateway{}, fmt.Errorf("failed to make a reader of [[bridge.solana]], domain %d: %w", g.Domain, err)
	}
	return inbound.Gateway{Domain: wire.Domain(g.Domain), Application: wire.Party(address), Reader: reader}, nil
}

// gatewayName names a gateway's chain in logs and errors.
func gatewayName(kind string, domain uint32) string {
	return fmt.Sprintf("%s (domain %d)", kind, domain)
}
