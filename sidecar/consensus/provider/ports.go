package provider

import (
	"context"
	"errors"

	"github.com/ipfs/go-cid"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

var (
	// ErrMismatch is wrapped by errors of Data that say that content is not what it claims to be: no retry helps.
	ErrMismatch = errors.New("data does not match the deal")
	// ErrNoSpace is wrapped by errors of Data that say that the disk is full.
	ErrNoSpace = errors.New("no room on disk")
	// ErrPassing is wrapped by errors of Data.Source that say nothing about the bytes asked for: the next try may succeed.
	ErrPassing = errors.New("stored data cannot be read at present")
)

// Chain is what the agent reads from the chain; *chain.Client is one. State that does not exist is reported as chain.ErrNotFound.
type Chain interface {
	Latest(ctx context.Context) (chain.Block, error)
	MarketParams(ctx context.Context) (markettypes.Params, error)
	ProofParams(ctx context.Context) (poreptypes.Params, error)
	Provider(ctx context.Context, address string) (provider markettypes.Provider, freeBytes uint64, err error)
	Deal(ctx context.Context, id uint64) (markettypes.Deal, []markettypes.Replica, error)
	Assignments(ctx context.Context, provider string) ([]markettypes.Assignment, error)
	ProvingState(ctx context.Context, provider string, class poreptypes.Class) (poreptypes.ProviderState, error)
	Challenges(ctx context.Context, provider string, class poreptypes.Class) (poreptypes.Window, []poreptypes.Challenge, error)
	Faults(ctx context.Context, provider string, class poreptypes.Class) ([]poreptypes.Unit, error)
	UnitChallenges(ctx context.Context, provider string) ([]poreptypes.OpenUnitChallenge, error)
	RewardAccount(ctx context.Context, provider string) (*incentivetypes.QueryAccountResponse, error)
	sectors.Chain
}

// Sender signs and sends the provider's transactions; *chain.Signer is one.
type Sender interface {
	// Address is the provider's account.
	Address() string
	// Broadcast hands a transaction to a node and returns its hash.
	Broadcast(ctx context.Context, msgs ...sdk.Msg) (hash string, err error)
	// Wait waits until it is in a block.
	Wait(ctx context.Context, hash string) (*chain.TxResult, error)
}

// Layout is what a deal says of the encodings it is about.
type Layout struct {
	// CID names the layout, Manifest what it lays out, Root the content.
	CID, Manifest, Root cid.Cid
	// CommD is the commitment over its encodings, SizeBytes their total length.
	CommD     format.Digest
	SizeBytes uint64
}

// Pin is one reason to keep a layout.
type Pin struct {
	Layout cid.Cid
	DealID uint64
}

// Data is the node's data layer. All methods may be called concurrently.
type Data interface {
	// Fetch makes a layout and every encoding of it local that is missing or damaged, each verified, and pins it for the
	// deal. sources tell who should have it. It wraps ErrMismatch when the layout, its manifest or an encoding is malformed or
	// is not what want says; before any encoding is fetched, if its length or root is wrong. It wraps ErrNoSpace when the disk is
	// full. What an interrupted Fetch got is there for the next one.
	Fetch(ctx context.Context, dealID uint64, want Layout, sources []markettypes.Endpoint) error
	// Recompute reads all encodings of a pinned layout back and returns the commitment that they add up to and their total
	// length. It fetches nothing. It fails when any is missing or damaged.
	Recompute(ctx context.Context, layout cid.Cid) (commD format.Digest, sizeBytes uint64, err error)
	// Source gives the prover its bytes, from the local store only. Its errors wrap ErrPassing unless the bytes are
	// missing or damaged.
	Source() proof.Source
	// Release ends a pin. The encodings go with the next garbage collection unless something else needs them.
	Release(ctx context.Context, pin Pin) error
	// Pins lists the pins that Fetch made.
	Pins(ctx context.Context) ([]Pin, error)
	// FreeBytes is how much may still be stored.
	FreeBytes(ctx context.Context) (uint64, error)
}
