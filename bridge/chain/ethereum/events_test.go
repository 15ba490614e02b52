package ethereum

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	goethereum "github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/testutil/ethereum"
	"github.com/ipdm-network/ipdm/testutil/faultproxy"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// outbound returns the logs of the gateway's events.
func (w *world) outbound() []types.Log {
	w.Helper()
	logs, err := w.node().FilterLogs(w.Context(), goethereum.FilterQuery{Addresses: []common.Address{w.gateway}, FromBlock: new(big.Int)})
	require.NoError(w, err)
	var out []types.Log
	for _, log := range logs {
		if _, err := bindings.NewGateway().UnpackOutboundEvent(&log); err == nil {
			out = append(out, log)
		}
	}
	return out
}

func (w *world) latest() uint64 {
	w.Helper()
	number, err := w.node().BlockNumber(w.Context())
	require.NoError(w, err)
	return number
}

// millisOf returns the time of a block.
func (w *world) millisOf(number uint64) uint64 {
	w.Helper()
	head, err := w.node().HeaderByNumber(w.Context(), new(big.Int).SetUint64(number))
	require.NoError(w, err)
	return head.Time * 1000
}

// emit has the gateway emit so many events, each in a block of its own.
func (w *world) emit(count int) {
	w.Helper()
	for i := range count {
		w.onGateway(1, bindings.NewGateway().PackCall(alice, fmt.Appendf(nil, "call %d", i)))
	}
}

// reader returns a reader from endpoints.
func (w *world) reader(change func(*ReaderConfig), urls ...string) *Reader {
	w.Helper()
	cfg := ReaderConfig{URLs: urls, Gateway: w.gateway, CallTimeout: 10 * time.Second}
	if change != nil {
		change(&cfg)
	}
	r, err := NewReader(w.Context(), cfg)
	require.NoError(w, err)
	w.Cleanup(r.Close)
	return r
}

func (w *world) proxy() *faultproxy.Proxy {
	w.Helper()
	proxy, err := faultproxy.Start(w.network.URL())
	require.NoError(w, err)
	w.Cleanup(func() { require.NoError(w, proxy.Close()) })
	return proxy
}

// nonces reads events and returns their nonces.
func (w *world) nonces(r *Reader, first uint64, limit int) []uint64 {
	w.Helper()
	events, err := r.Events(w.Context(), first, limit)
	require.NoError(w, err)
	return noncesOf(events)
}

func noncesOf(events relayer.Events) []uint64 {
	var out []uint64
	for _, e := range events.Records {
		out = append(out, e.Nonce)
	}
	return out
}

func TestOnlyFinalEventsAreRead(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	r := w.reader(nil, w.network.URL())
	_, err := r.Events(t.Context(), 0, 10)
	require.ErrorContains(t, err, "no contract at this address", "no final block has the gateway")
	require.NoError(t, w.network.Finalize(t.Context()))
	w.emit(2)
	first := w.outbound()[0].BlockNumber
	for depth := range w.network.FinalityDepth() + 1 { // the second event is in the latest block
		events, err := r.Events(t.Context(), 0, 10)
		require.NoError(t, err)
		final := w.latest() - uint64(w.network.FinalityDepth())
		require.Equal(t, int64(w.millisOf(final))-1, events.Through.UnixMilli())
		require.Len(t, events.Records, int(min(2, max(first, final+1)-first)), "at depth %d", depth)
		require.NoError(t, w.network.Mine(t.Context(), 1))
	}
	require.Equal(t, []uint64{0, 1}, w.nonces(r, 0, 10))
	require.Equal(t, []uint64{0}, w.nonces(r, 0, 1))
	require.Equal(t, []uint64{1}, w.nonces(r, 1, 10))
	require.Empty(t, w.nonces(r, 2, 10))
	_, err = r.Events(t.Context(), 3, 10)
	require.ErrorContains(t, err, "it lags: the gateway has 2 events")
	require.ErrorContains(t, err, w.network.URL())
	_, err = r.Events(t.Context(), 0, 0)
	require.Error(t, err)
}

