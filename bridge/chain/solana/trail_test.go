package solana

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	testnet "github.com/ipdm-network/ipdm/testutil/solana"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// inventor is a node that tells of as many events as one likes, one a second. The account of each is at an address that begins with its nonce.
type inventor struct {
	program  program.Program
	count    func() uint64       // of events
	takes    time.Duration       // for an answer
	before   func(uint64) uint64 // which event one names as before it; nil for the truth
	requests atomic.Int64
}

func (v *inventor) address(nonce uint64) solanago.PublicKey {
	return solanago.PublicKey(append(binary.BigEndian.AppendUint64(nil, nonce), bytes.Repeat([]byte{7}, 24)...))
}

func (v *inventor) RoundTrip(r *http.Request) (*http.Response, error) {
	v.requests.Add(1)
	time.Sleep(v.takes)
	var call struct {
		ID     any               `json:"id"`
		Params []json.RawMessage `json:"params"`
	}
	var addresses []solanago.PublicKey
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(call.Params[0], &addresses); err != nil {
		return nil, err
	}
	now := v.count()
	accounts := []any{}
	for i, a := range addresses {
		owner, raw := v.program.ID, []byte(nil)
		switch i {
		case 0:
			raw = v.gateway(now)
		case 1:
			owner, raw = solanago.SysVarPubkey, binary.LittleEndian.AppendUint64(make([]byte, clockTime), timeOf(now))
		default:
			raw = v.event(binary.BigEndian.Uint64(a[:8]))
		}
		accounts = append(accounts, account{Owner: owner, Data: []string{base64.StdEncoding.EncodeToString(raw), "base64"}})
	}
	answer, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": call.ID, "result": map[string]any{"value": accounts}})
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(answer)), Header: http.Header{}, Request: r}, err
}

// timeOf is when there were so many events, in seconds since 1970.
func timeOf(count uint64) uint64 { return 1_700_000_000 + count%(1<<32) }

func (v *inventor) gateway(count uint64) []byte {
	raw := make([]byte, 34+92+64*32)
	raw[0] = byte(program.TypeGateway)
	binary.BigEndian.PutUint32(raw[34:], uint32(domain))
	binary.BigEndian.PutUint64(raw[34+52:], count)
	for nonce := count - min(count, 64); nonce < count; nonce++ {
		address := v.address(nonce)
		copy(raw[34+92+nonce%64*32:], address[:])
	}
	return raw
}

func (v *inventor) event(nonce uint64) []byte {
	raw := make([]byte, 34)
	raw[0] = byte(program.TypeEvent)
	before := solanago.PublicKey{}
	switch {
	case v.before != nil:
		before = v.address(v.before(nonce))
	case nonce >= 64:
		before = v.address(nonce - 64)
	}
	e := wire.Event{
		Kind: wire.KindCall, Domain: domain, Application: v.program.Application(), Nonce: nonce, Sender: sender, Recipient: sender,
		TimeMillis: timeOf(nonce) * 1000, PayloadHash: wire.Sum(nil),
	}
	return append(append(raw, before[:]...), e.Encode()...)
}

func invent(t *testing.T, count uint64, nodes ...*inventor) *Reader {
	id := newKey(t).PublicKey()
	var urls []string
	for i, v := range nodes {
		v.program = program.Program{ID: id}
		if v.count == nil {
			v.count = func() uint64 { return count }
		}
		urls = append(urls, fmt.Sprintf("http://node-%d", i))
	}
	r, err := NewReader(ReaderConfig{URLs: urls, Program: id, Transport: transport(func(r *http.Request) (*http.Response, error) {
		for i, v := range nodes {
			if r.URL.Host == fmt.Sprintf("node-%d", i) {
				return v.RoundTrip(r)
			}
		}
		return nil, fmt.Errorf("no node %s", r.URL.Host)
	})})
	require.NoError(t, err)
	return r
}

func requireNonces(t *testing.T, events []wire.EventRecord, first uint64, count int) {
	t.Helper()
	require.Len(t, events, count)
	for i, e := range events {
		require.Equal(t, first+uint64(i), e.Nonce)
	}
}

