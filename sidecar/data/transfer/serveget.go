package transfer

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// cutBelow is the part of a pack, one in so many bytes, below which wanted blocks are cut out of it if the peer allows.
const cutBelow = 4

// answering is one get.
type answering struct {
	server  *Server
	peer    peer.ID
	wire    *wire
	request *getRequest
	pending map[format.Digest]struct{} // wanted blocks not sent yet
	sent    map[format.Digest]struct{} // blocks of encodings that were sent, wanted or not, if what is missing is to be fetched
	missing []uint32
}

// get answers a GetRequest: each encoding once, in the order of the first of its blocks that is asked for. What is fetched
// for a member of the group comes after that, as it arrives.
func (s *Server) get(ctx context.Context, p peer.ID, w *wire, m *datav1.GetRequest) error {
	request, err := parseGet(m)
	if err != nil {
		return refusedError{err}
	}
	a := &answering{server: s, peer: p, wire: w, request: request, pending: make(map[format.Digest]struct{}, len(request.digests))}
	if request.fetch {
		a.sent = map[format.Digest]struct{}{}
	}
	for _, d := range request.digests {
		a.pending[d] = struct{}{}
	}
	if audience := s.opts.Audience; audience != nil && request.encodings && !request.probe {
		audience.Asked(p, request.digests)
	}
	for i, d := range request.digests {
		if _, due := a.pending[d]; !due {
			continue // sent with another
		}
		delete(a.pending, d)
		found, err := a.find(ctx, d)
		if err != nil {
			return err
		}
		if !found {
			a.missing = append(a.missing, uint32(i))
		}
	}
	if request.fetch && !request.encodings && !request.probe && len(a.missing) > 0 && s.fetchesFor(p) {
		if err := a.fetch(ctx); err != nil {
			return err
		}
	}
	return w.write(&datav1.Response{Result: &datav1.Response_GetEnd{GetEnd: &datav1.GetEnd{Missing: a.missing}}})
}

// find sends what is wanted and tells whether it is here.
func (a *answering) find(ctx context.Context, d format.Digest) (bool, error) {
	source, gate, audience := a.server.opts.Source, a.server.opts.Gate, a.server.opts.Audience
	if refused, err := a.refused(ctx, d); err != nil || refused {
		return presence(false, err)
	}
	switch {
	case a.request.encodings && a.request.probe:
		enc, err := source.StatEncoding(ctx, d)
		return presence(err == nil && !enc.Damaged, err)
	case a.request.encodings:
		if audience != nil {
			audience.Served(a.peer, d)
		}
		env, err := source.Encoding(ctx, d)
		if err != nil {
			return presence(false, err)
		}
		return true, a.send(env)
	case a.request.probe:
		return presence(source.Has(ctx, d))
	}
	at, err := source.Locate(ctx, d)
	if err != nil {
		return presence(false, err)
	}
	if gate != nil && len(at) > 0 {
		gate.Touch(d)
	}
	if audience != nil && len(at) > 0 {
		audience.Served(a.peer, d)
	}
	for _, encoding := range at {
		env, err := a.envelope(ctx, d, encoding)
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrCorrupt) {
			continue
		}
		if err != nil {
			return false, refusedError{err}
		}
		return true, a.send(env)
	}
	return false, nil
}

// refused tells whether a block is not to be sent although it may be here.
func (a *answering) refused(ctx context.Context, d format.Digest) (bool, error) {
	gate := a.server.opts.Gate
	if gate == nil {
		return false, nil
	}
	return gate.Refuses(ctx, d)
}

// presence takes what is not there, or damaged, for no error.
func presence(found bool, err error) (bool, error) {
	if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrCorrupt) {
		return false, refusedError{err}
	}
	return found && err == nil, nil
}

// envelope returns an envelope with the block and what else is wanted of the encoding that holds it.
func (a *answering) envelope(ctx context.Context, block, encoding format.Digest) ([]byte, error) {
	info, err := a.server.opts.Source.StatEncoding(ctx, encoding)
	if err != nil {
		return nil, err
	}
	var wanted []format.Digest
	var wantedBytes uint32
	for _, e := range info.Entries {
		if _, due := a.pending[e.Digest]; due || e.Digest == block {
			wanted = append(wanted, e.Digest)
			wantedBytes += e.Size
		}
	}
	var env []byte
	if a.request.cut && len(wanted) < len(info.Entries) && wantedBytes < info.PlainBytes/cutBelow {
		env, err = a.cut(ctx, wanted)
	} else {
		env, err = a.server.opts.Source.Encoding(ctx, encoding)
		if err == nil && a.sent != nil {
			for _, e := range info.Entries {
				a.sent[e.Digest] = struct{}{}
			}
		}
	}
	if err != nil {
		return nil, err
	}
	for _, d := range wanted {
		delete(a.pending, d)
	}
	return env, nil
}

// cut makes an envelope of some blocks of a pack, not compressed: it is small, and the pack was decoded for it already.
func (a *answering) cut(ctx context.Context, digests []format.Digest) ([]byte, error) {
	blocks := make([]format.Block, len(digests))
	for i, d := range digests {
		var err error
		if blocks[i], err = a.server.opts.Source.Open(ctx, d); err != nil {
			return nil, err
		}
	}
	env, err := envelope.Encode(nil, envelope.None, 0, blocks)
	if err != nil {
		return nil, fmt.Errorf("failed to cut %d blocks out of a pack: %w", len(blocks), err)
	}
	return env, nil
}

// send sends an envelope behind its announcement.
func (a *answering) send(env []byte) error {
	err := a.wire.write(&datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: uint32(len(env))}}})
	if err != nil {
		return err
	}
	if err := a.wire.writeBytes(env); err != nil {
		return err
	}
	a.server.metrics.encodings.Inc()
	a.server.metrics.bytes.Add(float64(len(env)))
	return nil
}
