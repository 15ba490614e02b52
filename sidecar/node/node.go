package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/api"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/blockstore"
	"github.com/ipdm-network/ipdm/sidecar/data/cache"
	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/index"
	"github.com/ipdm-network/ipdm/sidecar/data/prefetch"
	"github.com/ipdm-network/ipdm/sidecar/data/rendezvous"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/tierstore"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// closeGrace is how long calls in progress may go on when the node closes.
const closeGrace = 3 * time.Second

// Options say how to start a node.
type Options struct {
	Home   Home
	Config Config
	// Version is told to peers and callers.
	Version string
	// PauseHealing starts the provider agent with healing paused.
	PauseHealing bool
	// Passphrase opens a provider's keyring of the backend "file"; may be nil otherwise.
	Passphrase io.Reader
	// Logger may be nil.
	Logger *slog.Logger
}

// Node is a running data node.
type Node struct {
	opts       Options
	log        *slog.Logger
	lock       *flock.Flock
	registry   *prometheus.Registry
	peerKey    crypto.PrivKey
	store      store.Store
	staged     *prefetch.Store      // below the cache; nil if off
	tiers      *tierstore.Store     // nil unless there are two disks
	cache      *cache.Store         // nil if off, else what store is
	prefetch   *prefetch.Prefetcher // nil if off
	warmUp     *warmUp              // nil if off
	engine     *data.Engine
	index      *index.Index
	network    *network.Network
	fetcher    *fetcher
	group      rendezvous.Group // empty without a group
	transfer   *transfer.Server
	catalogue  *catalogue.Catalogue
	chain      *chain.Client // nil without a chain
	holders    *holders      // nil without a chain
	agent      *agent        // nil unless a provider
	judge      *judge
	observer   *observer  // nil unless gateways are named
	gc         *collector // nil if off
	heat       *heatKeeper
	reencode   *reencoder // nil if off
	scrubber   *scrubber  // nil if off
	follower   *follower
	api        *api.Server
	apiAddr    string
	cacheBytes uint64         // of the cache
	metrics    *metricsServer // nil if off
	serving    sync.WaitGroup // the API's accept loop
	failed     chan error     // why a server ended by itself

	closeOnce sync.Once
	closeErr  error
}

// Start runs the node of a home. When it returns the node answers. ctx bounds the start only; Close stops the node. It
// fails with ErrHomeInUse, ErrNoHome, ErrConfig, or with what a layer fails with; then nothing is left running.
func Start(ctx context.Context, o Options) (*Node, error) {
	if err := o.Config.ValidateBasic(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	n := &Node{opts: o, log: o.Logger, registry: prometheus.NewRegistry(), failed: make(chan error, 2)}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if err := n.start(ctx); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Node) start(ctx context.Context) error {
	home, cfg := n.opts.Home, &n.opts.Config
	if _, err := os.Stat(home.PeerKeyPath()); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s has no peer.key (make a home with: ipdm init --home %s)", ErrNoHome, home, home)
	}
	var err error
	if n.lock, err = lock(home); err != nil {
		return err
	}
	key, err := network.LoadKey(home.PeerKeyPath())
	n.peerKey = key
	if err != nil {
		return err
	}
	if err := n.openStore(ctx); err != nil {
		return err
	}
	if cfg.Chain.follows() {
		if n.chain, err = chain.New(cfg.Chain.Client(), n.log.With("part", "chain")); err != nil {
			return err
		}
	}
	if err := n.startNetwork(ctx, key); err != nil {
		return err
	}
	if cfg.Provider.Enabled {
		if n.agent, err = n.startAgent(); err != nil {
			return err
		}
	}
	if n.judge, err = n.startJudge(); err != nil {
		return err
	}
	if n.observer, err = n.startObserver(ctx); err != nil {
		return err
	}
	n.gc = n.startCollector()
	n.reencode = n.startReencoder()
	n.heat = startHeatKeeper(n.engine, n.log.With("part", "data"))
	n.scrubber = n.startScrubber()
	n.warmUp = n.startWarmUp()
	if n.follower, err = n.startFollower(); err != nil {
		return err
	}
	if n.metrics, err = startMetrics(cfg.Metrics.Listen, n); err != nil {
		return err
	}
	return n.startAPI(key)
}

