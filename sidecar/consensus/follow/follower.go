package follow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/ipfs/go-cid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
)

// Content stores batches; *data.Engine does.
type Content interface {
	NewPut(ctx context.Context, opts data.PutOptions) (*data.Put, error)
}

// Announcer tells the network that this node has content, at once; *network.Network does.
type Announcer interface {
	Provide(ctx context.Context, cids ...cid.Cid) error
}

// Deps are what a Follower works with.
type Deps struct {
	Content Content
	// Creator and Sign are those of the batches' manifests.
	Creator manifest.Creator
	Sign    data.Signer
	Effort  compress.Effort
	// Dir is the folder of the follows' states.
	Dir string
	// Announcer may be nil.
	Announcer Announcer
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
	// Logger may be nil.
	Logger *slog.Logger
}

// Follower runs follows. List may be called concurrently with Run, which is called once.
type Follower struct{ tasks []*task }

// New makes a follower. It fails if a follow is not valid.
func New(follows []Config, deps Deps) (*Follower, error) {
	if err := Validate(follows); err != nil {
		return nil, err
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(deps.Registry)
	if err != nil {
		return nil, err
	}
	f := &Follower{}
	for _, c := range follows {
		t, err := newTask(c, deps, m)
		if err != nil {
			return nil, fmt.Errorf("[[follow]] %s: %w", c.Name, err)
		}
		f.tasks = append(f.tasks, t)
	}
	return f, nil
}

// Run follows until ctx is done. When it returns nothing is running, and what was read is stored or in the journal.
func (f *Follower) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	for _, t := range f.tasks {
		running.Go(func() { t.run(ctx) })
	}
}

// List returns how each follow stands, in the order of the configuration.
func (f *Follower) List() []Status {
	list := make([]Status, len(f.tasks))
	for i, t := range f.tasks {
		list[i] = t.board.read()
	}
	return list
}
