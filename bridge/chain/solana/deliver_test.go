package solana

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	testnet "github.com/ipdm-network/ipdm/testutil/solana"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func TestDeliver(t *testing.T) {
	for _, c := range []struct {
		nodes int
		image string
	}{{1, image}, {3, image}, {1, "ipdm_v0.so"}} {
		t.Run(fmt.Sprintf("%d nodes, %s", c.nodes, c.image), func(t *testing.T) {
			f := start(t, 4, c.nodes, c.image)
			client, tap := f.client(f.payer[0])
			wallet := newKey(t).PublicKey()
			f.register()
			first, second := f.transfer(wallet, 30), f.transfer(wallet, 12)
			call, refused := f.call(wallet, 256), f.call(wallet, 257)
			guardian := f.control(wire.Control{Operation: wire.SetGuardian, Guardian: wire.Party(wallet)})
			unpause := f.control(wire.Control{Operation: wire.Unpause})
			f.accept(client)

			f.deliver(client, 0, 1, first)
			f.requireBalance(wallet, "30")
			before, _ := tap.sent()
			f.deliver(client, second)
			f.requireBalance(wallet, "42")
			f.deliver(client, call, refused, guardian, unpause)
			after, _ := tap.sent()
			require.Equal(t, before+5, after, "a transaction each")

			f.deliver(client, first, call) // what is there is not sent again
			f.requireSent(tap, after, after)
			f.requireBudgets(tap)
			mail, err := program.DecodeMail(f.finalized(f.program().Mail(call)))
			require.NoError(t, err)
			require.Equal(t, f.chain.posted[call].Message, mail.Message)
			require.Nil(t, f.finalized(f.program().Mail(refused)))

			events, err := client.Events(f.ctx, 0, MaxEvents)
			require.NoError(t, err)
			require.Len(t, events.Records, 8)
			for i, e := range events.Records {
				status := wire.StatusDone
				if uint64(i) == refused {
					status = wire.StatusRefused
				}
				requireDelivery(t, e, uint64(i), status)
			}
		})
	}
}

// A token of Solana's is locked by a send, and a transfer releases it from the vault.
func TestDeliverFromVault(t *testing.T) {
	f := start(t, 4, 1, image)
	client, _ := f.client(f.payer[0])
	token := f.makeToken(client, 100)
	locked := wire.AssetID(domain, wire.Party(token))
	f.control(wire.Control{Operation: wire.RegisterLocked, Asset: locked, Token: wire.Party(token)})
	f.control(wire.Control{Operation: wire.SetLimit, Asset: locked, Limit: uint256.NewInt(1000), WindowSeconds: 3600})
	wallet := newKey(t).PublicKey()
	back := f.chain.post(f.message(wire.KindTransfer, sender, wallet), wire.Transfer{Asset: locked, Amount: uint256.NewInt(40)}.Encode())
	f.accept(client)
	f.deliver(client, 0, 1)
	err := client.Deliver(f.ctx, f.chain.prove(back))
	require.ErrorIs(t, err, relayer.ErrNotYet)
	require.ErrorIs(t, err, program.CodeNotLocked)

	asset := program.Asset{ID: locked, Mint: token}
	f.send(client, f.program().Send(client.Payer(), client.Payer(), asset, sender, 60, 1))
	f.deliver(client, back)
	f.requireHolding(program.Holding(wallet, token), "40")
}

// Messages that do not fit into a transaction go through a buffer; a relayer ends after each of the transactions, and another begins.
func TestDeliverThroughBuffer(t *testing.T) {
	f := start(t, 4, 1, image)
	wallet := newKey(t).PublicKey()
	f.register()
	for range 5000 {
		f.call(wallet, 256)
	}
	long := f.call(wallet, 1000)
	client, tap := f.client(f.payer[0])
	f.accept(client)
	before, _ := tap.sent()
	f.deliver(client, 2)
	f.requireSent(tap, before+2, before+2)
	f.requireNoBuffers()
	f.deliver(client, long)
	f.requireSent(tap, before+5, before+5)
	f.requireNoBuffers()
	f.requireBudgets(tap)

	for n := range 2 {
		d := f.chain.prove(uint64(10 + n))
		ctx, cancel := context.WithCancel(f.ctx)
		crashing, tap := f.client(f.payer[0])
		tap.after = func(sent int) {
			if sent == n+1 {
				cancel()
			}
		}
		require.ErrorIs(t, crashing.Deliver(ctx, d), context.Canceled)
		requireNothingRuns(t, tap)
		f.deliver(client, d.Message.Nonce)
		f.requireNoBuffers()
	}

	// A buffer is left of a proof against another checkpoint, and another relayer is quicker.
	d := f.chain.prove(20)
	f.leaveBuffer(client, d, d.Path)
	f.deliver(client, 20)
	f.requireNoBuffers()
	d = f.chain.prove(21)
	f.leaveBuffer(client, d, d.Path[1:])
	f.deliver(client, 21)
	f.requireNoBuffers()
	d = f.chain.prove(22)
	f.leaveBuffer(client, d, d.Path)
	other, _ := f.client(f.payer[1])
	f.deliver(other, 22)
	f.deliver(client, 22)
	f.requireNoBuffers()
}