// startNetwork starts the network and the engine, which use each other: the network serves the store and announces what
// the engine lists, the engine fetches through the network.
func (n *Node) startNetwork(ctx context.Context, key crypto.PrivKey) error {
	n.fetcher = &fetcher{}
	cfg := n.opts.Config.Store
	cacheMaxBytes, err := cfg.cacheMaxBytes()
	if err != nil {
		return err
	}
	opts := data.Options{
		Fetcher:        n.fetcher,
		KeepSuperseded: cfg.keepSuperseded(),
		CacheMaxBytes:  cacheMaxBytes,
		Logger:         n.log.With("part", "data"),
	}
	if n.chain != nil {
		n.holders = newHolders(n.chain, n.log.With("part", "chain"))
		opts.Resolver = n.holders
	}
	self, err := peer.IDFromPrivateKey(key)
	if err != nil {
		return fmt.Errorf("failed to derive the peer id: %w", err)
	}
	if n.group, err = n.opts.Config.Network.group(self); err != nil {
		return err
	}
	if n.group.Len() > 0 {
		opts.Group = n.fetcher
	}
	n.index = index.New(index.Options{OwnerName: api.CreatorName})
	opts.Index = n.index
	opts.Opened = n.opened
	n.engine = data.New(n.store, opts)
	if err := n.engine.LoadHeat(ctx); err != nil {
		return err
	}
	if err := n.index.Load(ctx, n.engine); err != nil {
		return err
	}
	n.startPrefetch()
	deps := network.Deps{
		Key:      key,
		Blocks:   blockstore.New(n.store, n.engine),
		Keys:     announced(n.engine),
		Registry: n.registry,
		Log:      n.log.With("part", "network"),
	}
	if n.prefetch != nil {
		deps.Blocks = blockstore.New(n.store, bitswapServer{n.engine, n.prefetch})
		deps.Sent = audience{n.prefetch}.sent
	}
	n.network, err = network.New(ctx, n.opts.Config.networkConfig(n.opts.Version), deps)
	if err != nil {
		return err
	}
	// Nothing has called the engine's fetcher or resolver yet: only the API and the agent do.
	n.fetcher.network = n.network
	if n.holders != nil {
		n.holders.network = n.network
	}
	return n.startTransfer()
}

func (n *Node) startAPI(key crypto.PrivKey) error {
	cfg := &n.opts.Config
	listener, err := net.Listen("tcp", cfg.API.Listen)
	if err != nil {
		return fmt.Errorf("failed to listen for the API on %s: %w (set [api] listen to another port)", cfg.API.Listen, err)
	}
	effort, err := compress.ParseEffort(cfg.Store.Encode)
	if err != nil {
		return fmt.Errorf("[store] encode: %w", err)
	}
	options := api.Options{
		Content:       n.engine,
		Catalogue:     n.catalogue,
		Scrubs:        n.scrubber != nil,
		Tiers:         n.storeTiers,
		Announcer:     n.network,
		Pusher:        n.fetcher.client,
		Node:          n.network,
		Judge:         n.judge,
		Follows:       n.follower,
		Chain:         api.Chain{Endpoints: cfg.Chain.GRPC, ID: cfg.Chain.ID},
		PeerKey:       key,
		DefaultEffort: effort,
		NetworkName:   cfg.Network.Name,
		Version:       n.opts.Version,
		Logger:        n.log.With("part", "api"),
	}
	if n.agent != nil {
		options.Agent = n.agent
	}
	if n.observer != nil {
		options.Observer = n.observer
	}
	n.api = api.New(options)
	n.apiAddr = listener.Addr().String()
	for _, l := range []net.Listener{listener, n.listenSocket()} {
		if l == nil {
			continue
		}
		n.serving.Go(func() {
			if err := n.api.Serve(l); err != nil {
				n.fail(err)
			}
		})
	}
	return writeFile(n.opts.Home.APIPath(), []byte(n.apiAddr+"\n"))
}

