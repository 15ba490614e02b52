package catalogue

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"golang.org/x/sync/errgroup"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/index"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// ErrAnswer reports a peer that answers with what was not asked for.
var ErrAnswer = errors.New("peer gave a wrong answer")

// maxHeadersBytes is how much the headers in one answer to a peer have together.
const maxHeadersBytes = MaxSummaryBytes - manifest.MaxBlockSize

// Query answers a peer: header blocks of manifests of this node that match, and where to go on, nil at the end. It
// implements transfer.Catalogue. It fails with query.ErrSyntax or query.ErrCursor.
func (c *Catalogue) Query(ctx context.Context, text string, limit int, cursor []byte) (headers [][]byte, next []byte, err error) {
	q, err := c.parse(text, false)
	if err != nil {
		return nil, nil, err
	}
	var after *query.Cursor
	if len(cursor) > 0 {
		decoded, err := query.DecodeCursor(cursor, q.Order)
		if err != nil {
			return nil, nil, err
		}
		after = &decoded
	}
	answer, err := c.local(ctx, q, min(max(limit, 1), query.MaxLimit), after)
	if err != nil {
		return nil, nil, err
	}
	sizeBytes := 0
	for _, r := range answer.Rows {
		block, err := r.Header.Encode()
		if err != nil {
			return nil, nil, fmt.Errorf("failed to encode manifest %s: %w", r.Manifest, err)
		}
		headers = append(headers, block.Data)
		if sizeBytes += len(block.Data); sizeBytes > maxHeadersBytes {
			next, err := query.CursorBehind(q.Order, &r.subject).Encode()
			return headers, next, err
		}
	}
	return headers, answer.Next, nil
}

// reply is what one peer answered.
type reply struct {
	peer peer.ID
	rows []Row
	more bool // the peer has rows behind these
	err  error
}

// ask has the peers answer as well and merges their rows with those of this node.
func (c *Catalogue) ask(ctx context.Context, q *query.Query, limit int, cursor []byte, own *Answer) (*Answer, error) {
	remote := *q
	remote.Limit = 0
	text := remote.String()
	if _, err := query.Parse(text); err != nil {
		return nil, fmt.Errorf("query is too long to send: %w", err)
	}
	var replies []reply
	for _, p := range c.askable() {
		if c.mayMatch(p, q.Filter) {
			replies = append(replies, reply{peer: p})
		}
	}
	var group errgroup.Group
	group.SetLimit(askedAtOnce)
	for i := range replies {
		group.Go(func() error {
			r := &replies[i]
			r.rows, r.more, r.err = c.askPeer(ctx, r.peer, q, text, limit, cursor)
			return nil
		})
	}
	_ = group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	answer := &Answer{Examined: own.Examined, Plan: own.Plan, Peers: len(replies)}
	replies = append(replies, reply{rows: own.Rows, more: own.Next != nil})
	for _, r := range replies {
		if r.err != nil {
			answer.Failures = append(answer.Failures, Failure{r.peer, r.err})
		}
	}
	more := false
	answer.Rows, more = merge(q, limit, replies)
	if more && len(answer.Rows) > 0 {
		next, err := query.CursorBehind(q.Order, &answer.Rows[len(answer.Rows)-1].subject).Encode()
		if err != nil {
			return nil, err
		}
		answer.Next = next
	}
	answer.Rows = current(q, answer.Rows)
	return answer, nil
}

// askPeer gets one peer's rows. It fails with ErrAnswer if one of them is not what was asked for.
func (c *Catalogue) askPeer(ctx context.Context, p peer.ID, q *query.Query, text string, limit int, cursor []byte) (rows []Row, more bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	headers, next, err := c.opts.Remote.Query(ctx, p, text, limit, cursor)
	if err != nil {
		return nil, false, err
	}
	if len(headers) > limit || len(headers) == 0 && len(next) > 0 {
		return nil, false, fmt.Errorf("%w: %d rows of %d, and a next page", ErrAnswer, len(headers), limit)
	}
	var last *query.Subject
	if len(cursor) > 0 {
		after, err := query.DecodeCursor(cursor, q.Order)
		if err != nil {
			return nil, false, err
		}
		last = after.Subject()
	}
	for _, header := range headers {
		row, err := c.check(header, q)
		if err != nil {
			return nil, false, err
		}
		if last != nil && q.Order.Compare(last, &row.subject) >= 0 {
			return nil, false, fmt.Errorf("%w: manifest %s is out of order", ErrAnswer, row.Manifest)
		}
		row.Peers, last = []peer.ID{p}, &row.subject
		rows = append(rows, *row)
	}
	return rows, len(next) > 0, nil
}

// check makes a row of a header if it is signed and matches.
func (c *Catalogue) check(header []byte, q *query.Query) (*Row, error) {
	h, err := manifest.DecodeHeader(header)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	if err := h.Verify(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	block, err := h.Encode()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	pin := data.Pin{Root: h.Root, Manifest: block.CID(), Header: h}
	s := index.SubjectOf(pin, c.opts.OwnerName(h.Creator))
	// Whether it is superseded is the peer's knowledge: if it must be for the query to match, it is taken to be.
	if !q.Match(&s) {
		s.Superseded = true
	}
	if !q.Match(&s) {
		return nil, fmt.Errorf("%w: manifest %s does not match", ErrAnswer, pin.Manifest)
	}
	return &Row{Pin: pin, Superseded: s.Superseded, subject: s}, nil
}

// merge returns the first rows of all replies together, and whether there may be more behind them.
func merge(q *query.Query, limit int, replies []reply) (rows []Row, more bool) {
	at := map[cid.Cid]int{}
	var horizon *query.Subject // behind it the rows of one reply are not known
	for _, r := range replies {
		for _, row := range r.rows {
			i, known := at[row.Manifest]
			switch {
			case !known:
				at[row.Manifest] = len(rows)
				rows = append(rows, row)
			case row.Peers == nil:
				rows[i] = row // this node has it
			default:
				rows[i].Peers = append(rows[i].Peers, row.Peers...)
			}
		}
		if r.more && len(r.rows) > 0 {
			last := &r.rows[len(r.rows)-1].subject
			if more = true; horizon == nil || q.Order.Compare(last, horizon) < 0 {
				horizon = last
			}
		}
	}
	slices.SortFunc(rows, func(a, b Row) int { return q.Order.Compare(&a.subject, &b.subject) })
	if horizon != nil {
		rows = slices.DeleteFunc(rows, func(r Row) bool { return q.Order.Compare(&r.subject, horizon) > 0 })
	}
	if len(rows) > limit {
		return rows[:limit], true
	}
	return rows, more
}

// current marks rows of versions that another row of the same owner supersedes, and drops them if the query is not about
// such versions.
func current(q *query.Query, rows []Row) []Row {
	replaced := map[cid.Cid]string{}
	for _, r := range rows {
		if r.subject.Supersedes.Defined() {
			replaced[r.subject.Supersedes] = r.subject.Owner
		}
	}
	for i := range rows {
		if r := &rows[i]; replaced[r.Manifest] == r.subject.Owner {
			r.Superseded, r.subject.Superseded = true, true
		}
	}
	return slices.DeleteFunc(rows, func(r Row) bool { return !q.Match(&r.subject) })
}
