package catalogue

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// defaultPage is the size of a page unless the query has a limit.
const defaultPage = 100

// Request asks for one page of the answer to a query.
type Request struct {
	Query string
	// Cursor is the Next of the page before, nil for the first page.
	Cursor []byte
	// AllVersions includes superseded versions, unless the query speaks of versions.
	AllVersions bool
	// Network asks the peers as well.
	Network bool
}

// Row is a manifest that matches.
type Row struct {
	data.Pin
	Superseded bool
	Peers      []peer.ID // that have it, if this node does not

	subject query.Subject
}

// Failure is a peer that did not answer, or not well.
type Failure struct {
	Peer peer.ID
	Err  error
}

// Answer is one page.
type Answer struct {
	Rows []Row
	// Next is where the next page begins, nil if there is none.
	Next []byte
	// Examined and Plan say what this node did: how many manifests it looked at, and how it found them.
	Examined int
	Plan     []string
	// Peers is how many peers were asked, Failures those of them whose manifests may be missing.
	Peers    int
	Failures []Failure
}

// parse reads a request and fixes its relative times.
func (c *Catalogue) parse(text string, allVersions bool) (*query.Query, error) {
	q, err := query.Parse(text)
	if err != nil {
		return nil, err
	}
	if allVersions {
		q = q.AllVersions()
	}
	return q.At(c.opts.Now()), nil
}

// Search answers a request. It fails with query.ErrSyntax or query.ErrCursor; peers that fail are named in the answer.
func (c *Catalogue) Search(ctx context.Context, r Request) (*Answer, error) {
	q, err := c.parse(r.Query, r.AllVersions)
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	if limit == 0 {
		limit = defaultPage
	}
	var after *query.Cursor
	if len(r.Cursor) > 0 {
		cursor, err := query.DecodeCursor(r.Cursor, q.Order)
		if err != nil {
			return nil, err
		}
		after = &cursor
	}
	answer, err := c.local(ctx, q, limit, after)
	if err != nil || !r.Network {
		return answer, err
	}
	return c.ask(ctx, q, limit, r.Cursor, answer)
}

// local answers a query from the manifests of this node.
func (c *Catalogue) local(ctx context.Context, q *query.Query, limit int, after *query.Cursor) (*Answer, error) {
	page, err := c.opts.Index.Search(ctx, q, limit, after)
	if err != nil {
		return nil, err
	}
	answer := &Answer{Examined: page.Examined, Plan: page.Plan}
	for _, s := range page.Rows {
		pin, err := c.opts.Pins.PinOf(ctx, s.Root, s.Manifest)
		if errors.Is(err, data.ErrNotPinned) {
			continue // unpinned meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("failed to read manifest %s: %w", s.Manifest, err)
		}
		answer.Rows = append(answer.Rows, Row{Pin: pin, Superseded: s.Superseded, subject: s})
	}
	if page.Next != nil {
		answer.Next, err = page.Next.Encode()
	}
	return answer, err
}

// Count returns how many manifests of this node a query matches, and how many it looked at. It fails with query.ErrSyntax.
func (c *Catalogue) Count(ctx context.Context, text string, allVersions bool) (matches, examined int, err error) {
	q, err := c.parse(text, allVersions)
	if err != nil {
		return 0, 0, err
	}
	return c.opts.Index.Count(ctx, q)
}
