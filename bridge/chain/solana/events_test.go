package solana

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// reader returns one that asks all nodes.
func (f *fixture) reader(urls ...string) *Reader {
	if urls == nil {
		urls = f.urls
	}
	r, err := NewReader(ReaderConfig{URLs: urls, Program: f.id})
	require.NoError(f.t, err)
	return r
}

// calls sends so many calls to IPDM, as the next events from a nonce on and with that as their id, and waits until they are final.
func (f *fixture) calls(c *Client, first uint64, count int) {
	f.t.Helper()
	var batch []transaction
	for i := range count {
		nonce := first + uint64(i)
		call, err := f.program().SendCall(c.Payer(), c.Payer(), sender, []byte{byte(nonce)}, nonce)
		require.NoError(f.t, err)
		if len(batch) == 0 || !c.fits(append(batch[len(batch)-1], call)) {
			batch = append(batch, nil)
		}
		batch[len(batch)-1] = append(batch[len(batch)-1], call)
	}
	for _, t := range batch {
		f.send(c, t...)
	}
	require.NoError(f.t, f.Advance(f.ctx, 10))
}

// requireCalls requires that events are those that calls sends of the first payer.
func (f *fixture) requireCalls(e relayer.Events, first uint64, count int) {
	f.t.Helper()
	require.Len(f.t, e.Records, count)
	for i, record := range e.Records {
		nonce := first + uint64(i)
		require.Equal(f.t, nonce, record.Nonce)
		require.Equal(f.t, []byte{byte(nonce)}, record.Payload)
		raw := f.finalized(f.program().SentEvent(f.payer[0].PublicKey(), nonce))
		require.Equal(f.t, raw[66:], append(record.Encode(), record.Payload...), "byte for byte")
	}
}

func TestEvents(t *testing.T) {
	f := start(t, 4, 1, image)
	client, _ := f.client(f.payer[0])
	reader := f.reader()
	read := func(first uint64, limit int) relayer.Events {
		t.Helper()
		e, err := reader.Events(f.ctx, first, limit)
		require.NoError(t, err)
		return e
	}
	none := read(0, 10)
	require.Empty(t, none.Records)
	state, err := f.State(f.ctx)
	require.NoError(t, err)
	require.Equal(t, time.Unix(state.Nodes[0].Finalized.Time, 0).Add(-time.Millisecond).UTC(), none.Through)

	f.calls(client, 0, 200)
	for _, c := range []struct {
		first uint64
		limit int
		count int
	}{
		{0, MaxEvents, 200},
		{0, 1, 1},
		{0, 98, 98},
		{0, 99, 99},
		{3, 196, 196},
		{4, 196, 196},
		{5, 196, 195},
		{199, 10, 1},
		{200, 10, 0},
	} {
		e := read(c.first, c.limit)
		f.requireCalls(e, c.first, c.count)
		if c.count > 0 && c.count < c.limit {
			require.LessOrEqual(t, int64(e.Records[c.count-1].TimeMillis), e.Through.UnixMilli())
		}
	}
	for _, first := range []uint64{201, 1<<64 - 1} {
		_, err := reader.Events(f.ctx, first, 10)
		require.ErrorContains(t, err, reader.nodes[0].name+": it lags: the gateway has 200 events")
	}
	for _, limit := range []int{-1, 0, MaxEvents + 1} {
		_, err := reader.Events(f.ctx, 0, limit)
		require.Error(t, err)
	}
	require.Equal(t, "solana", reader.Name())
}

// What was minted goes back, and the event says so.
func TestEventOfSend(t *testing.T) {
	f := start(t, 4, 1, image)
	client, _ := f.client(f.payer[0])
	holder, _ := f.client(f.payer[1])
	f.register()
	f.transfer(holder.Payer(), 30)
	f.accept(client)
	f.deliver(client, 0, 1, 2)
	asset, err := program.DecodeAsset(f.finalized(f.program().Asset(coin)))
	require.NoError(t, err)
	f.send(holder, f.program().Send(holder.Payer(), holder.Payer(), asset, sender, 12, 1))
	require.NoError(t, f.Advance(f.ctx, 10))
	f.requireBalance(holder.Payer(), "18")

	e, err := client.Events(f.ctx, 2, 10)
	require.NoError(t, err)
	require.Len(t, e.Records, 2)
	requireDelivery(t, e.Records[0], 2, wire.StatusDone)
	sent := e.Records[1]
	require.Equal(t, wire.KindTransfer, sent.Kind)
	require.Equal(t, wire.Party(holder.Payer()), sent.Sender)
	require.Equal(t, sender, sent.Recipient)
	transfer, err := wire.DecodeTransfer(sent.Payload)
	require.NoError(t, err)
	require.Equal(t, coin, transfer.Asset)
	require.EqualValues(t, 12*unit, transfer.Amount.Uint64())
}

