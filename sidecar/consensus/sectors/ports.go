package sectors

import (
	"context"
	"errors"
	"time"

	"github.com/ipfs/go-cid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

var (
	// ErrDamaged is wrapped by errors of Files that say that a sealed replica is missing or not what was committed to.
	ErrDamaged = errors.New("sealed replica is damaged")
	// ErrNoSector is wrapped by errors of Files about a sector that has no files.
	ErrNoSector = errors.New("sector has no files")
	// ErrNoRecords reports seal records that the data plane does not have any more.
	ErrNoRecords = errors.New("seal records are not stored")
)

// Chain is what the Keeper reads from the chain; *chain.Client is one. State that does not exist is reported as chain.ErrNotFound.
type Chain interface {
	ChainID(ctx context.Context) (string, error)
	ProofParams(ctx context.Context) (poreptypes.Params, error)
	Deal(ctx context.Context, id uint64) (markettypes.Deal, []markettypes.Replica, error)
	Sectors(ctx context.Context, provider string) ([]poreptypes.Sector, error)
	Sector(ctx context.Context, id uint64) (poreptypes.Sector, error)
	SealChallenges(ctx context.Context, sectorID uint64) (seed []byte, nodes []uint64, err error)
	Demands(ctx context.Context, sectorID uint64) ([]poreptypes.RecordDemand, error)
	ProvingState(ctx context.Context, provider string, class poreptypes.Class) (poreptypes.ProviderState, error)
	Faults(ctx context.Context, provider string, class poreptypes.Class) ([]poreptypes.Unit, error)
	Units(ctx context.Context, provider string, class poreptypes.Class) ([]poreptypes.Unit, error)
	Beacon(ctx context.Context) (height int64, value [32]byte, err error)
}

// Sender sends the provider's transactions and waits until they are in a block.
type Sender interface {
	// Address is the provider's account.
	Address() string
	// Submit sends messages in turn, SubmitUrgent ahead of all that are not urgent.
	Submit(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error)
	SubmitUrgent(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error)
}

// Leaves shows the last leaf of a commitment whose encodings are stored here.
type Leaves interface {
	// LastLeaf returns the encoded leaf proof of the last leaf of a commitment, and how many leaves there are.
	LastLeaf(ctx context.Context, commD format.Digest) (encoded []byte, leaves uint32, err error)
}

// Piece is a replica in a sector.
type Piece struct {
	DealID       uint64
	ReplicaIndex uint32
	CommD        format.Digest
	TotalBytes   uint64
	Leaves       uint32
	// StartNode is its first node in the sector, Nodes how many its aligned stream has.
	StartNode, Nodes uint64
}

// Plan says what a sector is to hold, and all that its labels depend on.
type Plan struct {
	ChainID, Provider string
	// Number is the provider's own number of the sector.
	Number uint64
	Class  poreptypes.SectorClass
	// TicketHeight is the block whose randomness is Ticket.
	TicketHeight int64
	Ticket       [32]byte
	// Pieces are in the order of their places.
	Pieces []Piece
	// ReplicaID is what the labels are bound to. It follows from the rest and may be zero when a plan is new; a plan
	// that is made anew from the chain has no Ticket, but this.
	ReplicaID [32]byte
}

// Commitments are what a sealed replica commits to.
type Commitments struct {
	ReplicaID, CommD, CommC, CommRLast [32]byte
}

// Phase is how far the files of a sector are.
type Phase string

// The phases of a sector's files.
const (
	PhaseLabelling  Phase = "labelling"
	PhaseEncoding   Phase = "encoding"
	PhaseCommitting Phase = "committing"
	PhaseSealed     Phase = "sealed"
)

// File describes the files of a sector.
type File struct {
	Plan  Plan
	Phase Phase
	// Done of Total bytes are done of the phase.
	Done, Total uint64
	// DiskBytes is what the files take up.
	DiskBytes uint64
	// Commitments are set from PhaseSealed on.
	Commitments Commitments
	// HasLabels tells that seal records can be made.
	HasLabels bool
	// Released are the places, by first node, of the pieces that were let go of.
	Released []uint64
	// StartedAt is when the plan was made.
	StartedAt time.Time
}

// Ask is a node of a sealed replica that is to be shown.
type Ask struct {
	// Number is that of the sector; 0 when nothing is known of it here.
	Number uint64
	// CommRLast is the commitment of the replica, which has so many Nodes.
	CommRLast   [32]byte
	Nodes, Node uint64
}

// Files makes sealed replicas and keeps them on disk. All methods may be called concurrently, those that change a sector
// once at a time for each sector.
type Files interface {
	// List describes every sector that has files, by number.
	List(ctx context.Context) ([]File, error)
	// Begin writes a plan down durably. It does nothing when the sector has that plan already.
	Begin(ctx context.Context, plan Plan) error
	// Seal makes the replica of a plan that was begun, or goes on where it was interrupted. It returns at once when
	// the replica is there.
	Seal(ctx context.Context, number uint64) (Commitments, error)
	// Records makes the seal records of nodes, end to end. It fails when the labels are gone.
	Records(ctx context.Context, number uint64, nodes []uint64) ([]byte, error)
	// Slice makes the Bao slice that shows one of so many records end to end under the digest of them all.
	Slice(records []byte, index, count uint32) ([]byte, error)
	// Prove answers asks in an encoded window proof of x/porep/proof, from the files only. What cannot be answered is declared
	// missing in the proof, and missing tells why, by its place: wrapping ErrDamaged or ErrNoSector when the replica is at fault. It
	// fails when there is nothing to submit.
	Prove(ctx context.Context, window uint64, asks []Ask) (encoded []byte, missing map[int]error, err error)
	// Scrub reads a sealed replica whole and compares it with what was committed to. It wraps ErrDamaged when it differs.
	Scrub(ctx context.Context, number uint64) error
	// Reset deletes all of a sector but its plan, so that Seal makes it anew. Pieces that were let go of stay so.
	Reset(ctx context.Context, number uint64) error
	// Finish deletes what only a dispute needs.
	Finish(ctx context.Context, number uint64) error
	// Release gives the space of the piece at a place back.
	Release(ctx context.Context, number, startNode uint64) error
	// Drop deletes all files of a sector; one that has none is no error.
	Drop(ctx context.Context, number uint64) error
	// WorkBytes is how much disk a sector of a class needs while it is being sealed.
	WorkBytes(class poreptypes.SectorClass) uint64
	// Hold makes all work but Prove, Records and Slice stand still until release is called.
	Hold() (release func())
}

// Records keeps seal records in the data plane, from where validators fetch them.
type Records interface {
	// Put stores and pins the records of a sector. The same records give the same CID, however often they are put.
	Put(ctx context.Context, number uint64, records []byte) (cid.Cid, error)
	// Get reads records back, from this node only. It wraps ErrNoRecords.
	Get(ctx context.Context, records cid.Cid) ([]byte, error)
	// List returns the sectors that have records pinned.
	List(ctx context.Context) (map[uint64][]cid.Cid, error)
	// Release unpins records.
	Release(ctx context.Context, records cid.Cid) error
}
