package solana

import (
	"encoding/base64"
	"encoding/binary"
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

// calls sends so many calls to IPDM, as the next events from a nonce on, and waits until they are final.
func (f *fixture) calls(c *Client, first uint64, count int) {
	f.t.Helper()
	var batch []transaction
	for i := range count {
		nonce := first + uint64(i)
		call, err := f.program().SendCall(c.Payer(), c.Payer(), sender, []byte{byte(nonce)}, []uint64{nonce})
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

// requireCalls requires that events are those that calls sends.
func (f *fixture) requireCalls(e relayer.Events, first uint64, count int) {
	f.t.Helper()
	require.Len(f.t, e.Records, count)
	for i, record := range e.Records {
		nonce := first + uint64(i)
		require.Equal(f.t, nonce, record.Nonce)
		require.Equal(f.t, []byte{byte(nonce)}, record.Payload)
		raw := f.finalized(f.program().Event(nonce))
		require.Equal(f.t, raw[34:], append(record.Encode(), record.Payload...), "byte for byte")
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
		{1000, 10, 0},
		{1<<64 - 1, 10, 0},
	} {
		e := read(c.first, c.limit)
		f.requireCalls(e, c.first, c.count)
		if c.count > 0 && c.count < c.limit {
			require.LessOrEqual(t, int64(e.Records[c.count-1].TimeMillis), e.Through.UnixMilli())
		}
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
	f.send(holder, f.program().Send(holder.Payer(), holder.Payer(), asset, sender, 12, []uint64{3, 4}))
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
	later := f.chain.sign(1, uint64(2*time.Hour.Milliseconds()), false)
	require.NoError(t, client.Submit(f.ctx, later))
	f.send(client, f.program().CloseEvent(1, client.Payer(), client.Payer()))
	require.NoError(t, f.Advance(f.ctx, 10))
	_, err := client.Events(f.ctx, 0, 10)
	require.ErrorIs(t, err, ErrEventClosed)
	require.ErrorContains(t, err, "event 1")
	e, err := client.Events(f.ctx, 2, 10)
	require.NoError(t, err)
	f.requireCalls(e, 2, 1)
}

func TestEventsOfNodes(t *testing.T) {
	f := start(t, 4, 3, image)
	client, _ := f.client(f.payer[0])
	f.calls(client, 0, 4)
	p, reader := f.program(), f.reader()
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
		"another event":   {func() { forge(1, p.Event(2), flip(34+55)) }, ErrDisagree, append(hosts, "event 2")},
		"fewer events":    {func() { forge(1, p.Gateway(), gatewayEvents(3)) }, ErrDisagree, append(hosts, "event 3")},
		"more events":     {func() { forge(1, p.Gateway(), gatewayEvents(5)) }, ErrEventClosed, []string{hosts[1], "event 4"}},
		"no event":        {func() { require.NoError(t, f.Node(1).ForgeAccount(f.ctx, p.Event(1), nil)) }, ErrEventClosed, []string{hosts[1], "event 1"}},
		"no gateway":      {func() { require.NoError(t, f.Node(1).ForgeAccount(f.ctx, p.Gateway(), nil)) }, ErrNoClient, hosts[1:]},
		"another payload": {func() { forge(1, p.Event(2), flip(34+159)) }, program.ErrAccount, hosts[1:]},
		"another nonce":   {func() { forge(1, p.Event(2), flip(34+54)) }, nil, []string{hosts[1], "it is event 3"}},
		"another domain":  {func() { forge(1, p.Event(2), flip(34+14)) }, nil, []string{hosts[1], "domain 3"}},
		"another gateway": {func() { forge(1, p.Event(2), flip(34+15)) }, nil, hosts[1:]},
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

	// One that is behind delays, and one that does not answer does not matter.
	require.NoError(t, f.Advance(f.ctx, 10))
	before, err := reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.calls(client, 4, 2)
	require.NoError(t, f.Node(2).Lag(f.ctx, 40))
	require.NoError(t, f.Advance(f.ctx, 20))
	lagging, err := reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.requireCalls(lagging, 0, 4)
	require.True(t, lagging.Through.Before(before.Through.Add(time.Minute)))
	require.NoError(t, f.Node(2).RefuseRequests(f.ctx, 503, 1, "getMultipleAccounts"))
	present, err := reader.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	f.requireCalls(present, 0, 6)
	require.True(t, present.Through.After(lagging.Through))
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
	call, err := f.program().SendCall(client.Payer(), client.Payer(), sender, []byte{1}, []uint64{1})
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

	n := &node{name: "n"}
	least, err := common([]answer[shown]{
		{n, shown{Events: of(at.Add(time.Second), event(0, 1), event(1, 101))}},
		{n, shown{Events: of(at, event(0, 1))}},
		{n, shown{Events: of(at.Add(-time.Millisecond), event(0, 1))}},
	})
	require.NoError(t, err)
	require.Equal(t, of(at.Add(-time.Millisecond), event(0, 1)), least)
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
