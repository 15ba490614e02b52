package transfer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
)

// PutResult tells what a push did.
type PutResult struct {
	ReceivedBytes uint64 // what the peer lacked, in plain form
	Existing      bool   // the manifest was pinned there before
}

// Put offers a manifest to a connected peer, which gets what it lacks from this node and pins it. If the offer replaces a
// root, the peer removes that one's pins with the same write. It returns when all is durable there; progress, which may
// be nil, takes the bytes the peer has received so far. A push that was broken off goes on where it was when it is made
// again. It fails with ErrNotAllowed, ErrNotOffered, ErrInvalid, ErrFull or ErrFailed, or when the peer is not reached.
func (c *Client) Put(ctx context.Context, p peer.ID, o Offer, progress func(receivedBytes uint64)) (PutResult, error) {
	m := &datav1.Request{Operation: &datav1.Request_Put{Put: &datav1.PutRequest{Root: o.Root.Bytes(), Manifest: o.Manifest.Bytes()}}}
	if o.Replaced.Defined() {
		m.Operation = &datav1.Request_Update{Update: &datav1.UpdateRequest{
			Root: o.Root.Bytes(), Manifest: o.Manifest.Bytes(), ReplacedRoot: o.Replaced.Bytes(),
		}}
	}
	var result PutResult
	err := c.request(ctx, p, m, MaxResponseBytes, func(r *datav1.Response) (bool, error) {
		switch r := r.Result.(type) {
		case *datav1.Response_PutProgress:
			if progress != nil {
				progress(r.PutProgress.GetReceivedBytes())
			}
			return false, nil
		case *datav1.Response_Put:
			result = PutResult{ReceivedBytes: r.Put.GetReceivedBytes(), Existing: r.Put.GetExisting()}
			return true, nil
		}
		return false, errUnexpected
	})
	if err != nil {
		return PutResult{}, fmt.Errorf("failed to push %s to %s: %w", o.Root, p, err)
	}
	return result, nil
}

// Delete has a connected peer remove the pins of a root, durably, and returns how many there were. It fails with
// ErrNotAllowed, ErrNotOffered, ErrNotFound or ErrFailed, or when the peer is not reached.
func (c *Client) Delete(ctx context.Context, p peer.ID, root cid.Cid) (removed int, err error) {
	m := &datav1.Request{Operation: &datav1.Request_Delete{Delete: &datav1.DeleteRequest{Root: root.Bytes()}}}
	err = c.request(ctx, p, m, MaxResponseBytes, func(r *datav1.Response) (bool, error) {
		answer, ok := r.Result.(*datav1.Response_Delete)
		if !ok {
			return false, errUnexpected
		}
		removed = int(answer.Delete.GetRemoved())
		return true, nil
	})
	if err != nil {
		return 0, fmt.Errorf("failed to delete %s on %s: %w", root, p, err)
	}
	return removed, nil
}

// Query asks a connected peer for the header blocks of manifests that match a filter, at most limit (1 to MaxQueryLimit),
// and returns them with the cursor to go on from, nil at the end. The headers are as the peer sent them. It fails with
// ErrInvalid when the peer does not take the filter, with ErrNotOffered, ErrProtocol or ErrFailed, or when the peer is not
// reached.
func (c *Client) Query(ctx context.Context, p peer.ID, filter string, limit int, cursor []byte) (headers [][]byte, next []byte, err error) {
	q := &datav1.QueryRequest{Filter: filter, Limit: uint32(max(0, min(limit, MaxQueryLimit+1))), Cursor: cursor}
	if err := checkQuery(q); err != nil {
		return nil, nil, err
	}
	m := &datav1.Request{Operation: &datav1.Request_Query{Query: q}}
	err = c.request(ctx, p, m, MaxAnswerBytes, func(r *datav1.Response) (bool, error) {
		answer, ok := r.Result.(*datav1.Response_Query)
		if !ok || answer.Query == nil {
			return false, errUnexpected
		}
		if text := answer.Query.Error; text != "" {
			return true, fmt.Errorf("%w: %q", ErrInvalid, text[:min(len(text), maxRefusalText)])
		}
		headers, next = answer.Query.ManifestHeaders, answer.Query.NextCursor
		return true, checkQueryResponse(answer.Query, limit)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("failed to query %s: %w", p, err)
	}
	return headers, next, nil
}

// Summary asks a connected peer for the summary of what it has. If its version is still the one known, the summary is
// empty. It fails with ErrNotOffered, ErrProtocol or ErrFailed, or when the peer is not reached.
func (c *Client) Summary(ctx context.Context, p peer.ID, knownVersion uint64) (version uint64, summary []byte, err error) {
	m := &datav1.Request{Operation: &datav1.Request_Summary{Summary: &datav1.SummaryRequest{KnownVersion: knownVersion}}}
	err = c.request(ctx, p, m, MaxAnswerBytes, func(r *datav1.Response) (bool, error) {
		answer, ok := r.Result.(*datav1.Response_Summary)
		if !ok || answer.Summary == nil {
			return false, errUnexpected
		}
		version, summary = answer.Summary.Version, answer.Summary.Summary
		return true, checkSummaryResponse(answer.Summary)
	})
	if err != nil {
		return 0, nil, fmt.Errorf("failed to get the summary of %s: %w", p, err)
	}
	return version, summary, nil
}

// errUnexpected is an answer to something else.
var errUnexpected = fmt.Errorf("%w: the answer is to another request", ErrProtocol)

// request sends a request that is no get to a connected peer and has take read the answer until it is done. What breaks
// the protocol is reported, refusals are not.
func (c *Client) request(ctx context.Context, p peer.ID, m *datav1.Request, limit int, take func(*datav1.Response) (bool, error)) error {
	c.mu.Lock()
	r := c.remote(p)
	c.mu.Unlock()
	for {
		l, err := c.line(ctx, r)
		if err != nil {
			return err
		}
		stop := context.AfterFunc(ctx, func() { _ = l.stream.Reset() })
		fresh := l.fresh
		heard, whole, err := l.request(m, limit, take)
		if stop() && whole {
			c.park(r, l)
			return err
		}
		c.drop(r, l)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrProtocol):
			c.blame(r, err)
			return err
		case fresh || heard || errors.Is(err, os.ErrDeadlineExceeded):
			return err
		}
	}
}

// requestPatience is how long an answer may take to begin.
const requestPatience = 30 * time.Second

// request is one exchange. It tells whether anything came back, and whether all of the answer did.
func (l *line) request(m *datav1.Request, limit int, take func(*datav1.Response) (bool, error)) (heard, whole bool, err error) {
	if err := l.write(m); err != nil {
		return false, false, err
	}
	if err := l.flush(); err != nil {
		return false, false, err
	}
	for {
		if err := l.await(requestPatience); err != nil {
			return heard, false, fmt.Errorf("failed to read the answer: %w", err)
		}
		var response datav1.Response
		if err := l.read(limit, &response); err != nil {
			return heard, false, err
		}
		heard = true
		if r, ok := response.Result.(*datav1.Response_Refusal); ok {
			return true, true, errorOf(r.Refusal)
		}
		done, err := take(&response)
		if errors.Is(err, ErrProtocol) {
			return true, false, err
		}
		if done || err != nil {
			return true, true, err
		}
	}
}