func TestEventClosed(t *testing.T) {
	f := start(t, 4, 1, image)
	client, _ := f.client(f.payer[0])
	f.calls(client, 0, 3)
	later := f.chain.sign(1, retained, false)
	require.NoError(t, client.Submit(f.ctx, later))
	f.send(client, f.program().CloseEvent(f.program().SentEvent(client.Payer(), 1), client.Payer(), client.Payer()))
	require.NoError(t, f.Advance(f.ctx, 10))
	_, err := client.Events(f.ctx, 0, 10)
	require.ErrorIs(t, err, ErrEventClosed)
	require.ErrorContains(t, err, "event 1")
	e, err := client.Events(f.ctx, 2, 10)
	require.NoError(t, err)
	f.requireCalls(e, 2, 1)

	// Where it is on the way to what is asked for, that is not to be had either.
	f.calls(client, 3, 100)
	e, err = client.Events(f.ctx, 2, MaxEvents)
	require.NoError(t, err)
	f.requireCalls(e, 2, 101)
	require.NoError(t, client.Submit(f.ctx, f.chain.sign(1, uint64(52*time.Hour.Milliseconds()), false)))
	f.send(client, f.program().CloseEvent(f.program().SentEvent(client.Payer(), 70), client.Payer(), client.Payer()))
	require.NoError(t, f.Advance(f.ctx, 10))
	_, err = f.reader().Events(f.ctx, 6, 1)
	require.ErrorIs(t, err, ErrEventClosed)
	require.ErrorContains(t, err, "event 70")
	e, err = f.reader().Events(f.ctx, 71, MaxEvents)
	require.NoError(t, err)
	f.requireCalls(e, 71, 32)
}

func TestEventsOfNodes(t *testing.T) {
	f := start(t, 4, 3, image)
	client, _ := f.client(f.payer[0])
	f.calls(client, 0, 4)
	p, reader := f.program(), f.reader()
	event := func(nonce uint64) solanago.PublicKey { return p.SentEvent(client.Payer(), nonce) }
	forge := func(n int, address solanago.PublicKey, change func(data []byte) []byte) {
		t.Helper()
		account := f.shown(address)
		account.Data = change(account.Data)
		require.NoError(t, f.Node(n).ForgeAccount(f.ctx, address, account))
	}
	gatewayEvents := func(n uint64) func([]byte) []byte {
		return func(data []byte) []byte {
			const header, domain, guardian, times = 34, 4, 32, 16
			binary.BigEndian.PutUint64(data[header+domain+guardian+times:], n)
			return data
		}
	}
	flip := func(at int) func([]byte) []byte {
		return func(data []byte) []byte {
			data[at] ^= 1
			return data
		}
	}
	hosts := []string{f.reader().nodes[0].name, f.reader().nodes[1].name}
	for name, c := range map[string]struct {
		forge func()
		is    error
		says  []string
	}{
		"another event":   {func() { forge(1, event(2), flip(66+55)) }, ErrDisagree, append(hosts, "event 2")},
		"fewer events":    {func() { forge(1, p.Gateway(), gatewayEvents(3)) }, ErrDisagree, []string{hosts[1], "event 3"}},
		"more events":     {func() { forge(1, p.Gateway(), gatewayEvents(5)) }, ErrEventClosed, []string{hosts[1], "event 4"}},
		"no event":        {func() { require.NoError(t, f.Node(1).ForgeAccount(f.ctx, event(1), nil)) }, ErrEventClosed, []string{hosts[1], "event 1"}},
		"no gateway":      {func() { require.NoError(t, f.Node(1).ForgeAccount(f.ctx, p.Gateway(), nil)) }, ErrNoClient, hosts[1:]},
		"another payload": {func() { forge(1, event(2), flip(66+159)) }, program.ErrAccount, hosts[1:]},
		"another nonce":   {func() { forge(1, event(2), flip(66+54)) }, ErrEventClosed, []string{hosts[1], "its account has event 3"}},
		"another domain":  {func() { forge(1, event(2), flip(66+14)) }, nil, []string{hosts[1], "domain 3"}},
		"another gateway": {func() { forge(1, event(2), flip(66+15)) }, nil, hosts[1:]},
		"a broken gateway": {func() {
			forge(1, p.Gateway(), func(data []byte) []byte { return data[:100] })
		}, program.ErrAccount, hosts[1:]},
		"no time": {func() {
			forge(1, solanago.SysVarClockPubkey, func(data []byte) []byte { return make([]byte, len(data)) })
		}, nil, hosts[1:]},
		"no clock": {func() { require.NoError(t, f.Node(1).ForgeAccount(f.ctx, solanago.SysVarClockPubkey, nil)) }, nil, hosts[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			c.forge()
			_, err := reader.Events(f.ctx, 0, 10)
			require.Error(t, err)
			if c.is != nil {
				require.ErrorIs(t, err, c.is)
			}
			for _, text := range c.says {
				require.ErrorContains(t, err, text)
			}
			require.NoError(t, f.Node(1).ClearFaults(f.ctx))
		})
	}

	// One that is behind delays only where there is no third, and one that does not answer does not matter.
	require.NoError(t, f.Advance(f.ctx, 10))
	before, err := reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.calls(client, 4, 2)
	require.NoError(t, f.Node(2).Lag(f.ctx, 40))
	require.NoError(t, f.Advance(f.ctx, 20))
	lagging, err := f.reader(f.urls[0], f.urls[2]).Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.requireCalls(lagging, 0, 4)
	require.True(t, lagging.Through.Before(before.Through.Add(time.Minute)))
	_, err = f.reader(f.urls[0], f.urls[2]).Events(f.ctx, 5, 10)
	require.ErrorContains(t, err, "1 nodes of Solana answer, 2 have to agree: "+reader.nodes[2].name+": it lags: the gateway has 4 events")
	present, err := reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.requireCalls(present, 0, 6)
	require.True(t, present.Through.After(lagging.Through))
	forge(1, event(2), flip(66+55))
	_, err = reader.Events(f.ctx, 0, 10)
	require.ErrorIs(t, err, ErrDisagree)
	require.ErrorContains(t, err, hosts[1])
	require.NoError(t, f.Node(1).ClearFaults(f.ctx))
	require.NoError(t, f.Node(2).RefuseRequests(f.ctx, 503, 1, "getMultipleAccounts"))
	present, err = reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.requireCalls(present, 0, 6)
	for _, n := range []int{1, 2} {
		require.NoError(t, f.Node(n).RefuseRequests(f.ctx, 503, 1, "getMultipleAccounts"))
	}
	_, err = reader.Events(f.ctx, 0, 10)
	require.ErrorContains(t, err, "1 nodes of Solana answer, 2 have to agree")
}

