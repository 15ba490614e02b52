package network

import (
	"fmt"

	"github.com/ipfs/boxo/bitswap/network/bsnet"
	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
)

// bitswapProtocols are the versions of Bitswap a node answers.
var bitswapProtocols = []protocol.ID{
	bsnet.ProtocolBitswap, bsnet.ProtocolBitswapOneOne,
	bsnet.ProtocolBitswapOneZero, bsnet.ProtocolBitswapNoVers,
}

// bitswapPeerLimit is what one peer may use for Bitswap. Every message is a
// stream of its own and a refused stream is a lost message, so the default of
// 64 streams is too low for many small blocks.
var bitswapPeerLimit = rcmgr.BaseLimit{
	Streams: 2048, StreamsInbound: 1024, StreamsOutbound: 1024,
	Memory: 64 << 20,
}

// peerLimit is the sum over all protocols of what one peer may use.
var peerLimit = rcmgr.BaseLimit{
	Conns: 16, ConnsInbound: 8, ConnsOutbound: 8, FD: 8,
	Streams: 3072, StreamsInbound: 1536, StreamsOutbound: 1536,
	Memory: 128 << 20,
}

// newResourceManager builds the hard limits of a node.
func newResourceManager(cfg Config) (network.ResourceManager, error) {
	scaling := rcmgr.DefaultLimits
	libp2p.SetDefaultServiceLimits(&scaling)
	for _, proto := range bitswapProtocols {
		scaling.AddProtocolPeerLimit(proto, bitswapPeerLimit, rcmgr.BaseLimitIncrease{})
		scaling.AddProtocolLimit(proto, rcmgr.BaseLimit{
			Streams: 16384, StreamsInbound: 8192, StreamsOutbound: 8192, Memory: 256 << 20,
		}, rcmgr.BaseLimitIncrease{Memory: 256 << 20})
	}
	scaling.PeerBaseLimit = peerLimit
	scaling.SystemBaseLimit.Streams = max(scaling.SystemBaseLimit.Streams, 16384)
	scaling.SystemBaseLimit.StreamsInbound = max(scaling.SystemBaseLimit.StreamsInbound, 8192)
	scaling.SystemBaseLimit.StreamsOutbound = max(scaling.SystemBaseLimit.StreamsOutbound, 8192)

	concrete := scaling.AutoScale()
	if cfg.MaxMemoryBytes > 0 {
		concrete = scaling.Scale(cfg.MaxMemoryBytes, cfg.MaxConns)
	}
	limits := rcmgr.PartialLimitConfig{
		System: rcmgr.ResourceLimits{
			Conns:         rcmgr.LimitVal(cfg.MaxConns),
			ConnsInbound:  rcmgr.LimitVal(cfg.MaxConns),
			ConnsOutbound: rcmgr.LimitVal(cfg.MaxConns),
			FD:            rcmgr.LimitVal(cfg.MaxConns),
		},
	}.Build(concrete)

	mgr, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits))
	if err != nil {
		return nil, fmt.Errorf("failed to create resource manager: %w", err)
	}
	return mgr, nil
}