// What is far behind is found once, and read from the first event on.
func TestEventsFarBehind(t *testing.T) {
	v := &inventor{}
	r := invent(t, 10_000, v)
	requests := func(first uint64, limit, count int) int64 {
		t.Helper()
		before := v.requests.Load()
		e, err := r.Events(t.Context(), first, limit)
		require.NoError(t, err)
		requireNonces(t, e.Records, first, count)
		return v.requests.Load() - before
	}
	require.EqualValues(t, 1, requests(10_000, 10, 0))
	require.EqualValues(t, 2, requests(9_990, 10, 10), "the gateway names them")
	require.EqualValues(t, 1, requests(9_990, 10, 10), "and they are remembered")
	require.EqualValues(t, 1+156+3, requests(0, 256, 256), "64 with a request, and then 98")
	require.EqualValues(t, 11, requests(256, MaxEvents, MaxEvents))
	require.Len(t, r.nodes[0].trail.known, 10_000-256)
	require.EqualValues(t, 1, requests(9_999, MaxEvents, 1))
	require.Len(t, r.nodes[0].trail.known, 1)
	require.EqualValues(t, 1+1+1, requests(9_930, 5, 5), "those before are found anew")
}

// A walk that is longer than an answer may take goes on, also after the call's time.
func TestEventsFarBehindASlowNode(t *testing.T) {
	slow := func() (*inventor, *Reader) {
		v := &inventor{takes: 20 * time.Millisecond}
		r := invent(t, 1_000, v)
		r.nodes[0].timeout = 50 * time.Millisecond
		return v, r
	}
	v, r := slow()
	e, err := r.Events(t.Context(), 0, 10)
	require.NoError(t, err)
	requireNonces(t, e.Records, 0, 10)
	require.Greater(t, v.requests.Load(), int64(17), "in several rounds")

	v, r = slow()
	r.finding = 0
	calls := int64(0)
	for err = errFar; err != nil; calls++ {
		require.ErrorIs(t, err, errFar)
		e, err = r.Events(t.Context(), 0, 10)
	}
	requireNonces(t, e.Records, 0, 10)
	require.Greater(t, calls, int64(2))
	require.LessOrEqual(t, v.requests.Load(), 15+1+calls)

	v, r = slow()
	for calls, err = 0, context.DeadlineExceeded; err != nil; calls++ {
		require.ErrorIs(t, err, context.DeadlineExceeded)
		ctx, cancel := context.WithTimeout(t.Context(), 110*time.Millisecond)
		e, err = r.Events(ctx, 0, 10)
		cancel()
	}
	requireNonces(t, e.Records, 0, 10)
	require.Greater(t, calls, int64(2))
	require.LessOrEqual(t, v.requests.Load(), 15+1+4*calls)
}

// A node that invents events without end, or a way to them without one, takes neither memory nor time without end.
func TestEventsWithoutEnd(t *testing.T) {
	honest := func() *inventor { return &inventor{count: func() uint64 { return 200 }} }
	for name, liar := range map[string]*inventor{
		"events":            {count: func() uint64 { return 1 << 62 }},
		"as many as can be": {count: func() uint64 { return 1<<64 - 1 }},
		"a circle":          {count: func() uint64 { return 200 }, before: func(nonce uint64) uint64 { return 136 + nonce%64 }},
		"the same again":    {count: func() uint64 { return 200 }, before: func(nonce uint64) uint64 { return nonce }},
	} {
		t.Run(name, func(t *testing.T) {
			r := invent(t, 0, honest(), liar, honest())
			for _, n := range r.nodes {
				n.timeout = 200 * time.Millisecond
			}
			for range 3 {
				began := time.Now()
				e, err := r.Events(t.Context(), 3, 1000)
				require.Less(t, time.Since(began), 2*time.Second)
				require.LessOrEqual(t, len(r.nodes[1].trail.known), maxKnown)
				if liar.before == nil { // it does not come to an answer
					require.NoError(t, err)
					requireNonces(t, e.Records, 3, 197)
					continue
				}
				require.ErrorIs(t, err, ErrEventClosed)
				require.ErrorContains(t, err, "node-1")
				require.Empty(t, r.nodes[1].trail.known, "nothing of it is believed")
			}
		})
	}
}