// leaveBuffer leaves a buffer with a message and another path.
func (f *fixture) leaveBuffer(c *Client, d relayer.Delivery, path []wire.Hash) {
	whole, err := f.program().Deliver(c.Payer(), program.Delivery{Message: d.Message, Payload: d.Payload, Count: 7, Path: path}, nil)
	require.NoError(f.t, err)
	h := handover{Client: c, delivery: d}
	_, err = c.send(f.ctx, 0, c.fillBuffer(h.bufferID(), whole, nil))
	require.NoError(f.t, err)
}

func TestDeliverTooLate(t *testing.T) {
	f := start(t, 4, 3, image)
	client, tap := f.client(f.payer[0])
	wallet := newKey(t).PublicKey()
	m := f.message(wire.KindCall, sender, wallet)
	m.TimeoutMillis = uint64(f.now().Add(-time.Minute).UnixMilli())
	past := f.chain.post(m, nil)
	m.TimeoutMillis = uint64(f.now().Add(time.Hour).UnixMilli())
	taken, soon := f.chain.post(m, nil), f.chain.post(m, nil)
	f.accept(client)
	before, _ := tap.sent()
	require.ErrorIs(t, client.Deliver(f.ctx, f.chain.prove(past)), relayer.ErrTimedOut)
	f.requireSent(tap, before, before)
	f.deliver(client, taken)

	// The time is up once the delivery is on its way: it is over when that is final.
	late, tap := f.client(f.payer[0])
	passed := false
	tap.request = func(method string) {
		if method == "simulateTransaction" && !passed {
			passed = true
			require.NoError(t, f.SetTime(f.ctx, f.now().Add(2*time.Hour)))
			require.NoError(t, f.Advance(f.ctx, 3)) // until it is confirmed
		}
	}
	require.ErrorIs(t, late.Deliver(f.ctx, f.chain.prove(soon)), relayer.ErrTimedOut)
	require.True(t, passed)
	f.requireSent(tap, 0, 0)
	f.deliver(client, taken) // it was taken in time
	which, err := client.Delivered(f.ctx, []uint64{past, taken, soon})
	require.NoError(t, err)
	require.Equal(t, []bool{false, true, false}, which)
}

func TestDeliverNotYet(t *testing.T) {
	f := start(t, 4, 2, image)
	client, tap := f.client(f.payer[0])
	frugal, frugalTap := f.client(f.payer[1])
	frugal.config.NoAccounts = true
	wallet := newKey(t).PublicKey()
	f.register()
	transfer := f.transfer(wallet, 5)
	notYet := func(c *Client, nonce uint64, says string) {
		t.Helper()
		err := c.Deliver(f.ctx, f.chain.prove(nonce))
		require.ErrorIs(t, err, relayer.ErrNotYet)
		require.ErrorContains(t, err, says)
	}
	f.chain.sign(1, 10, false)
	notYet(client, 0, "not one of the last 64 accepted")
	f.accept(client)
	sent, _ := tap.sent()
	notYet(client, 1, "is not registered")
	notYet(client, transfer, "is not registered")
	f.requireSent(tap, sent, sent)
	f.deliver(client, 0, 1)
	notYet(frugal, transfer, "recipient has no associated token account")
	f.requireSent(frugalTap, 0, 0)
	f.deliver(client, transfer)
	f.deliver(frugal, transfer)
	f.requireBalance(wallet, "5")
}

