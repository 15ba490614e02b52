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

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// errUnsound tells that what an endpoint says cannot be so: it has forgotten something, or lies.
var errUnsound = errors.New("its answers do not fit together")

// source is what one endpoint says about the events of a gateway. It is safe for concurrent use.
type source struct {
	endpoint
	gateway    common.Address
	binding    *bindings.Gateway
	firstBlock uint64
	atOnce     uint64 // of how many blocks logs are asked for in one request
	requests   int    // for logs, at most, in one call

	mu     sync.Mutex  // guards the fields below
	domain wire.Domain // of the gateway, 0 until it has been read
	known  mark
}

// mark tells that the events from a nonce on are not before a block. Final blocks do not change, so it stays true.
type mark struct{ nonce, block uint64 }

// block is a block as far as it matters here.
type block struct {
	number uint64
	hash   common.Hash
	millis uint64 // its time, since 1970
}

// view is what an endpoint shows: the events of blocks up to one that is final for it, or as many as were asked for.
type view struct {
	of      *source
	final   block // the newest, unless there are too many blocks to look at now
	records []located
}

func newSource(node endpoint, gateway common.Address, firstBlock uint64) *source {
	return &source{endpoint: node, gateway: gateway, binding: bindings.NewGateway(), firstBlock: firstBlock, atOnce: blocksAtOnce, requests: maxLogRequests}
}

// until returns the events of blocks up to a number.
func (v view) until(number uint64) []wire.EventRecord {
	var out []wire.EventRecord
	for _, r := range v.records {
		if r.block <= number {
			out = append(out, r.EventRecord)
		}
	}
	return out
}

// block returns the endpoint's block with a number.
func (v view) block(ctx context.Context, number uint64) (block, error) {
	if number == v.final.number {
		return v.final, nil
	}
	b, err := v.of.getBlock(ctx, hexutil.EncodeUint64(number))
	if err != nil {
		return block{}, fmt.Errorf("failed to read block %d: %w", number, err)
	}
	return b, nil
}

// view reads final events, at most limit from a nonce on. It fails with errUnsound if there are other ones than the gateway counts.
func (s *source) view(ctx context.Context, first uint64, limit int) (view, error) {
	final, err := s.getBlock(ctx, "finalized")
	if err != nil {
		return view{}, fmt.Errorf("failed to read the finalized block: %w", err)
	}
	domain, count, err := s.state(ctx, final.number)
	if err != nil {
		return view{}, fmt.Errorf("failed to read the gateway %s in the finalized block %d: %w", s.gateway, final.number, err)
	}
	v := view{of: s, final: final}
	if count <= first {
		s.remember(mark{first, final.number + 1})
		return v, nil
	}
	through, err := s.events(ctx, &v, domain, first, int(min(uint64(limit), count-first)))
	if errors.Is(err, errUnsound) {
		s.remember(mark{}) // it may have come of what was unsound
	}
	if err != nil {
		return view{}, err
	}
	v.final, err = v.block(ctx, through)
	return v, err
}

// state reads what a block says of the gateway: its domain, once, and how many events there have been.
func (s *source) state(ctx context.Context, number uint64) (domain wire.Domain, count uint64, err error) {
	at := new(big.Int).SetUint64(number)
	raw, err := s.read(ctx, s.gateway, s.binding.PackEventNonce(), at)
	if err != nil {
		return 0, 0, err
	}
	if count, err = s.binding.UnpackEventNonce(raw); err != nil {
		return 0, 0, fmt.Errorf("%w: the contract is no gateway of IPDM: %w", errUnsound, err)
	}
	s.mu.Lock()
	domain = s.domain
	s.mu.Unlock()
	if domain != 0 {
		return domain, count, nil
	}
	if raw, err = s.read(ctx, s.gateway, s.binding.PackDomain(), at); err != nil {
		return 0, 0, err
	}
	said, err := s.binding.UnpackDomain(raw)
	if err != nil || said == 0 {
		return 0, 0, fmt.Errorf("%w: the contract is no gateway of IPDM: domain %d: %w", errUnsound, said, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.domain = wire.Domain(said)
	return s.domain, count, nil
}

// start returns the block from which an event is to be looked for.
func (s *source) start(nonce uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if nonce < s.known.nonce {
		return s.firstBlock
	}
	return max(s.firstBlock, s.known.block)
}

func (s *source) remember(m mark) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known = m
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
		return block{}, plain(err)
	case said.Number == nil || said.Hash == nil || said.Time == nil:
		return block{}, ethereum.NotFound
	case *said.Number > math.MaxInt64 || *said.Time > math.MaxInt64/1000:
		return block{}, fmt.Errorf("%w: block %d at %d", errUnsound, *said.Number, *said.Time)
	}
	return block{number: uint64(*said.Number), hash: *said.Hash, millis: uint64(*said.Time) * 1000}, nil
}
