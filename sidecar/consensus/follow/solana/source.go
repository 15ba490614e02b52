package solana

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// The parts of which troubles are told.
const (
	PartRPC          = "rpc"
	PartSubscription = "subscription"
)

// pageChanges is how many changes are handed over at once.
const pageChanges = 100

// Options describe a source.
type Options struct {
	// Cursor is where to read on; with its zero value, the first look stores everything as it is.
	Cursor feed.Cursor
	// Poll is how often accounts are looked at.
	Poll time.Duration
	// Socket is a URL of the PubSub interface, or empty.
	Socket string
	// Accounts are followed, or else those of Program.
	Accounts []solanago.PublicKey
	Program  solanago.PublicKey
	// MaxAccounts and MaxAccountBytes bound what a program may have.
	MaxAccounts, MaxAccountBytes int
}

// Source reads accounts. It implements feed.Source.
type Source struct {
	pool        *endpoint.Pool
	poll        time.Duration
	socket      string
	accounts    []solanago.PublicKey // none: those of program
	program     solanago.PublicKey
	maxAccounts int
	maxBytes    int

	// Of the goroutine of Run.
	cursor    feed.Cursor
	finalized uint64
}

var _ feed.Source = (*Source)(nil)

// New returns a source that asks the endpoints of a pool.
func New(pool *endpoint.Pool, o Options) *Source {
	return &Source{
		pool: pool, poll: o.Poll, socket: o.Socket, accounts: o.Accounts, program: o.Program,
		maxAccounts: o.MaxAccounts, maxBytes: o.MaxAccountBytes, cursor: o.Cursor.Clone(),
	}
}

// Run implements feed.Source.
func (s *Source) Run(ctx context.Context, sink feed.Sink) error {
	ctx, cancel := context.WithCancel(ctx)
	var listening sync.WaitGroup
	defer listening.Wait()
	defer cancel()
	heard := make(chan notice)
	subscribed := s.socket == "" // or never to be
	var pause endpoint.Pause
	for {
		err := s.look(ctx, sink)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		sink.Trouble(PartRPC, err)
		if err == nil && !subscribed {
			subscribed = true
			listening.Go(func() { s.listen(ctx, sink, heard) })
		}
		if err := s.hear(ctx, sink, heard, pause.After(err, s.poll)); err != nil {
			return err
		}
	}
}

// hear takes what the subscription brings until it is time to look again: when that has passed, or the subscription is a new one.
func (s *Source) hear(ctx context.Context, sink feed.Sink, heard <-chan notice, until time.Duration) error {
	timer := time.NewTimer(until)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return nil
		case n := <-heard:
			if n.subscribed {
				return nil
			}
			s.finalized = max(s.finalized, n.slot)
			err := s.take(ctx, sink, []sighting{n.sighting}, false, s.cursor.Next)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				sink.Trouble(PartRPC, err) // until a look goes well
			}
		}
	}
}

// look reads all accounts, as of the latest slot that an endpoint has, and hands over those that changed.
func (s *Source) look(ctx context.Context, sink feed.Sink) error {
	var slot uint64
	var seen []sighting
	var network string
	err := s.pool.Ask(ctx, func(ctx context.Context, n *endpoint.Node) (news bool, err error) {
		said, err := n.Network(ctx, "getGenesisHash", s.cursor.Network)
		if err != nil {
			return false, err
		}
		of, found, err := s.see(ctx, n)
		if err != nil {
			return false, err
		}
		if network == "" || of > slot {
			network, slot, seen = said, of, found
		}
		return of >= s.cursor.Next, nil
	})
	if err != nil {
		return err
	}
	s.cursor.Network = network
	s.finalized = max(s.finalized, slot)
	return s.take(ctx, sink, seen, true, max(slot+1, s.cursor.Next))
}

// take hands over the changes among what was seen. The cursor is moved to next with the last of them.
func (s *Source) take(ctx context.Context, sink feed.Sink, seen []sighting, looked bool, next uint64) error {
	slices.SortFunc(seen, byAddress)
	seen = slices.CompactFunc(seen, func(a, b sighting) bool { return a.address == b.address })
	page := s.page()
	for _, sight := range seen {
		change, known, err := s.observe(sight, looked)
		if err != nil {
			return err
		}
		if change == nil {
			continue
		}
		page.Changes = append(page.Changes, *change)
		page.Cursor.Accounts[sight.address.String()] = known
		if len(page.Changes) == pageChanges {
			if err := s.hand(ctx, sink, page); err != nil {
				return err
			}
			page = s.page()
		}
	}
	page.Cursor.Next = next
	return s.hand(ctx, sink, page)
}

func (s *Source) page() feed.Page {
	cursor := feed.Cursor{Network: s.cursor.Network, Next: s.cursor.Next, Accounts: map[string]*feed.Account{}}
	return feed.Page{Cursor: cursor, Finalized: s.finalized}
}

func (s *Source) hand(ctx context.Context, sink feed.Sink, p feed.Page) error {
	if err := sink.Take(ctx, p); err != nil {
		return err
	}
	s.cursor.Advance(p.Cursor)
	return nil
}

func byAddress(a, b sighting) int { return bytes.Compare(a.address[:], b.address[:]) }
