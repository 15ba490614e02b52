package main

import (
	"fmt"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"
	"github.com/spf13/viper"

	serverconfig "github.com/cosmos/cosmos-sdk/server/config"

	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/app/sidecar"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
)

// profile is a named set of settings of a node.
type profile struct {
	name string

	timeoutPropose   time.Duration
	timeoutVote      time.Duration // of prevotes and of precommits
	timeoutCommit    time.Duration
	skipCommitWait   bool // go on as soon as every vote is there
	gossipSleep      time.Duration
	flushThrottle    time.Duration
	peerExchange     bool
	iavlCacheNodes   uint64
	pruning          string
	snapshotInterval uint64 // blocks; 0 for no snapshots
	minGasPrices     string
	beacon           beacontypes.Params // of a genesis that init-files makes
	bridge           bridgetypes.Params // likewise
}

var (
	// localnet is for validators on one machine. The fixed wait after a commit
	// leaves the processors to the data nodes beside them (ADR 0008); every
	// vote, and so every vote extension, comes within it.
	localnet = profile{
		name:           "localnet",
		timeoutPropose: 500 * time.Millisecond,
		timeoutVote:    100 * time.Millisecond,
		timeoutCommit:  40 * time.Millisecond,
		gossipSleep:    2 * time.Millisecond,
		flushThrottle:  2 * time.Millisecond,
		iavlCacheNodes: 50_000,
		pruning:        "default",
		minGasPrices:   "0" + params.BaseDenom,
		beacon:         beacontypes.LocalnetParams(),
		bridge:         bridgetypes.LocalnetParams(),
	}

	// production waits up to 300 ms for the last votes, so that everybody's
	// vote extension normally arrives.
	production = profile{
		name:             "production",
		timeoutPropose:   time.Second,
		timeoutVote:      500 * time.Millisecond,
		timeoutCommit:    300 * time.Millisecond,
		skipCommitWait:   true,
		gossipSleep:      10 * time.Millisecond,
		flushThrottle:    10 * time.Millisecond,
		peerExchange:     true,
		iavlCacheNodes:   781_250,
		pruning:          "default",
		snapshotInterval: 5_000,
		// 10^9 aipdm: a transaction of 100,000 gas costs 0.0001 IPDM.
		minGasPrices: "1000000000" + params.BaseDenom,
		beacon:       beacontypes.DefaultParams(),
		bridge:       bridgetypes.DefaultParams(),
	}
)

func profileByName(name string) (profile, error) {
	for _, p := range []profile{localnet, production} {
		if p.name == name {
			return p, nil
		}
	}
	return profile{}, fmt.Errorf("unknown block-time profile %q: use localnet or production", name)
}

// applyConsensus sets the timing of consensus. Every validator of a network
// should use the same profile.
func (p profile) applyConsensus(cfg *cmtcfg.Config) {
	cfg.Consensus.TimeoutPropose = p.timeoutPropose
	cfg.Consensus.TimeoutProposeDelta = p.timeoutPropose / 2
	cfg.Consensus.TimeoutPrevote = p.timeoutVote
	cfg.Consensus.TimeoutPrevoteDelta = p.timeoutVote / 2
	cfg.Consensus.TimeoutPrecommit = p.timeoutVote
	cfg.Consensus.TimeoutPrecommitDelta = p.timeoutVote / 2
	cfg.Consensus.TimeoutCommit = p.timeoutCommit
	cfg.Consensus.SkipTimeoutCommit = p.skipCommitWait
	cfg.Consensus.PeerGossipSleepDuration = p.gossipSleep
	cfg.P2P.FlushThrottleTimeout = p.flushThrottle
}

// cometConfig is the CometBFT configuration of a node with this profile.
func (p profile) cometConfig() *cmtcfg.Config {
	cfg := cmtcfg.DefaultConfig()
	p.applyConsensus(cfg)
	cfg.P2P.ListenAddress = "tcp://127.0.0.1:26656"
	cfg.P2P.PexReactor = p.peerExchange
	cfg.Instrumentation.Prometheus = true
	cfg.Instrumentation.PrometheusListenAddr = "127.0.0.1:26660"
	return cfg
}

// appConfig is the application configuration of a node with this profile. All
// services listen on the loopback address.
func (p profile) appConfig() (*appConfig, error) {
	cfg := &appConfig{Config: *serverconfig.DefaultConfig(), Sidecar: sidecar.DefaultConfig()}
	cfg.MinGasPrices = p.minGasPrices
	cfg.IAVLCacheSize = p.iavlCacheNodes
	cfg.Pruning = p.pruning
	cfg.StateSync.SnapshotInterval = p.snapshotInterval
	cfg.API.Enable = true
	cfg.API.Swagger = true
	cfg.API.Address = "tcp://127.0.0.1:1317"
	cfg.GRPC.Enable = true
	cfg.GRPC.Address = "127.0.0.1:9090"

	// The application's metrics join those of CometBFT at its Prometheus address.
	telemetry := viper.New()
	telemetry.Set("telemetry.enabled", true)
	telemetry.Set("telemetry.prometheus-retention-time", metricsRetentionSeconds)
	if err := telemetry.Unmarshal(&cfg.Config); err != nil {
		return nil, fmt.Errorf("failed to set the telemetry: %w", err)
	}
	return cfg, nil
}

// metricsRetentionSeconds is how long a metric that is no longer set is shown.
const metricsRetentionSeconds = 600

// defaultCometConfig is what a home directory without config.toml gets. Its
// timeout_commit is not the default of CometBFT, which the SDK would replace by
// five seconds.
func defaultCometConfig() *cmtcfg.Config { return production.cometConfig() }
