package ethereum

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// growAfter is how many ranges have to be answered before longer ones are tried again.
const growAfter = 16

// The parts of which troubles are told.
const (
	Part = "rpc"
	// PartDissent is endpoints that contradict what is stored while others do not.
	PartDissent = "dissent"
)

// Options describe a source.
type Options struct {
	// Cursor is where to read on, the zero value to begin.
	Cursor feed.Cursor
	// From is the first block to read from the beginning on; nil is the one that follows the finalized block then.
	From *uint64
	// Poll is how often a new finalized block is looked for.
	Poll time.Duration
	// Filter selects logs; nil has headers read instead.
	Filter *Filter
}

// reader reads a range of blocks.
type reader interface {
	// read returns the changes of the blocks from first to last, in pages that each end with a block, the last of them with the block last. The
	// hash is that of the block before first, empty if it is not known. It fails with feed.ErrContradiction.
	read(ctx context.Context, n *endpoint.Node, first, last uint64, hash string) ([]feed.Page, error)
}

// Source reads one chain. It implements feed.Source.
type Source struct {
	pool   *endpoint.Pool
	poll   time.Duration
	reader reader
	from   *uint64
	cursor feed.Cursor
	span   uint64 // blocks of the next range
	most   uint64 // blocks of a range
	calm   int    // ranges answered since span was changed
}

var _ feed.Source = (*Source)(nil)

// New returns a source that asks the endpoints of a pool.
func New(pool *endpoint.Pool, o Options) *Source {
	s := &Source{pool: pool, poll: o.Poll, from: o.From, cursor: o.Cursor.Clone(), reader: headers{}, most: maxHeaders}
	if o.Filter != nil {
		s.reader, s.most = logs{*o.Filter}, maxLogBlocks
	}
	s.span = s.most
	return s
}

// Run implements feed.Source.
func (s *Source) Run(ctx context.Context, sink feed.Sink) error {
	var pause endpoint.Pause
	for {
		more, err := s.step(ctx, sink)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !more && errors.Is(err, feed.ErrContradiction) {
			return err
		}
		sink.Trouble(PartDissent, s.pool.Dissent())
		if more {
			continue
		}
		sink.Trouble(Part, err)
		if err := endpoint.Wait(ctx, pause.After(err, s.poll)); err != nil {
			return err
		}
	}
}

// step reads one range and hands it over. More tells that the next one, or after an error a shorter one, can be read at once.
func (s *Source) step(ctx context.Context, sink feed.Sink) (more bool, err error) {
	var pages []feed.Page
	var finalized uint64 // the greatest that was told
	refused := false     // at least one endpoint refused the range
	err = s.pool.Ask(ctx, func(ctx context.Context, n *endpoint.Node) (news bool, err error) {
		a, err := s.ask(ctx, n)
		finalized = max(finalized, a.finalized)
		if err == nil {
			pages = a.pages
		} else if a.news {
			refused = true
		}
		return a.news, err
	})
	if pages == nil && s.cursor.Network != "" {
		pages = []feed.Page{{Cursor: s.cursor}} // what is final is told though it could not be read
	}
	for _, p := range pages {
		p.Finalized = finalized
		if err := sink.Take(ctx, p); err != nil {
			return false, err
		}
		s.cursor.Advance(p.Cursor)
	}
	if err != nil {
		shorter := refused && s.span > 1
		if shorter {
			s.span, s.calm = s.span/2, 0
		}
		return shorter, err
	}
	if s.calm++; s.calm >= growAfter {
		s.span, s.calm = min(2*s.span, s.most), 0
	}
	return s.cursor.Next <= finalized, nil
}

// answer is what one endpoint has.
type answer struct {
	finalized uint64
	news      bool // it has what was not read yet; with an error, it refuses it
	pages     []feed.Page
}

// ask reads the next range from one endpoint. Nothing that contradicts what is stored is in the answer.
func (s *Source) ask(ctx context.Context, n *endpoint.Node) (answer, error) {
	network, err := n.Network(ctx, "eth_chainId", s.cursor.Network)
	if err != nil {
		return answer{}, err
	}
	finalized, err := s.finalized(ctx, n)
	if err != nil {
		return answer{}, err
	}
	cursor := s.begin(finalized)
	cursor.Network = network
	a := answer{finalized: finalized.number(), news: true}
	if cursor.Next > a.finalized {
		a.news = s.cursor.Network == "" // where to begin
		a.pages = []feed.Page{{Cursor: cursor}}
		return a, nil
	}
	last := min(cursor.Next+s.span-1, a.finalized)
	a.pages, err = s.reader.read(ctx, n, cursor.Next, last, cursor.Hash)
	if err != nil {
		err = fmt.Errorf("blocks %d to %d: %w", cursor.Next, last, err)
		if errors.Is(err, feed.ErrContradiction) {
			return answer{}, err
		}
		return a, err
	}
	for i := range a.pages {
		a.pages[i].Cursor.Network = network
	}
	return a, nil
}

// begin returns the cursor, or where reading begins.
func (s *Source) begin(finalized block) feed.Cursor {
	cursor := s.cursor
	switch {
	case cursor.Network != "":
	case s.from != nil:
		cursor.Next = *s.from
	default:
		cursor.Next, cursor.Hash = finalized.number()+1, finalized.Hash.Hex()
	}
	return cursor
}

// finalized returns the finalized block. It fails if that contradicts the block that was read last.
func (s *Source) finalized(ctx context.Context, n *endpoint.Node) (block, error) {
	var b *block
	if err := n.Call(ctx, &b, blockByNumber, "finalized", false); err != nil {
		return block{}, err
	}
	if b == nil {
		return block{}, errors.New("the chain has no finalized block yet")
	}
	if err := b.check(); err != nil {
		return block{}, err
	}
	if b.number()+1 == s.cursor.Next {
		return *b, sameBlock(b.number(), *b.Hash, s.cursor.Hash)
	}
	return *b, nil
}

// sameBlock fails with feed.ErrContradiction if a block has another hash than was read; an empty one is not compared.
func sameBlock(number uint64, hash common.Hash, read string) error {
	if read == "" || hash.Hex() == read {
		return nil
	}
	return fmt.Errorf("%w: block %d was %s and is %s", feed.ErrContradiction, number, read, hash)
}