// Events that come while one reads are of the next call: the time is that of what was read.
func TestEventsThatComeMeanwhile(t *testing.T) {
	v := &inventor{}
	count := atomic.Uint64{}
	count.Store(500)
	v.count = func() uint64 { return count.Add(1) }
	r := invent(t, 0, v)
	e, err := r.Events(t.Context(), 100, MaxEvents)
	require.NoError(t, err)
	requireNonces(t, e.Records, 100, 401)
	require.Equal(t, time.Unix(int64(timeOf(501)), 0).Add(-time.Millisecond).UTC(), e.Through, "of the first request")
	next, err := r.Events(t.Context(), 501, MaxEvents)
	require.NoError(t, err)
	require.Equal(t, uint64(501), next.Records[0].Nonce)
	require.Less(t, next.Records[len(next.Records)-1].TimeMillis, uint64(next.Through.UnixMilli()))

	// A node that goes back tells of an older block.
	v.count = func() uint64 { return count.Add(^uint64(9)) }
	count.Store(600)
	e, err = r.Events(t.Context(), 545, MaxEvents)
	require.NoError(t, err)
	requireNonces(t, e.Records, 545, 35)
	require.Equal(t, time.Unix(int64(timeOf(580)), 0).Add(-time.Millisecond).UTC(), e.Through)
}

func TestEventsAtTheSameTime(t *testing.T) {
	r := invent(t, 1000, &inventor{}, &inventor{})
	var reading sync.WaitGroup
	for i := range uint64(8) {
		reading.Go(func() {
			e, err := r.Events(t.Context(), 100*i, 50)
			if err != nil || len(e.Records) != 50 || e.Records[0].Nonce != 100*i {
				t.Errorf("%d events from %d on: %v", len(e.Records), 100*i, err)
			}
		})
	}
	reading.Wait()
}

func TestTrail(t *testing.T) {
	known := func(ranges ...uint64) *trail {
		out := newTrail()
		for i := 0; i < len(ranges); i += 2 {
			for nonce := ranges[i]; nonce < ranges[i+1]; nonce++ {
				out.known[nonce] = solanago.PublicKey{1}
			}
		}
		return out
	}
	t.Run("edge", func(t *testing.T) {
		require.Empty(t, known().edge(0))
		require.Empty(t, known(0, 200).edge(0))
		require.Empty(t, known(100, 164).edge(100))
		require.Equal(t, []uint64{164}, known(101, 165).edge(100))
		edge := known(300, 364, 1000, 2000).edge(100)
		require.Len(t, edge, 64)
		require.Equal(t, []uint64{300, 363}, []uint64{edge[0], edge[63]})
	})
	t.Run("next", func(t *testing.T) {
		require.Equal(t, []uint64{5, 6}, known(0, 7, 8, 10).next(5, 10))
		require.Equal(t, []uint64{0, 1, 2}, known(0, 7).next(0, 3))
		require.Empty(t, known(0, 7).next(7, 3))
		require.Empty(t, known(0, 7).next(0, 0))
	})
	t.Run("bound", func(t *testing.T) {
		some := known(0, 10, 1<<30, 1<<30+maxKnown-10)
		some.bound(10)
		require.Len(t, some.known, maxKnown)
		some.known[1<<60] = solanago.PublicKey{1}
		some.bound(10)
		require.Len(t, some.known, 10+maxKnown/2)
		require.Contains(t, some.known, uint64(1<<30), "where it goes on")
		some.forget(10)
		require.Len(t, some.known, maxKnown/2)
	})
}