// listenSocket listens on the socket in the home. It returns nil where that is not possible, as with a home of a long path: programs then use
// the host and port.
func (n *Node) listenSocket() net.Listener {
	path := n.opts.Home.SocketPath()
	err := os.Remove(path) // of a daemon that was killed: the home is locked
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	var listener net.Listener
	if err == nil {
		listener, err = net.Listen("unix", path)
	}
	if err == nil {
		if err = os.Chmod(path, 0o600); err != nil {
			err = errors.Join(err, listener.Close())
		}
	}
	if err != nil {
		n.log.Info("the API has no socket", "path", path, "err", err)
		return nil
	}
	return listener
}

func (n *Node) fail(err error) {
	select {
	case n.failed <- err:
	default:
	}
}

// APIAddress is the address that the API listens on.
func (n *Node) APIAddress() string { return n.apiAddr }

// MetricsAddress is the address that metrics are served on, or empty.
func (n *Node) MetricsAddress() string {
	if n.metrics == nil {
		return ""
	}
	return n.metrics.address
}

// Network is the node's network layer.
func (n *Node) Network() *network.Network { return n.network }

// Sources makes Fetchers that ask peers by their addresses.
func (n *Node) Sources() provider.Network { return n.fetcher }

// Engine is the node's data layer.
func (n *Node) Engine() *data.Engine { return n.engine }

// Failed yields the reason when a part of the node ended by itself; the node should be closed then.
func (n *Node) Failed() <-chan error { return n.failed }

// Close stops the node: calls in progress get a moment to finish, then every part is stopped, the last started first.
// Everything acknowledged is on disk when it returns. It may be called repeatedly.
func (n *Node) Close() error {
	n.closeOnce.Do(func() { n.closeErr = n.close() })
	return n.closeErr
}

func (n *Node) close() error {
	var errs []error
	if n.api != nil {
		if err := os.Remove(n.opts.Home.APIPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, fmt.Errorf("failed to remove the API's address: %w", err))
		}
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		n.api.Close(ctx)
		cancel()
		n.serving.Wait()
	}
	if n.metrics != nil {
		errs = append(errs, n.metrics.close())
	}
	if n.follower != nil {
		n.follower.close()
	}
	if n.gc != nil {
		n.gc.close()
	}
	if n.reencode != nil {
		n.reencode.close()
	}
	if n.scrubber != nil {
		n.scrubber.close()
	}
	if n.warmUp != nil {
		n.warmUp.close()
	}
	if n.observer != nil {
		n.observer.close()
	}
	if n.judge != nil {
		n.judge.close()
	}
	if n.agent != nil {
		n.agent.close()
	}
	if n.transfer != nil {
		n.transfer.Close()
	}
	if n.catalogue != nil {
		n.catalogue.Close()
	}
	if n.fetcher != nil && n.fetcher.client != nil {
		n.fetcher.client.Close()
	}
	if n.network != nil {
		errs = append(errs, n.network.Close())
	}
	if n.holders != nil {
		n.holders.close()
	}
	if n.chain != nil {
		errs = append(errs, n.chain.Close())
	}
	if n.prefetch != nil {
		n.prefetch.Close()
	}
	if n.heat != nil {
		errs = append(errs, n.heat.close())
	}
	if n.store != nil {
		errs = append(errs, n.store.Sync(context.Background()), n.store.Close())
	}
	if n.lock != nil {
		if err := n.lock.Unlock(); err != nil {
			errs = append(errs, fmt.Errorf("failed to unlock the home: %w", err))
		}
	}
	return errors.Join(errs...)
}