func TestEventsOverManyBlocks(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	proxy := w.proxy()
	const atOnce = 16
	reader := func() *Reader {
		r := w.reader(nil, proxy.URL())
		require.Equal(t, uint64(blocksAtOnce), r.sources[0].atOnce)
		r.sources[0].atOnce = atOnce // so many blocks take anvil minutes
		return r
	}
	r := reader()
	w.emit(2)
	require.NoError(t, w.network.Mine(t.Context(), 2*atOnce))
	w.emit(2)
	require.NoError(t, w.network.Finalize(t.Context()))
	requests := func(read func()) int {
		before := proxy.Calls("eth_getLogs")
		read()
		return proxy.Calls("eth_getLogs") - before
	}
	all := func() { require.Equal(t, []uint64{0, 1, 2, 3}, w.nonces(r, 0, 10)) }
	require.Equal(t, 3, requests(all))
	require.Equal(t, 1, requests(all), "but for the last block it is known")
	require.Equal(t, 0, requests(func() { require.Equal(t, []uint64{0, 1}, w.nonces(r, 0, 2)) }))
	require.Equal(t, 0, requests(func() { require.Equal(t, []uint64{2}, w.nonces(r, 2, 1)) }))
	require.Equal(t, 1, requests(func() { require.Equal(t, []uint64{2, 3}, w.nonces(r, 2, 10)) }))
	require.Equal(t, 1, requests(func() { require.Equal(t, []uint64{3}, w.nonces(r, 3, 10)) }))
	require.Equal(t, 0, requests(func() { require.Empty(t, w.nonces(r, 4, 10)) }))
	require.NoError(t, w.network.Mine(t.Context(), 2*atOnce))
	require.Equal(t, 0, requests(func() { require.Empty(t, w.nonces(r, 4, 10)) }), "nothing is to be found")
	w.emit(1)
	require.NoError(t, w.network.Finalize(t.Context()))
	require.Equal(t, 1, requests(func() { require.Equal(t, []uint64{4}, w.nonces(r, 4, 10)) }), "what was empty is not read again")

	// A provider that takes fewer blocks at once gets fewer.
	few := func(ctx context.Context, p *faultproxy.Proxy, request *faultproxy.Request) (json.RawMessage, error) {
		var query []struct{ FromBlock, ToBlock hexutil.Uint64 }
		require.NoError(t, json.Unmarshal(request.Params, &query))
		if query[0].ToBlock-query[0].FromBlock >= atOnce/4 {
			return json.Marshal(map[string]any{"jsonrpc": "2.0", "id": request.ID, "error": map[string]any{"code": -32005, "message": "too many blocks"}})
		}
		return p.Forward(ctx, request)
	}
	proxy.Add(faultproxy.Rule{Methods: []string{"eth_getLogs"}, Fault: few})
	require.Equal(t, []uint64{0, 1, 2, 3, 4}, w.nonces(r, 0, 10), "it begins anew")
	require.Equal(t, []uint64{0, 1, 2, 3}, w.nonces(reader(), 0, 4))
}

// What takes too many requests is read in several calls, each of which tells how far it has come.
func TestEventsThatTakeManyRequests(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	require.NoError(t, w.network.Mine(t.Context(), 20))
	for range 3 {
		w.emit(1)
		require.NoError(t, w.network.Mine(t.Context(), 20))
	}
	require.NoError(t, w.network.Finalize(t.Context()))
	logs := w.outbound()
	r := w.reader(nil, w.network.URL())
	r.sources[0].atOnce, r.sources[0].requests = 3, 5
	var last relayer.Events
	var next uint64
	for read := 0; len(last.Records) < 3; read++ {
		require.Less(t, read, 10, "it goes on")
		events, err := r.Events(t.Context(), 0, 10)
		require.NoError(t, err)
		for i, e := range events.Records {
			require.Equal(t, uint64(i), e.Nonce)
			require.GreaterOrEqual(t, events.Through.UnixMilli(), int64(w.millisOf(logs[i].BlockNumber))-1)
		}
		require.False(t, events.Through.Before(last.Through))
		require.Greater(t, r.sources[0].known.next, next)
		last, next = events, r.sources[0].known.next
	}
	require.Equal(t, int64(w.millisOf(w.latest()-uint64(w.network.FinalityDepth())))-1, last.Through.UnixMilli())
}