// A walk passes 64 events and more of the program's own, and nodes that do not tell the truth of the way.
func TestWalk(t *testing.T) {
	f := start(t, 4, 3, image)
	client, _ := f.client(f.payer[0])
	f.calls(client, 0, 200)
	event := func(nonce uint64) solanago.PublicKey { return f.program().SentEvent(client.Payer(), nonce) }
	before, err := f.reader().Events(f.ctx, 0, MaxEvents)
	require.NoError(t, err)
	f.requireCalls(before, 0, 200)

	reader := f.reader()
	host := reader.nodes[1].name
	forge := func(of solanago.PublicKey, change func(data []byte)) {
		forged := f.shown(of)
		change(forged.Data)
		require.NoError(t, f.Node(1).ForgeAccount(f.ctx, of, forged))
	}
	names := func(at, before uint64) func() {
		address := event(before)
		return func() { forge(event(at), func(data []byte) { copy(data[34:], address[:]) }) }
	}
	for name, c := range map[string]struct {
		lie  func()
		says string
	}{
		"another before one":     {names(130, 65), "event 66: the account of an event was closed"},
		"one before itself":      {names(130, 130), "its account has event 130"},
		"none before one":        {func() { forge(event(130), func(data []byte) { clear(data[34:66]) }) }, "event 130 names none before it"},
		"the gateway before one": {func() { forge(event(130), func(data []byte) { g := f.program().Gateway(); copy(data[34:], g[:]) }) }, "not an account"},
		"no account":             {func() { require.NoError(t, f.Node(1).ForgeAccount(f.ctx, event(130), nil)) }, "event 130: the account of an event was closed"},
		"another account":        {func() { forge(event(130), func(data []byte) { data[66+15]++ }) }, "event 130"},
		"an account of no length": {func() {
			require.NoError(t, f.Node(1).ForgeAccount(f.ctx, event(130), &testnet.Account{Owner: f.id, Lamports: 1}))
		}, "event 130"},
		"another in the gateway": {func() { forge(f.program().Gateway(), func(data []byte) { copy(data[34+92:], data[34+92+32:]) }) }, "was closed"},
	} {
		t.Run(name, func(t *testing.T) {
			c.lie()
			for range 2 {
				_, err := reader.Events(f.ctx, 2, MaxEvents)
				require.ErrorContains(t, err, host)
				require.ErrorContains(t, err, c.says)
			}
			require.NoError(t, f.Node(1).ClearFaults(f.ctx))
			events, err := reader.Events(f.ctx, 2, MaxEvents)
			require.NoError(t, err, "once it tells the truth")
			f.requireCalls(events, 2, 198)
			reader = f.reader()
		})
	}
}

// Once an event is closed its sender may use the id again, and nobody takes the other one for it.
func TestAnIDUsedAgain(t *testing.T) {
	f := start(t, 4, 2, image)
	client, _ := f.client(f.payer[0])
	f.calls(client, 0, 100)
	again, err := f.program().SendCall(client.Payer(), client.Payer(), sender, []byte{9}, 30)
	require.NoError(t, err)
	_, err = client.send(f.ctx, 0, []transaction{{again}})
	require.ErrorIs(t, err, program.CodeExists)

	remembers := f.reader()
	_, err = remembers.Events(f.ctx, 0, MaxEvents)
	require.NoError(t, err)
	require.NoError(t, client.Submit(f.ctx, f.chain.sign(1, retained, false)))
	f.send(client, f.program().CloseEvent(f.program().SentEvent(client.Payer(), 30), client.Payer(), client.Payer()))
	f.send(client, again)
	require.NoError(t, f.Advance(f.ctx, 10))
	for name, reader := range map[string]*Reader{"one that knows where it was": remembers, "another": f.reader()} {
		events, err := reader.Events(f.ctx, 31, MaxEvents)
		require.NoError(t, err, name)
		require.Len(t, events.Records, 70, name)
		require.Equal(t, []byte{9}, events.Records[69].Payload, name)
		_, err = reader.Events(f.ctx, 0, MaxEvents)
		require.ErrorIs(t, err, ErrEventClosed, name)
		require.ErrorContains(t, err, "event 30", name)
		require.ErrorContains(t, err, "its account has event 100", name)
		events, err = reader.Events(f.ctx, 31, MaxEvents)
		require.NoError(t, err, name)
		require.Len(t, events.Records, 70, name)
	}
}
