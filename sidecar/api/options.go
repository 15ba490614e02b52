package api

import (
	"context"
	"log/slog"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
	"github.com/ipdm-network/ipdm/sidecar/consensus/verdict"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/catalogue"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/network"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Content stores and reads content; *data.Engine does.
type Content interface {
	NewPut(ctx context.Context, opts data.PutOptions) (*data.Put, error)
	List(ctx context.Context, yield func(data.Pin) error) error
	Pins(ctx context.Context, root cid.Cid) ([]data.Pin, error)
	PinnedManifest(ctx context.Context, manifest cid.Cid) (data.Pin, error)
	Delete(ctx context.Context, root cid.Cid, by string) (*data.Tombstone, error)
	Deleted(ctx context.Context, yield func(*data.Tombstone) error) error
	History(ctx context.Context, rootOrManifest cid.Cid) ([]data.Version, error)
	Shared(ctx context.Context, root cid.Cid) (data.Shared, error)
	Stats(ctx context.Context) (data.Stats, error)
	Get(ctx context.Context, root cid.Cid, opts data.GetOptions, sink data.Sink) error
	ListPath(ctx context.Context, root cid.Cid, path string, localOnly bool, yield func(data.Entry) error) error
	Stat(ctx context.Context, root cid.Cid) (*data.Stat, error)
	GC(ctx context.Context) (data.GCResult, error)
	Evict(ctx context.Context, freeBytes uint64) (data.GCResult, error)
	Verify(ctx context.Context, root cid.Cid, report func(data.VerifyProgress) error) (data.VerifyProgress, error)
	MakeLayout(ctx context.Context, manifest cid.Cid) (*data.Layout, error)
	ScrubState(ctx context.Context) (data.ScrubState, error)
	Store() store.Store
}

// Catalogue answers queries; *catalogue.Catalogue does.
type Catalogue interface {
	Search(ctx context.Context, r catalogue.Request) (*catalogue.Answer, error)
	Count(ctx context.Context, query string, allVersions bool) (matches, examined int, err error)
	Counts(ctx context.Context) (local, network catalogue.Counts, peers int, err error)
}

// Announcer tells the network that this node has content; *network.Network does.
type Announcer interface {
	Provide(ctx context.Context, cids ...cid.Cid) error
}

// Node is this node's place in the network; *network.Network has it.
type Node interface {
	AddrInfo() peer.AddrInfo
	Peers() []network.Peer
	ConnectAddr(ctx context.Context, addr string) error
}

// Agent is the provider agent. Its status is complete but for the fields that say whether there is one.
type Agent interface {
	Status(ctx context.Context) *sidecarv1.ProviderStatusResponse
	SetHealing(enabled bool)
	// Sectors describes the sealed sectors.
	Sectors(ctx context.Context) (*sidecarv1.ListSectorsResponse, error)
}

// Judge judges seal proofs; *verdict.Judge does.
type Judge interface {
	Verdicts(seals []verdict.Seal) ([]verdict.Verdict, error)
}

// Observer reads the bridge's gateways; *inbound.Observer does.
type Observer interface {
	Ranges(ctx context.Context, targets []wire.RangeTarget) []wire.RangeVote
}

// Follows tells how the follows of other chains stand; *follow.Follower does.
type Follows interface {
	List() []follow.Status
}

// Chain names the chain that the node follows.
type Chain struct {
	// Endpoints are gRPC addresses, the preferred one first; none without a chain.
	Endpoints []string
	ID        string
}

// Tier is one of the tiers of a store. Its counts are those since the node started.
type Tier struct {
	Name       string
	Bytes      uint64 // of memory, or the length of the encodings in it
	LimitBytes uint64 // what Bytes may be before something makes room; 0 is no limit
	// Hits are reads of a block that it answered, Misses those that it did not.
	Hits, Misses uint64
}

// Options are the parts of a node that the API serves.
type Options struct {
	Content   Content
	Catalogue Catalogue
	// Tiers describes the tiers that reads go through, the fastest first; none are told if it is nil.
	Tiers func(ctx context.Context) ([]Tier, error)
	// Scrubs tells that everything stored is read and compared from time to time.
	Scrubs    bool
	Announcer Announcer
	Pusher    Pusher
	Node      Node
	// Agent is nil on a node that is no provider.
	Agent Agent
	// Judge serves a validator; may be nil.
	Judge Judge
	// Observer serves a validator; nil on a node that reads no gateway.
	Observer Observer
	// Follows may be nil.
	Follows Follows
	Chain   Chain
	// PeerKey signs manifests of puts that name no creator.
	PeerKey crypto.PrivKey
	// DefaultEffort is that of puts that name none.
	DefaultEffort compress.Effort
	NetworkName   string
	Version       string
	// Logger may be nil.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