func TestDeliverWhereNodesLieOrLag(t *testing.T) {
	for _, c := range []struct {
		name  string
		nodes int
		fault func(f *fixture, n *testnet.Node) error
	}{
		{"one of two says that it is taken", 2, func(f *fixture, n *testnet.Node) error {
			page := f.shown(f.program().Nonces(0))
			copy(page.Data[42:], bytes.Repeat([]byte{0xff}, 1024))
			return n.ForgeAccount(f.ctx, f.program().Nonces(0), page)
		}},
		{"one of three says that none is", 3, func(f *fixture, n *testnet.Node) error {
			return n.ForgeAccount(f.ctx, f.program().Nonces(0), nil)
		}},
		{"one of two says that it is late", 2, func(f *fixture, n *testnet.Node) error {
			clock := f.shown(solanago.SysVarClockPubkey)
			binary.LittleEndian.PutUint64(clock.Data[clockTime:], uint64(f.now().Add(2*time.Hour).Unix()))
			return n.ForgeAccount(f.ctx, solanago.SysVarClockPubkey, clock)
		}},
		{"one of two knows no checkpoint", 2, func(f *fixture, n *testnet.Node) error {
			return n.ForgeAccount(f.ctx, f.program().Client(), f.forged(1, 0, wire.Hash{}))
		}},
		{"one of three lags", 3, func(f *fixture, n *testnet.Node) error { return n.Lag(f.ctx, 20) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := start(t, 4, c.nodes, image)
			setup, _ := f.client(f.payer[0])
			m := f.message(wire.KindCall, sender, newKey(t).PublicKey())
			m.TimeoutMillis = uint64(f.now().Add(time.Hour).UnixMilli())
			first, second, third := f.chain.post(m, nil), f.chain.post(m, nil), f.chain.post(m, nil)
			f.accept(setup)
			f.deliver(setup, first)
			for i, nonce := range []uint64{second, third} { // whichever is asked first
				client, tap := f.client(f.payer[i])
				require.NoError(t, c.fault(f, f.Node(i)))
				require.NoError(t, client.Deliver(f.ctx, f.chain.prove(nonce)))
				f.requireSent(tap, 1, 3)
				require.NoError(t, f.Node(i).ClearFaults(f.ctx))
				f.requireTaken(client, nonce)
			}
		})
	}
}

func TestMeaning(t *testing.T) {
	for code, is := range map[program.Code]error{
		program.CodeRecipientAccount: relayer.ErrNotYet,
		program.CodeRootUnknown:      relayer.ErrNotYet,
		program.CodeNotLocked:        relayer.ErrNotYet,
		program.CodeTokenMint:        relayer.ErrNotYet,
		codeFrozen:                   relayer.ErrNotYet,
		program.CodeMessageProof:     program.CodeMessageProof,
		program.CodeExists:           program.CodeExists,
		codeNegativeLamports:         relayer.ErrFunds,
		program.CodeMessageTaken:     nil,
		program.CodeMessageTimeout:   nil,
	} {
		err := meaning(coded(uint32(code)))
		require.ErrorIs(t, err, is, "%d", code)
		require.Equal(t, errors.Is(is, relayer.ErrNotYet), errors.Is(err, relayer.ErrNotYet), "%d", code)
	}
	require.ErrorIs(t, meaning(errExpired), errExpired)
}

func TestDeliverRefuses(t *testing.T) {
	f := start(t, 4, 1, image)
	client, tap := f.client(f.payer[0])
	wallet := newKey(t).PublicKey()
	call := f.call(wallet, 1)
	m := f.message(wire.KindCall, sender, wallet)
	m.Domain++
	foreign := f.chain.post(m, nil)
	m = f.message(wire.KindTransfer, sender, wallet)
	malformed := f.chain.post(m, []byte{1})
	f.accept(client)
	sent, _ := tap.sent()
	for name, change := range map[string]func(*relayer.Delivery){
		"payload":    func(d *relayer.Delivery) { d.Payload = []byte{2} },
		"recipient":  func(d *relayer.Delivery) { d.Message.Recipient[0]++ },
		"path":       func(d *relayer.Delivery) { d.Path = d.Path[1:] },
		"count":      func(d *relayer.Delivery) { d.Count++ },
		"checkpoint": func(d *relayer.Delivery) { d.Checkpoint.OutboxRoot[0]++ },
	} {
		d := f.chain.prove(call)
		change(&d)
		require.Error(t, client.Deliver(f.ctx, d), name)
	}
	require.ErrorIs(t, client.Deliver(f.ctx, f.chain.prove(foreign)), program.CodeMessageDomain)
	require.ErrorIs(t, client.Deliver(f.ctx, f.chain.prove(malformed)), wire.ErrMalformed)
	f.requireSent(tap, sent, sent)

	poor, tap := f.client(f.poor)
	err := poor.Deliver(f.ctx, f.chain.prove(call))
	require.ErrorIs(t, err, relayer.ErrFunds)
	require.ErrorContains(t, err, f.poor.PublicKey().String())
	f.requireSent(tap, 0, 0)
}

