package sectors

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// Deps are what a Keeper works with.
type Deps struct {
	Chain   Chain
	Sender  Sender
	Leaves  Leaves
	Files   Files
	Records Records
	// Dir is where numbers are written down.
	Dir string
	// Restore makes the encodings of a deal whole again, from this node or others.
	Restore func(ctx context.Context, deal markettypes.Deal) error
	// Healing tells whether what is damaged may be made anew.
	Healing func() bool
	// Report tells the operator of a problem, by its kind.
	Report func(ctx context.Context, what string, err error)
	// Log may be nil.
	Log *slog.Logger
	// Registry takes the metrics; may be nil.
	Registry prometheus.Registerer
}

// Keeper looks after sealed sectors. Round is called by one goroutine; all other methods may be called concurrently.
type Keeper struct {
	cfg     Config
	deps    Deps
	chain   Chain
	sender  Sender
	files   Files
	records Records
	log     *slog.Logger
	metrics *metrics
	address string
	numbers numbers
	waiting *waiting
	pace    *pace
	tasks   *tasks
	board   *board
	health  *health
	stored  *stored
	warned  map[warning]bool // of the goroutine that calls Round
	scrub   scrubber         // of the goroutine that calls Round

	mu    sync.Mutex
	holds int       // guarded by mu: proofs that work stands still for
	now   time.Time // guarded by mu: time of the newest block seen by Round
}

// New makes a Keeper.
func New(cfg Config, deps Deps) (*Keeper, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m, err := newMetrics(deps.Registry)
	if err != nil {
		return nil, err
	}
	log := deps.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{
		cfg: cfg, deps: deps, chain: deps.Chain, sender: deps.Sender, files: deps.Files, records: deps.Records,
		log: log, metrics: m, address: deps.Sender.Address(), numbers: numbers{deps.Dir},
		waiting: newWaiting(), pace: newPace(), tasks: newTasks(), board: newBoard(), health: newHealth(), stored: newStored(),
		warned: map[warning]bool{},
	}, nil
}

// Hold makes sealing stand still until release is called, so that a proof has the machine to itself.
func (k *Keeper) Hold() (release func()) {
	inner := k.files.Hold()
	k.mu.Lock()
	k.holds++
	k.mu.Unlock()
	return sync.OnceFunc(func() {
		k.mu.Lock()
		k.holds--
		k.mu.Unlock()
		inner()
	})
}

func (k *Keeper) paused() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.holds > 0
}

// setNow takes in the time of a block.
func (k *Keeper) setNow(block chain.Block) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if block.Time.After(k.now) {
		k.now = block.Time
	}
}

// chainTime is the newest block time seen.
func (k *Keeper) chainTime() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now
}