func TestEventsThatAreNotFinal(t *testing.T) {
	f := start(t, 4, 1, image)
	client, _ := f.client(f.payer[0])
	f.calls(client, 0, 1)
	call, err := f.program().SendCall(client.Payer(), client.Payer(), sender, []byte{1}, 1)
	require.NoError(t, err)
	f.send(client, call) // until it is confirmed
	reader := f.reader()
	e, err := reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.requireCalls(e, 0, 1)
	require.NoError(t, f.Rollback(f.ctx, 5))
	require.NoError(t, f.Advance(f.ctx, 10))
	after, err := reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	require.Equal(t, e.Records, after.Records)
	require.True(t, after.Through.After(e.Through))
}

func TestAgree(t *testing.T) {
	at := time.UnixMilli(100)
	event := func(nonce, millis uint64) wire.EventRecord {
		return wire.EventRecord{Event: wire.Event{Nonce: nonce, TimeMillis: millis}}
	}
	of := func(through time.Time, records ...wire.EventRecord) relayer.Events {
		return relayer.Events{Records: records, Through: through}
	}
	require.NoError(t, agree(of(at), of(at)))
	require.NoError(t, agree(of(at), of(at, event(0, 101))))
	require.Error(t, agree(of(at), of(at, event(0, 100))))
	require.NoError(t, agree(of(at, event(0, 1)), of(at, event(0, 1), event(1, 101))))
	require.Error(t, agree(of(at, event(0, 1)), of(at, event(0, 2))))

	require.Error(t, agree(of(at, event(0, 1)), of(at)))
}