// Nor does a call lose what it has read that ends before it has all.
func TestEventsThatTakeLong(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	w.emit(1)
	require.NoError(t, w.network.Mine(t.Context(), 20))
	w.emit(1)
	require.NoError(t, w.network.Finalize(t.Context()))
	proxy := w.proxy()
	r := w.reader(nil, proxy.URL())
	r.sources[0].atOnce = 3
	for read := 0; ; read++ {
		require.Less(t, read, 20, "it goes on")
		ctx, cancel := context.WithCancel(t.Context())
		asked := 0
		stop := proxy.Add(faultproxy.Rule{Methods: []string{"eth_getLogs"}, Fault: func(
			within context.Context, p *faultproxy.Proxy, request *faultproxy.Request,
		) (json.RawMessage, error) {
			if asked++; asked > 2 {
				cancel() // the caller has no more time
			}
			return p.Forward(within, request)
		}})
		events, err := r.Events(ctx, 0, 10)
		stop()
		cancel()
		if err == nil {
			require.Equal(t, []uint64{0, 1}, noncesOf(events))
			require.Greater(t, read, 2)
			return
		}
		require.ErrorIs(t, err, context.Canceled)
	}
}

// A call whose time runs out tells how far it has come.
func TestEventsUpToADeadline(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	w.emit(1)
	require.NoError(t, w.network.Mine(t.Context(), 20))
	w.emit(1)
	require.NoError(t, w.network.Finalize(t.Context()))
	proxy := w.proxy()
	r := w.reader(nil, proxy.URL())
	r.sources[0].atOnce = w.outbound()[1].BlockNumber // exclusive
	stop := proxy.Add(faultproxy.Rule{Methods: []string{"eth_getLogs"}, Fault: func(
		ctx context.Context, p *faultproxy.Proxy, request *faultproxy.Request,
	) (json.RawMessage, error) {
		if strings.Contains(string(request.Params), `"fromBlock":"0x0"`) {
			return p.Forward(ctx, request)
		}
		return faultproxy.Hang()(ctx, p, request)
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	events, err := r.Events(ctx, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []uint64{0}, noncesOf(events))
	require.Equal(t, int64(w.millisOf(w.outbound()[1].BlockNumber-1))-1, events.Through.UnixMilli())
	stop()
	require.Equal(t, []uint64{0, 1}, w.nonces(r, 0, 10))
}

// What has been read is forgotten if the chain has another block where there was a final one.
func TestAFinalBlockThatIsAnother(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	w.emit(3)
	require.NoError(t, w.network.Finalize(t.Context()))
	proxy := w.proxy()
	r := w.reader(nil, proxy.URL())
	require.Equal(t, []uint64{0, 1, 2}, w.nonces(r, 0, 10))
	require.Len(t, r.sources[0].known.records, 2, "but for the last block")
	r.sources[0].known.records[0].Payload = []byte("of a fork")
	require.NoError(t, w.network.Mine(t.Context(), 1))
	events, err := r.Events(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, []byte("of a fork"), events.Records[0].Payload, "it is kept")
	for _, forget := range []func(*progress){
		func(p *progress) { p.upon.hash[0] ^= 1 },
		func(p *progress) { p.upon.number += 1_000 },
	} {
		forget(&r.sources[0].known)
		r.sources[0].known.records[0].Payload = []byte("of a fork")
		events, err = r.Events(t.Context(), 0, 10)
		require.NoError(t, err)
		require.Equal(t, []byte("call 0"), events.Records[0].Payload)
	}
}

func TestEndpointsHaveToAgreeOnEvents(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	w.emit(3)
	require.NoError(t, w.network.Finalize(t.Context()))
	lie := func(change func(result json.RawMessage) any) faultproxy.Fault {
		return faultproxy.Lie(func(_, result json.RawMessage) (any, error) { return change(result), nil })
	}
	logs := func(change func([]types.Log) []types.Log) faultproxy.Fault {
		return lie(func(result json.RawMessage) any {
			var all []types.Log
			require.NoError(t, json.Unmarshal(result, &all))
			return change(all)
		})
	}
	replace := func(from, to string) faultproxy.Fault {
		return lie(func(result json.RawMessage) any { return json.RawMessage(strings.ReplaceAll(string(result), from, to)) })
	}
	for name, tt := range map[string]struct {
		method string
		fault  faultproxy.Fault
		says   string
	}{
		"no logs":         {"eth_getLogs", logs(func([]types.Log) []types.Log { return []types.Log{} }), "event 0 is missing"},
		"the first lacks": {"eth_getLogs", logs(func(all []types.Log) []types.Log { return all[1:] }), "event 0 is missing"},
		"one lacks":       {"eth_getLogs", logs(func(all []types.Log) []types.Log { return append(all[:1], all[2]) }), "event 1 is missing"},
		"the last lacks":  {"eth_getLogs", logs(func(all []types.Log) []types.Log { return all[:2] }), "event 2 is missing"},
		"another's log": {"eth_getLogs", logs(func(all []types.Log) []types.Log {
			all[0].Address[0] ^= 1
			return all
		}), "none of the gateway's"},
		"a log without topics": {"eth_getLogs", logs(func(all []types.Log) []types.Log {
			all[0].Topics = all[0].Topics[:1]
			return all
		}), "malformed"},
		"no kind": {"eth_getLogs", logs(func(all []types.Log) []types.Log {
			all[0].Topics[2] = common.Hash{}
			return all
		}), "kind 0"},
		"a block that was not asked for": {"eth_getLogs", logs(func(all []types.Log) []types.Log {
			all[2].BlockNumber += 1_000
			return all
		}), "is of block"},
		"another payload": {"eth_getLogs", replace(common.Bytes2Hex([]byte("call 1")), common.Bytes2Hex([]byte("call 9"))), "disagree on the events"},
		"another block":   {"eth_getBlockByNumber", replace(`"hash":"0x`, `"hash":"0x1234`), "failed to read events"},
		"another time":    {"eth_getBlockByNumber", replace(`"timestamp":"0x`, `"timestamp":"0x1`), "disagree on block"},
		"no gateway":      {"eth_call", lie(func(json.RawMessage) any { return "0x" }), "no contract at this address"},
		"no number":       {"eth_call", lie(func(json.RawMessage) any { return "0x1234" }), "no gateway of IPDM"},
		"no answer":       {"", faultproxy.Status(503), "1 of 2 endpoints answer, 2 have to"},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := w.proxy()
			r := w.reader(nil, w.network.URL(), proxy.URL())
			rule := faultproxy.Rule{Fault: tt.fault}
			if tt.method != "" {
				rule.Methods = []string{tt.method}
			}
			stop := proxy.Add(rule)
			_, err := r.Events(t.Context(), 0, 10)
			require.ErrorContains(t, err, tt.says)
			require.ErrorContains(t, err, proxy.URL(), "it says who")
			stop()
			require.Equal(t, []uint64{0, 1, 2}, w.nonces(r, 0, 10), "it does not stay wrong")
		})
	}
}

// What an endpoint lacks that lags, or is down, the others do not wait for, if two agree.
func TestEndpointsThatLagOrAreDown(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	require.NoError(t, w.network.Finalize(t.Context()))
	w.emit(3)
	require.NoError(t, w.network.Finalize(t.Context()))
	proxy := w.proxy()
	r := w.reader(nil, w.network.URL(), proxy.URL())
	stop := proxy.Add(faultproxy.Rule{Fault: faultproxy.Lag(1)})
	events, err := r.Events(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, []uint64{0, 1}, noncesOf(events))
	require.Equal(t, int64(w.millisOf(w.outbound()[1].BlockNumber))-1, events.Through.UnixMilli())
	stop()
	require.Equal(t, []uint64{0, 1, 2}, w.nonces(r, 0, 10))

	// With a third the one that lags is not waited for, and its own part has to be right.
	stop = proxy.Add(faultproxy.Rule{Fault: faultproxy.Lag(1)})
	others := []string{w.network.URL(), w.proxy().URL(), proxy.URL()}
	three := w.reader(nil, others...)
	events, err = three.Events(t.Context(), 0, 10)
	require.NoError(t, err)
	require.Equal(t, []uint64{0, 1, 2}, noncesOf(events))
	require.Equal(t, int64(w.millisOf(w.outbound()[2].BlockNumber))-1, events.Through.UnixMilli())
	_, err = three.Events(t.Context(), 3, 10)
	require.NoError(t, err, "two of them know of three events")
	_, err = r.Events(t.Context(), 3, 10)
	require.ErrorContains(t, err, "1 of 2 endpoints answer, 2 have to: "+proxy.URL()+": it lags: the gateway has 2 events")
	stop()
	liar := w.proxy()
	liar.Add(faultproxy.Rule{Methods: []string{"eth_getLogs"}, Fault: faultproxy.Lie(func(_, result json.RawMessage) (any, error) {
		said := strings.ReplaceAll(string(result), common.Bytes2Hex([]byte("call 1")), common.Bytes2Hex([]byte("call 9")))
		return json.RawMessage(said), nil
	})})
	for _, lag := range []uint64{0, 1} { // of the others
		stop = proxy.Add(faultproxy.Rule{Fault: faultproxy.Lag(lag)})
		_, err = w.reader(nil, proxy.URL(), w.network.URL(), liar.URL()).Events(t.Context(), 0, 10)
		require.ErrorIs(t, err, errDisagree)
		require.ErrorContains(t, err, liar.URL())
		stop()
	}

	const down = "http://127.0.0.1:1"
	require.Equal(t, []uint64{0, 1, 2}, w.nonces(w.reader(nil, down, w.network.URL(), proxy.URL()), 0, 10))
	one := w.reader(func(cfg *ReaderConfig) { cfg.MinEndpoints = 1 }, down, w.network.URL())
	require.Equal(t, []uint64{0, 1, 2}, w.nonces(one, 0, 10))
	all := w.reader(func(cfg *ReaderConfig) { cfg.MinEndpoints = 3 }, down, w.network.URL(), proxy.URL())
	_, err = all.Events(t.Context(), 0, 10)
	require.ErrorContains(t, err, "2 of 3 endpoints answer, 3 have to")
	require.ErrorContains(t, err, down)
}

// One that never answers takes part of the caller's time only, and one whose reading panics does not end the process.
func TestEndpointsThatHangOrPanic(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	w.emit(1)
	require.NoError(t, w.network.Finalize(t.Context()))
	require.NoError(t, w.network.Mine(t.Context(), 1))
	proxy, lagging := w.proxy(), w.proxy()
	lagging.Add(faultproxy.Rule{Fault: faultproxy.Lag(1)}) // to be compared takes a request more
	r := w.reader(nil, w.network.URL(), proxy.URL(), lagging.URL())
	for _, method := range []string{"eth_getLogs", "eth_getBlockByNumber"} {
		stop := proxy.Add(faultproxy.Rule{Methods: []string{method}, Fault: faultproxy.Hang()})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		events, err := r.Events(ctx, 0, 10)
		cancel()
		require.NoError(t, err)
		require.Equal(t, []uint64{0}, noncesOf(events))
		stop()
	}
	r.sources[1].Client = nil
	require.Equal(t, []uint64{0}, w.nonces(r, 0, 10))
	r.sources[2].Client = nil
	_, err := r.Events(t.Context(), 0, 10)
	require.ErrorContains(t, err, proxy.URL()+": panic: ")
}

// The gateway of another chain says nothing of this one.
func TestAGatewayOfAnotherDomain(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	require.NoError(t, w.network.Finalize(t.Context()))
	reader := func(domain wire.Domain) *Reader {
		return w.reader(func(cfg *ReaderConfig) { cfg.Domain = domain }, w.network.URL())
	}
	require.Empty(t, w.nonces(reader(testDomain), 0, 10))
	_, err := reader(testDomain+1).Events(t.Context(), 0, 10)
	require.ErrorIs(t, err, errDomain)
	require.ErrorContains(t, err, w.network.URL()+": the gateway is of another domain: found 7, expected 8")
	_, err = w.client(0, func(cfg *Config) { cfg.Domain = testDomain + 1 }).Events(t.Context(), 0, 10)
	require.ErrorIs(t, err, errDomain)
}

func TestEventsAreReadWhileMessagesAreDelivered(t *testing.T) {
	w := newGatewayWorld(t, mining())
	c := w.client(0, func(cfg *Config) { cfg.URLs = []string{w.network.URL(), w.proxy().URL()} })
	for range 3 {
		w.send(wire.Message{Kind: wire.KindCall, Sender: alice, Recipient: alice}, []byte("to nobody"))
	}
	w.emit(2)
	w.prove(c)
	require.NoError(t, w.network.Finalize(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	results := make(chan error, 3)
	for first := range uint64(3) {
		go func() {
			for ctx.Err() == nil {
				if _, err := c.Events(t.Context(), first, 10); err != nil {
					results <- err
					return
				}
			}
			results <- nil
		}()
	}
	for nonce := range uint64(3) {
		require.NoError(t, c.Deliver(t.Context(), w.chain.Delivery(nonce)))
	}
	cancel()
	for range 3 {
		require.NoError(t, <-results)
	}
	require.NoError(t, w.network.Finalize(t.Context()))
	require.Equal(t, []uint64{0, 1, 2, 3, 4}, w.nonces(c.events, 0, 10))
}

// Events before the first block that is looked at are missing, not absent.
func TestAFirstBlockThatIsTooLate(t *testing.T) {
	w := newGatewayWorld(t, ethereum.Options{})
	w.emit(3)
	require.NoError(t, w.network.Finalize(t.Context()))
	r := w.reader(func(cfg *ReaderConfig) { cfg.FirstBlock = w.outbound()[1].BlockNumber }, w.network.URL())
	_, err := r.Events(t.Context(), 0, 10)
	require.ErrorContains(t, err, "event 0 is missing before event 1")
	require.Equal(t, []uint64{1, 2}, w.nonces(r, 1, 10))
	none := w.reader(func(cfg *ReaderConfig) { cfg.FirstBlock = w.latest() }, w.network.URL())
	_, err = none.Events(t.Context(), 0, 10)
	require.ErrorContains(t, err, "event 0 is missing")
}

// An endpoint whose answer does not end is not listened to for long.
func TestAnAnswerWithoutEnd(t *testing.T) {
	endless := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		_, err := out.Write([]byte(`{"jsonrpc":"2.0","id":1,"result":"`))
		for some := bytes.Repeat([]byte("a"), 1<<16); err == nil; {
			_, err = out.Write(some)
		}
	}))
	defer endless.Close()
	r, err := NewReader(t.Context(), ReaderConfig{URLs: []string{endless.URL}, Gateway: common.Address{1}, CallTimeout: time.Minute})
	require.NoError(t, err)
	defer r.Close()
	_, err = r.Events(t.Context(), 0, 1)
	require.ErrorIs(t, err, endpoints.ErrTooLong)
}

