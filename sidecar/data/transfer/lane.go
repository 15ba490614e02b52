package transfer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/network"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// lane sends the requests of a fetch to one peer, one after the other.
type lane struct {
	fetch  *fetch
	remote *remote
	probed bool // it has asked what the peer has

	// The rest is guarded by the mutex of the fetch.
	owed      []*want        // asked for and not had yet, in the order asked
	heard     time.Time      // when bytes came last
	stream    network.Stream // of the request that is outstanding, or nil
	abandoned bool           // all of it has come from others
}

// run asks until there is nothing to ask for, or the peer fails.
func (l *lane) run(ctx context.Context) {
	f := l.fetch
	for {
		j := f.next(ctx, l)
		if j == nil {
			break
		}
		err := l.ask(ctx, j)
		f.mu.Lock()
		left := slices.Clone(l.owed)
		abandoned := l.abandoned
		l.abandoned = false
		f.missed(l, left)
		f.mu.Unlock()
		if err != nil && !abandoned {
			if ctx.Err() == nil {
				f.client.blame(l.remote, err)
			}
			break
		}
	}
	f.mu.Lock()
	delete(f.lanes, l)
	f.signal()
	f.mu.Unlock()
}

// take makes the lane owe wants. The caller holds the mutex of the fetch.
func (l *lane) take(wants []*want) {
	l.owed = slices.Clone(wants)
	l.heard = time.Now()
	for _, w := range wants {
		w.asked[l.remote] = struct{}{}
	}
}

func (l *lane) owes(w *want) bool { return slices.Contains(l.owed, w) }

// disown ends what the lane owes of a want. The caller holds the mutex of the fetch.
func (l *lane) disown(w *want) {
	if i := slices.Index(l.owed, w); i >= 0 {
		l.owed = slices.Delete(l.owed, i, i+1)
	}
}

// abandon breaks the outstanding request off. The caller holds the mutex of the fetch.
func (l *lane) abandon() {
	if l.stream != nil {
		l.abandoned = true
		_ = l.stream.Reset()
	}
}

// attach remembers the stream of the outstanding request; nil is none.
func (l *lane) attach(stream network.Stream) {
	l.fetch.mu.Lock()
	defer l.fetch.mu.Unlock()
	l.stream = stream
}

// listen takes note that the peer sends.
func (l *lane) listen() {
	l.fetch.mu.Lock()
	defer l.fetch.mu.Unlock()
	l.heard = time.Now()
}

// ask sends one request and takes the answer. A stream that was idle may have been closed by the peer: then it is tried
// again on another.
func (l *lane) ask(ctx context.Context, j *job) error {
	c := l.fetch.client
	if l.fetch.through {
		release, err := l.remote.awaitTurn(ctx)
		if err != nil {
			return err
		}
		defer release()
	}
	for {
		line, err := c.line(ctx, l.remote)
		if err != nil {
			return err
		}
		fresh := line.fresh
		l.attach(line.stream)
		line.heard = l.listen
		stop := context.AfterFunc(ctx, func() { _ = line.stream.Reset() })
		heard, err := l.exchange(line, j)
		l.attach(nil)
		if stop() && err == nil {
			c.park(l.remote, line)
			return nil
		}
		c.drop(l.remote, line)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil || fresh || heard || errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
	}
}

// exchange sends a request on a stream and reads the answer. It tells whether anything came back.
func (l *lane) exchange(line *line, j *job) (heard bool, err error) {
	f := l.fetch
	m := &datav1.GetRequest{Cut: f.cut, Probe: j.probe, Fetch: f.through}
	if f.through && f.root.Defined() {
		m.Root = f.root.Bytes()
	}
	due := make(map[format.Digest]struct{}, len(j.wants))
	for _, w := range j.wants {
		due[w.digest] = struct{}{}
		if f.encodings {
			m.Encodings = append(m.Encodings, w.cid.Bytes())
		} else {
			m.Blocks = append(m.Blocks, w.cid.Bytes())
		}
	}
	f.client.metrics.gets.Inc()
	if err := line.write(&datav1.Request{Operation: &datav1.Request_Get{Get: m}}); err != nil {
		return false, err
	}
	if err := line.flush(); err != nil {
		return false, err
	}
	for {
		if f.through {
			if err := line.await(memberPatience * line.stall); err != nil {
				return heard, err
			}
		}
		var response datav1.Response
		if err := line.read(MaxResponseBytes, &response); err != nil {
			return heard, err
		}
		heard = true
		switch r := response.Result.(type) {
		case *datav1.Response_Encoding:
			if err := l.receive(line, r.Encoding, due); err != nil {
				return true, err
			}
		case *datav1.Response_GetEnd:
			return true, l.end(j, r.GetEnd)
		case *datav1.Response_Refusal:
			return true, errorOf(r.Refusal)
		default:
			return true, fmt.Errorf("%w: a get is answered by something else", ErrProtocol)
		}
	}
}

// receive reads and checks an envelope, which must hold something that is due, and hands it on.
func (l *lane) receive(line *line, m *datav1.Encoding, due map[format.Digest]struct{}) error {
	f := l.fetch
	if err := checkEncoding(m); err != nil {
		return err
	}
	if len(due) == 0 {
		return fmt.Errorf("%w: more encodings than were asked for", ErrProtocol)
	}
	env, err := line.readBytes(int(m.LengthBytes))
	if err != nil {
		return err
	}
	enc, plain, err := store.Decode(env)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	wanted := false
	for _, d := range f.digests(enc) {
		if _, ok := due[d]; ok {
			wanted = true
			delete(due, d)
		}
	}
	if !wanted {
		return fmt.Errorf("%w: encoding %s was not asked for", ErrProtocol, format.EncodingCID(enc.Digest()))
	}
	c := f.client
	if !f.arrived(l, enc, plain) {
		c.metrics.duplicates.Add(float64(len(env)))
		return nil
	}
	c.metrics.encodings.Inc()
	c.metrics.bytes.Add(float64(len(env)))
	c.mu.Lock()
	l.remote.served = time.Now()
	c.mu.Unlock()
	if c.opts.Judge != nil {
		c.opts.Judge.Served(l.remote.id, 1)
	}
	return nil
}

// end takes the end of an answer. What is not missing must have been sent.
func (l *lane) end(j *job, m *datav1.GetEnd) error {
	f := l.fetch
	if err := checkGetEnd(m, len(j.wants)); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	lacking := make([]*want, len(m.Missing))
	for i, at := range m.Missing {
		lacking[i] = j.wants[at]
		lacking[i].asked[l.remote] = struct{}{}
	}
	if j.probe {
		for _, w := range lacking {
			w.ruleOut(l.remote)
		}
		f.signal()
		return nil
	}
	f.missed(l, lacking)
	if len(l.owed) > 0 {
		return errors.New("the answer ended before all was sent")
	}
	return nil
}
