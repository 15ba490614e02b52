package node

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

const (
	sampleGateway = "0x52908400098527886E0F7030069857D2E4169EE7"
	sampleProgram = "Vote111111111111111111111111111111111111111"
)

// sampleBridge is a gateway on Ethereum and one on Solana, which nobody serves.
func sampleBridge() BridgeConfig {
	bridge := DefaultConfig().Bridge
	bridge.Ethereum = []EthereumGateway{{Domain: 1, RPC: []string{"http://127.0.0.1:1", "http://127.0.0.1:2"}, Gateway: sampleGateway}}
	bridge.Solana = []SolanaGateway{{Domain: 2, RPC: []string{"http://127.0.0.1:3"}, Program: sampleProgram}}
	return bridge
}

func TestBridgeSettings(t *testing.T) {
	require.Empty(t, DefaultConfig().Bridge.validate())
	require.Empty(t, sampleBridge().validate())
	for told, change := range map[string]func(*BridgeConfig){
		"poll must be between 100ms and 30s":                 func(b *BridgeConfig) { b.Poll = 1 },
		"poll must be between":                               func(b *BridgeConfig) { b.Poll = maxBridgePoll + 1 },
		"of domain 0: domain must be 1 or":                   func(b *BridgeConfig) { b.Ethereum[0].Domain = 0 },
		"there is another gateway of this":                   func(b *BridgeConfig) { b.Solana[0].Domain = 1 },
		"gateway is \"0x12\", which is no":                   func(b *BridgeConfig) { b.Ethereum[0].Gateway = "0x12" },
		"gateway is \"0x0000":                                func(b *BridgeConfig) { b.Ethereum[0].Gateway = "0x" + strings.Repeat("0", 40) },
		"[[bridge.solana]] of domain 2: program is \"Vote\"": func(b *BridgeConfig) { b.Solana[0].Program = "Vote" },
		"program is \"1111":                                  func(b *BridgeConfig) { b.Solana[0].Program = strings.Repeat("1", 32) },
		"[[bridge.ethereum]] of domain 1: no endpoint":       func(b *BridgeConfig) { b.Ethereum[0].RPC = nil },
		"of domain 2: rpc: endpoint 1 is no URL":             func(b *BridgeConfig) { b.Solana[0].RPC = []string{"wss://secret"} },
		"endpoint 2 is no URL":                               func(b *BridgeConfig) { b.Ethereum[0].RPC[1] = "127.0.0.1:8545" },
		"of domain 1: rpc: endpoints 2 and 3 are the same, 127.0.0.1:2": func(b *BridgeConfig) {
			b.Ethereum[0].RPC = append(b.Ethereum[0].RPC, "http://127.0.0.1:2/secret")
		},
		"of domain 2: rpc: endpoints 1 and 2 are the same": func(b *BridgeConfig) {
			b.Solana[0].RPC = append(b.Solana[0].RPC, b.Solana[0].RPC...)
		},
		"names 9 gateways, at most 8": func(b *BridgeConfig) {
			for domain := uint32(3); domain <= 9; domain++ {
				b.Solana = append(b.Solana, SolanaGateway{Domain: domain, RPC: b.Solana[0].RPC, Program: sampleProgram})
			}
		},
	} {
		cfg := DefaultConfig()
		cfg.Bridge = sampleBridge()
		change(&cfg.Bridge)
		err := cfg.ValidateBasic()
		require.ErrorContains(t, err, told)
		require.NotContains(t, err.Error(), "secret", "an endpoint may hold an access key")
	}
}

func TestNodesObserveGateways(t *testing.T) {
	home, cfg := Home(t.TempDir()), testConfig()
	cfg.Bridge = sampleBridge()
	_, err := Init(home, cfg, nil)
	require.NoError(t, err)
	ranges := func(n *Node) error {
		conn, err := grpc.NewClient("passthrough:///"+n.APIAddress(), grpc.WithTransportCredentials(insecure.NewCredentials()))
		require.NoError(t, err)
		defer conn.Close()
		_, err = sidecarv1.NewInboundServiceClient(conn).Ranges(t.Context(), &sidecarv1.RangesRequest{})
		return err
	}

	var log bytes.Buffer
	n, err := Start(t.Context(), Options{Home: home, Config: cfg, Version: "test", Logger: slog.New(slog.NewTextHandler(&log, nil))})
	require.NoError(t, err)
	require.NoError(t, ranges(n))
	require.Contains(t, fetch(t, "http://"+n.MetricsAddress()+"/metrics", http.StatusOK), `ipdm_inbound_answered_total{domain="2"} 0`)
	require.NoError(t, n.Close())
	require.Equal(t, 1, strings.Count(log.String(), "by one endpoint"), "the second gateway has one only")
	require.Contains(t, log.String(), "domain=2")

	n = startNode(t, home, testConfig())
	require.Equal(t, codes.FailedPrecondition, status.Code(ranges(n)))
}