func TestDeliverRaces(t *testing.T) {
	f := start(t, 4, 1, image)
	first, _ := f.client(f.payer[0])
	second, _ := f.client(f.payer[1])
	wallet := newKey(t).PublicKey()
	for range 6 {
		f.call(wallet, 3)
	}
	f.accept(first)
	var racing sync.WaitGroup
	errs := make([]error, 2)
	for i, c := range []*Client{first, second} {
		racing.Go(func() {
			for nonce := range uint64(6) {
				errs[i] = errors.Join(errs[i], c.Deliver(f.ctx, f.chain.prove(nonce)))
				_, err := c.Events(f.ctx, 0, 10)
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	racing.Wait()
	require.NoError(t, errors.Join(errs...))
	events, err := first.Events(f.ctx, 0, 10)
	require.NoError(t, err)
	require.Len(t, events.Records, 6, "one for each message")
}

// What others send between the simulation of a delivery and its landing does not make it fail.
func TestDeliverWhileOthersSend(t *testing.T) {
	f := start(t, 4, 1, image)
	client, tap := f.client(f.payer[0])
	other, _ := f.client(f.payer[1])
	f.call(newKey(t).PublicKey(), 3)
	f.accept(client)
	sent, _ := tap.sent()
	done := false
	tap.request = func(method string) {
		if method == "sendTransaction" && !done {
			done = true
			f.calls(other, 0, 20)
		}
	}
	f.deliver(client, 0)
	require.True(t, done)
	f.requireSent(tap, sent+1, sent+1)
	require.NoError(t, f.Advance(f.ctx, 10))
	events, err := client.Events(f.ctx, 20, 10)
	require.NoError(t, err)
	require.Len(t, events.Records, 1)
	requireDelivery(t, events.Records[0], 0, wire.StatusDone)
}

func TestDeliverDropped(t *testing.T) {
	f := start(t, 4, 1, image)
	client, tap := f.client(f.payer[0])
	f.call(newKey(t).PublicKey(), 3)
	f.accept(client)
	sent, _ := tap.sent()
	require.NoError(t, f.Node(0).DropTransactions(f.ctx, 3))
	f.deliver(client, 0)
	f.requireSent(tap, sent+1, sent+1)
}

func TestDeliverRollback(t *testing.T) {
	f := start(t, 4, 1, image)
	setup, _ := f.client(f.payer[0])
	wallet := newKey(t).PublicKey()
	for range 5 {
		f.call(wallet, 3)
	}
	f.accept(setup)
	for n := range 5 { // slots after the one that took the transaction: in the third it is confirmed
		client, tap := f.client(f.payer[0])
		requests, rolledBack := 0, false
		tap.request = func(string) {
			sent, _ := tap.sent()
			if sent == 0 || rolledBack {
				return
			}
			if requests++; requests == n+1 {
				require.NoError(t, f.Rollback(f.ctx, n+1))
				rolledBack = true
			}
		}
		f.deliver(client, uint64(n))
		require.True(t, rolledBack)
	}
}

func TestDelivered(t *testing.T) {
	f := start(t, 4, 3, image)
	client, _ := f.client(f.payer[0])
	for range 3 {
		f.call(newKey(t).PublicKey(), 3)
	}
	f.accept(client)
	f.deliver(client, 1)
	page := f.program().Nonces(0)
	ask := func(want ...bool) {
		t.Helper()
		taken, err := client.Delivered(f.ctx, []uint64{0, 1, 2, 8191, 8192, 8193, 1 << 40})
		require.NoError(t, err)
		require.Equal(t, append(want, false, false, false, false), taken)
	}
	ask(false, true, false)
	none, err := client.Delivered(f.ctx, nil)
	require.NoError(t, err)
	require.Empty(t, none)

	all := f.shown(page)
	for i := range all.Data[42:] {
		all.Data[42+i] = 0xff
	}
	require.NoError(t, f.Node(2).ForgeAccount(f.ctx, page, all))
	ask(false, true, false)
	require.NoError(t, f.Node(2).ForgeAccount(f.ctx, page, nil))
	ask(false, true, false)
	require.NoError(t, f.Node(1).ForgeAccount(f.ctx, page, nil))
	ask(false, false, false)
	client, _ = f.client(f.payer[0], f.urls[0], "http://127.0.0.1:1/?api-key=secret")
	_, err = client.Delivered(f.ctx, []uint64{1})
	require.ErrorContains(t, err, "1 nodes of Solana answer, 2 have to agree")
	require.NotContains(t, err.Error(), "secret")
}