// What counts is how far two have come, and nobody may contradict it.
func TestCommon(t *testing.T) {
	at := time.UnixMilli(100)
	event := func(nonce, millis uint64) wire.EventRecord {
		return wire.EventRecord{Event: wire.Event{Nonce: nonce, TimeMillis: millis}}
	}
	says := func(through time.Time, records ...wire.EventRecord) answer[shown] {
		return answer[shown]{&node{name: "n"}, shown{Events: relayer.Events{Records: records, Through: through}}}
	}
	ahead := says(at.Add(time.Second), event(0, 1), event(1, 101))
	present := says(at, event(0, 1))
	stuck := says(at.Add(-100 * time.Millisecond))
	for name, c := range map[string]struct {
		answers  []answer[shown]
		needed   int
		expected answer[shown]
	}{
		"one of three is stuck":  {[]answer[shown]{stuck, ahead, present}, 2, present},
		"two of three are stuck": {[]answer[shown]{stuck, ahead, stuck}, 2, stuck},
		"the lesser of two":      {[]answer[shown]{ahead, stuck}, 2, stuck},
		"one alone":              {[]answer[shown]{ahead}, 1, ahead},
	} {
		events, err := common(c.answers, c.needed)
		require.NoError(t, err, name)
		require.Equal(t, c.expected.said.Events, events, name)
	}
	for name, liar := range map[string]answer[shown]{
		"ahead without an event":         says(at.Add(time.Second)),
		"ahead with another event":       says(at.Add(time.Second), event(0, 2)),
		"ahead with one more":            says(at.Add(time.Second), event(0, 1), event(1, 99)),
		"behind without an event":        says(at.Add(-time.Millisecond)),
		"behind with another event":      says(at.Add(-time.Millisecond), event(0, 2)),
		"behind with one more":           says(at.Add(-time.Millisecond), event(0, 1), event(1, 2)),
		"at the same time, with another": says(at, event(0, 2)),
	} {
		_, err := common([]answer[shown]{present, liar, present}, 2)
		require.ErrorIs(t, err, ErrDisagree, name)
	}
}

// The program of another network says nothing of this one.
func TestAGatewayOfAnotherDomain(t *testing.T) {
	f := start(t, 4, 1, image)
	for expected, is := range map[wire.Domain]error{0: nil, domain: nil, domain + 1: ErrDomain} {
		r, err := NewReader(ReaderConfig{URLs: f.urls, Program: f.id, Domain: expected})
		require.NoError(t, err)
		_, err = r.Events(f.ctx, 0, 10)
		require.ErrorIs(t, err, is)
		if is != nil {
			require.ErrorContains(t, err, r.nodes[0].name+": the gateway on Solana is of another domain: found 2, expected 3")
		}
	}
	client, err := New(Config{URLs: f.urls, Program: f.id, Payer: f.payer[0], Domain: domain + 1})
	require.NoError(t, err)
	_, err = client.Events(f.ctx, 0, 10)
	require.ErrorIs(t, err, ErrDomain)
}

// transport answers requests.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestNodesThatPanicOrSayTooMuch(t *testing.T) {
	for says, answer := range map[string]transport{
		"b: panic: out of order": func(*http.Request) (*http.Response, error) { panic("out of order") },
		"a: getMultipleAccounts": func(r *http.Request) (*http.Response, error) {
			body := io.NopCloser(strings.NewReader(strings.Repeat("x", maxAnswerBytes)))
			return &http.Response{StatusCode: http.StatusBadGateway, Body: body, Header: http.Header{}, Request: r}, nil
		},
		"b: getMultipleAccounts: rpc call": func(*http.Request) (*http.Response, error) { return nil, errors.New(strings.Repeat("x", 1000)) },
	} {
		r, err := NewReader(ReaderConfig{URLs: []string{"http://a", "http://b"}, Program: newKey(t).PublicKey(), Transport: answer})
		require.NoError(t, err)
		_, err = r.Events(t.Context(), 0, 1)
		require.ErrorContains(t, err, says)
		if !strings.Contains(says, "panic") {
			require.Less(t, len(err.Error()), 1000)
		}
	}
}

func TestClock(t *testing.T) {
	clock := func(seconds uint64) *account {
		raw := binary.LittleEndian.AppendUint64(make([]byte, clockTime), seconds)
		return &account{Owner: solanago.SysVarPubkey, Data: []string{base64.StdEncoding.EncodeToString(raw), "base64"}}
	}
	now, err := clockOf(clock(1_700_000_000))
	require.NoError(t, err)
	require.Equal(t, time.Unix(1_700_000_000, 0).UTC(), now)
	other := clock(1)
	other.Owner = solanago.SystemProgramID
	for name, bad := range map[string]*account{
		"none": nil, "zero": clock(0), "before 1970": clock(1<<64 - 1), "too late": clock(maxSeconds + 1), "not the clock": other,
		"no base64": {Owner: solanago.SysVarPubkey, Data: []string{"%", "base64"}}, "no data": {Owner: solanago.SysVarPubkey},
	} {
		_, err := clockOf(bad)
		require.Error(t, err, name)
	}
}