// An endpoint that has much to say of an error does not fill the log.
func TestAnErrorWithoutEnd(t *testing.T) {
	long := strings.Repeat("a", 1<<20)
	for name, answer := range map[string]http.HandlerFunc{
		"a page": func(out http.ResponseWriter, _ *http.Request) { http.Error(out, long, http.StatusBadGateway) },
		"an error": func(out http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(out, `{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"%s"}}`, long)
		},
	} {
		server := httptest.NewServer(answer)
		r, err := NewReader(t.Context(), ReaderConfig{URLs: []string{server.URL}, Gateway: common.Address{1}})
		require.NoError(t, err)
		_, err = r.Events(t.Context(), 0, 1)
		require.ErrorContains(t, err, "aaa", name)
		require.Less(t, len(err.Error()), 600, name)
		r.Close()
		server.Close()
	}
}

func TestReaderSettings(t *testing.T) {
	good := ReaderConfig{URLs: []string{"http://127.0.0.1:1/v2/secret", "http://127.0.0.1:2"}, Gateway: common.Address{1}}
	for name, change := range map[string]func(*ReaderConfig){
		"no endpoint": func(cfg *ReaderConfig) { cfg.URLs = nil },
		"no gateway":  func(cfg *ReaderConfig) { cfg.Gateway = common.Address{} },
		"too many":    func(cfg *ReaderConfig) { cfg.MinEndpoints = 3 },
		"negative":    func(cfg *ReaderConfig) { cfg.MinEndpoints = -1 },
		"bad URL":     func(cfg *ReaderConfig) { cfg.URLs = []string{"http://127.0.0.1:1", "gopher://x"} },
	} {
		cfg := good
		change(&cfg)
		_, err := NewReader(t.Context(), cfg)
		require.Error(t, err, name)
	}
	r, err := NewReader(t.Context(), good)
	require.NoError(t, err)
	defer r.Close()
	_, err = r.Events(t.Context(), 0, 1)
	require.ErrorContains(t, err, "0 of 2 endpoints answer")
	require.NotContains(t, err.Error(), "secret")
}
