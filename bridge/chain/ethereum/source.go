package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"sync"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

var (
	// errUnsound tells that what an endpoint says cannot be so: it has forgotten something, or lies.
	errUnsound = errors.New("its answers do not fit together")
	// errDomain tells that the contract is the gateway of another domain: the endpoint is one of another chain, or the address is wrong.
	errDomain = errors.New("the gateway is of another domain")
)

// source is what one endpoint says about the events of a gateway. It is safe for concurrent use.
type source struct {
	endpoint
	gateway    common.Address
	binding    *bindings.Gateway
	expected   wire.Domain // of the gateway, 0 for any
	firstBlock uint64
	atOnce     uint64 // of how many blocks logs are asked for in one request
	requests   int    // for logs, at most, in one call

	mu    sync.Mutex // guards the field below
	known progress
}

// block is a block as far as it matters here.
type block struct {
	number uint64
	hash   common.Hash
	millis uint64 // its time, since 1970
}

func newSource(node endpoint, of gateway) *source {
	return &source{
		endpoint: node, gateway: of.address, expected: of.domain, firstBlock: of.firstBlock,
		binding: bindings.NewGateway(), atOnce: blocksAtOnce, requests: maxLogRequests,
	}
}

// view reads final events, at most limit from a nonce on. It fails with errUnsound if there are other ones than the gateway counts, with
// errDomain if the gateway is another one, and if the endpoint does not know of all events before the first.
func (s *source) view(ctx context.Context, first uint64, limit int) (view, error) {
	final, err := s.getBlock(ctx, "finalized")
	if err != nil {
		return view{}, fmt.Errorf("failed to read the finalized block: %w", err)
	}
	domain, count, err := s.state(ctx, final.number)
	switch {
	case err != nil:
		return view{}, fmt.Errorf("failed to read the gateway %s in the finalized block %d: %w", s.gateway, final.number, err)
	case s.expected != 0 && domain != s.expected:
		return view{}, fmt.Errorf("%w: found %d, expected %d", errDomain, domain, s.expected)
	case count < first:
		return view{}, fmt.Errorf(
			"it lags: the gateway has %d events in its finalized block %d, asked are those from %d on", count, final.number, first)
	}
	v := view{of: s, final: final}
	if count == first {
		s.keep(progress{first: first, next: final.number + 1, upon: final})
		return v, nil
	}
	known, err := s.resume(ctx, first, final)
	if err != nil {
		return view{}, err
	}
	records, through, err := s.scan(ctx, known, final, domain, int(min(uint64(limit), count-first)))
	if errors.Is(err, errUnsound) {
		s.keep(progress{}) // it may have come of what was unsound
	}
	if err != nil {
		return view{}, err
	}
	v.records = records
	v.final, err = v.block(ctx, through)
	return v, err
}

// state reads what a block says of the gateway: its domain, and how many events there have been.
func (s *source) state(ctx context.Context, number uint64) (domain wire.Domain, count uint64, err error) {
	at := new(big.Int).SetUint64(number)
	raw, err := s.read(ctx, s.gateway, s.binding.PackEventNonce(), at)
	if err != nil {
		return 0, 0, err
	}
	if count, err = s.binding.UnpackEventNonce(raw); err != nil {
		return 0, 0, fmt.Errorf("%w: the contract is no gateway of IPDM: %w", errUnsound, err)
	}
	if raw, err = s.read(ctx, s.gateway, s.binding.PackDomain(), at); err != nil {
		return 0, 0, err
	}
	said, err := s.binding.UnpackDomain(raw)
	if err != nil {
		return 0, 0, fmt.Errorf("%w: the contract is no gateway of IPDM: %w", errUnsound, err)
	}
	if said == 0 {
		return 0, 0, fmt.Errorf("%w: the contract is no gateway of IPDM: its domain is 0", errUnsound)
	}
	return wire.Domain(said), count, nil
}

// getBlock reads a block with a number or a tag. Nodes of other chains add fields to it, so only those that matter are read.
func (s *source) getBlock(ctx context.Context, which string) (block, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var said struct {
		Number *hexutil.Uint64 `json:"number"`
		Hash   *common.Hash    `json:"hash"`
		Time   *hexutil.Uint64 `json:"timestamp"`
	}
	err := s.Client.Client().CallContext(ctx, &said, "eth_getBlockByNumber", which, false)
	switch {
	case err != nil:
		return block{}, endpoints.Plain(err)
	case said.Number == nil || said.Hash == nil || said.Time == nil:
		return block{}, ethereum.NotFound
	case *said.Number > math.MaxInt64 || *said.Time > math.MaxInt64/1000:
		return block{}, fmt.Errorf("%w: block %d at %d", errUnsound, *said.Number, *said.Time)
	}
	return block{number: uint64(*said.Number), hash: *said.Hash, millis: uint64(*said.Time) * 1000}, nil
}
