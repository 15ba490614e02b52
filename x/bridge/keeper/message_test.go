package keeper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	ethereum = uint32(1)
	solana   = uint32(2)

	ethereumGateway = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
	ethereumToken   = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
	ethereumUser    = "0x71C7656EC7ab88b098defB751B7401B5f6d8976F"
	solanaGateway   = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
	solanaUser      = "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"

	native = "aipdm"
	window = 100 // seconds
)

// bridged is a chain that knows an Ethereum and a Solana, and a user with 1,000,000 of the chain's own.
type bridged struct {
	*fixture
	user    string
	address sdk.AccAddress
	voucher string             // of Ethereum's token
	events  []wire.EventRecord // of Ethereum's gateway
}

func newBridged(t testing.TB) *bridged {
	t.Helper()
	b := &bridged{fixture: newChain(t, 10, 10, 10, 10), address: bytes.Repeat([]byte{7}, 20)}
	b.user = accountText(t, b.address)
	b.bank.give(b.address, sdk.NewCoins(sdk.NewInt64Coin(native, 1_000_000)))
	for _, config := range []types.DomainConfig{
		{Domain: ethereum, Name: "ethereum", Form: types.ADDRESS_FORM_ETHEREUM, Gateway: ethereumGateway, Finality: 10 * time.Second, Interval: 5 * time.Second},
		{Domain: solana, Name: "solana", Form: types.ADDRESS_FORM_SOLANA, Gateway: solanaGateway, Finality: 10 * time.Second, Interval: 5 * time.Second},
	} {
		_, err := b.msgs.SetDomain(b.ctx, &types.MsgSetDomain{Authority: authority, Config: config})
		require.NoError(t, err)
	}
	for _, register := range []types.MsgRegisterAsset{
		{Domain: ethereum, Denom: native, Symbol: "IPDM", Decimals: 18},
		{Domain: solana, Denom: native, Symbol: "IPDM", Decimals: 18},
		{Domain: ethereum, Token: ethereumToken, Symbol: "USDC", Decimals: 6},
	} {
		register.Authority = authority
		registered, err := b.msgs.RegisterAsset(b.ctx, &register)
		require.NoError(t, err)
		if register.Token != "" {
			b.voucher = registered.Denom
		}
	}
	b.limit(ethereum, native, 1_000, 500)
	b.limit(ethereum, b.voucher, 1_000, 500)
	return b
}

func accountText(t testing.TB, address []byte) string {
	text, err := accounts.BytesToString(address)
	require.NoError(t, err)
	return text
}

func (b *bridged) limit(domain uint32, denom string, there, here int64) {
	b.Helper()
	_, err := b.msgs.SetLimits(b.ctx, &types.MsgSetLimits{
		Authority: authority, Domain: domain, Denom: denom, There: sdkmath.NewInt(there), Here: sdkmath.NewInt(here), WindowSeconds: window,
	})
	require.NoError(b, err)
}

func (b *bridged) send(amount int64, denom string) (uint64, error) {
	b.Helper()
	sent, err := b.msgs.Send(b.ctx, &types.MsgSend{Sender: b.user, Domain: ethereum, Recipient: ethereumUser, Amount: sdk.NewInt64Coin(denom, amount)})
	if err != nil {
		return 0, err
	}
	return sent.Nonce, nil
}

func (b *bridged) mustSend(amount int64) uint64 {
	b.Helper()
	nonce, err := b.send(amount, native)
	require.NoError(b, err)
	return nonce
}

func (b *bridged) has(address sdk.AccAddress, denom string) int64 {
	return b.bank.GetBalance(b.ctx, address, denom).Amount.Int64()
}

func (b *bridged) status(id string) *types.QueryStatusResponse {
	b.Helper()
	s, err := b.query.Status(b.ctx, &types.QueryStatusRequest{Id: id})
	require.NoError(b, err)
	require.NotEmpty(b, s.Reason)
	return s
}

func party(t testing.TB, text string) wire.Party {
	p, err := types.ADDRESS_FORM_ETHEREUM.Parse(text)
	require.NoError(t, err)
	return p
}

// happen has Ethereum's gateway emit an event in a block of the chain's present time.
func (b *bridged) happen(kind wire.Kind, sender, recipient wire.Party, payload []byte) uint64 {
	event := wire.Event{
		Kind: kind, Domain: wire.Domain(ethereum), Application: party(b, ethereumGateway), Nonce: uint64(len(b.events)), Sender: sender, Recipient: recipient,
		TimeMillis: uint64(b.ctx.BlockTime().UnixMilli()), PayloadHash: wire.Sum(payload),
	}
	b.events = append(b.events, wire.EventRecord{Event: event, Payload: payload})
	return event.Nonce
}

func (b *bridged) transfer(asset wire.Hash, amount uint64, to sdk.AccAddress) uint64 {
	recipient, err := wire.PartyOf(to)
	require.NoError(b, err)
	return b.happen(wire.KindTransfer, party(b, ethereumUser), recipient, wire.Transfer{Asset: asset, Amount: uint256.NewInt(amount)}.Encode())
}

func (b *bridged) delivered(nonce uint64, status wire.Status) {
	b.happen(wire.KindDelivery, party(b, ethereumUser), wire.Party{}, wire.Delivery{Nonce: nonce, Status: status}.Encode())
}

func (b *bridged) domain() types.Domain {
	d, err := b.Domain(b.ctx, ethereum)
	require.NoError(b, err)
	return d
}

func (b *bridged) target() wire.RangeTarget {
	targets, err := b.InboundTargets(b.ctx)
	require.NoError(b, err)
	require.Len(b, targets, 2)
	require.Equal(b, wire.Domain(ethereum), targets[0].Domain)
	return targets[0]
}

// vote returns what an honest validator votes on Ethereum once everything so far is final.
func (b *bridged) vote() wire.RangeVote {
	b.Helper()
	target := b.target()
	vote, known, err := target.Vote(b.events[target.FirstNonce:], target.UntilMillis)
	require.NoError(b, err)
	require.True(b, known)
	return vote
}

func (b *bridged) cast(n byte, vote wire.RangeVote) error {
	return b.VoteRange(b.ctx, consensusAddress(n), b.staking.powers[n], vote)
}

// attest makes blocks until everything up to now is attested.
func (b *bridged) attest() {
	b.Helper()
	for until := b.ctx.BlockTime().UnixMilli(); b.domain().AttestedUnixMilli < uint64(until); b.block() {
		if b.target().UntilMillis > uint64(b.ctx.BlockTime().UnixMilli()) {
			continue
		}
		vote := b.vote()
		for n := byte(1); n <= 3; n++ {
			require.NoError(b, b.cast(n, vote))
		}
	}
}

// proofs proves events of a range that is attested.
func (b *bridged) proofs(first, count int) []types.EventProof {
	b.Helper()
	ranges, err := b.query.Ranges(b.ctx, &types.QueryRangesRequest{Domain: ethereum})
	require.NoError(b, err)
	var out []types.EventProof
	for _, r := range ranges.Ranges {
		tree := wire.NewTree()
		for _, e := range b.events[r.FirstNonce : r.FirstNonce+uint64(r.Count)] {
			tree.Append(e.Leaf())
		}
		for i := range uint64(r.Count) {
			if nonce := int(r.FirstNonce + i); nonce < first || nonce >= first+count {
				continue
			}
			path, err := tree.Path(i)
			require.NoError(b, err)
			proof := types.EventProof{Event: b.events[r.FirstNonce+i].Encode(), Payload: b.events[r.FirstNonce+i].Payload}
			for _, h := range path {
				proof.Path = append(proof.Path, h[:])
			}
			out = append(out, proof)
		}
	}
	return out
}

func (b *bridged) take(proofs ...types.EventProof) (uint32, error) {
	taken, err := b.msgs.TakeEvents(b.ctx, &types.MsgTakeEvents{Sender: b.user, Domain: ethereum, Events: proofs})
	if err != nil {
		return 0, err
	}
	return taken.Taken, nil
}

// arrive has all events attested and handed in.
func (b *bridged) arrive() {
	b.Helper()
	b.attest()
	first := int(b.domain().TakenEvents)
	taken, err := b.take(b.proofs(first, len(b.events)-first)...)
	require.NoError(b, err)
	require.EqualValues(b, len(b.events)-first, taken)
	require.NoError(b, b.CheckInvariants(b.ctx))
}

func ownAsset() wire.Hash { return wire.AssetID(0, wire.DenomToken(native)) }

func foreignAsset(t testing.TB) wire.Hash {
	return wire.AssetID(wire.Domain(ethereum), party(t, ethereumToken))
}

func TestASentMessageIsProven(t *testing.T) {
	b := newBridged(t)
	nonce := b.mustSend(300)
	require.EqualValues(t, 1_000_000-300, b.has(b.address, native))
	require.NoError(t, b.CheckInvariants(b.ctx))
	status := b.status("5")
	require.Equal(t, "signing", status.State)
	require.Equal(t, "validators", status.Who)

	content := b.untilPending(10)
	b.signAll()
	proof, err := b.query.Proof(b.ctx, &types.QueryProofRequest{Nonce: nonce})
	require.NoError(t, err)
	message, err := wire.DecodeMessage(proof.Message)
	require.NoError(t, err)
	require.Equal(t, wire.Message{
		Kind: wire.KindTransfer, Domain: wire.Domain(ethereum), Application: party(t, ethereumGateway), Nonce: nonce, Sender: senderOf(t, b.address),
		Recipient: party(t, ethereumUser), TimeoutMillis: uint64(start.Add(time.Minute).UnixMilli()), PayloadHash: wire.Sum(proof.Payload),
	}, message)
	transfer, err := wire.DecodeTransfer(proof.Payload)
	require.NoError(t, err)
	require.Equal(t, ownAsset(), transfer.Asset)
	require.Equal(t, uint64(300), transfer.Amount.Uint64())
	var path []wire.Hash
	for _, h := range proof.Path {
		path = append(path, wire.Hash(h))
	}
	root, err := wire.PathRoot(message.Leaf(), nonce, proof.Count, path)
	require.NoError(t, err)
	require.Equal(t, content.OutboxRoot, wire.OutboxRoot(proof.Count, root))
	status = b.status("5")
	require.Equal(t, "deliverable", status.State)
	require.Contains(t, status.Who, "relayer")
	require.NotZero(t, status.EtaUnixMilli)

	outbox, err := b.query.Outbox(b.ctx, &types.QueryOutboxRequest{Domain: ethereum})
	require.NoError(t, err)
	require.NotEmpty(t, outbox.Messages)
	require.Equal(t, proof.Message, outbox.Messages[len(outbox.Messages)-1].Content)

	later := b.mustSend(1)
	_, err = b.query.Proof(b.ctx, &types.QueryProofRequest{Nonce: later})
	require.ErrorContains(t, err, "a later one will prove message 6")
	b.untilPending(10)
	b.signAll()
	proof, err = b.query.Proof(b.ctx, &types.QueryProofRequest{Nonce: nonce})
	require.NoError(t, err, "later checkpoints prove earlier messages")
	require.Equal(t, later+1, proof.Count)
}

func senderOf(t testing.TB, address sdk.AccAddress) wire.Party {
	p, err := wire.PartyOf(address)
	require.NoError(t, err)
	return p
}

func TestSendRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*types.MsgSend)
		want   error
		says   string
	}{
		"unknown domain":     {func(m *types.MsgSend) { m.Domain = 9 }, types.ErrUnknownDomain, "query bridge domains"},
		"no address":         {func(m *types.MsgSend) { m.Recipient = "alice" }, types.ErrInvalidRecipient, "40 hex digits"},
		"a typo":             {func(m *types.MsgSend) { m.Recipient = "0x71c7656EC7ab88b098defB751B7401B5f6d8976F" }, types.ErrInvalidRecipient, "checksum"},
		"zero":               {func(m *types.MsgSend) { m.Recipient = "0x0000000000000000000000000000000000000000" }, types.ErrInvalidRecipient, "zero"},
		"the gateway":        {func(m *types.MsgSend) { m.Recipient = ethereumGateway }, types.ErrInvalidRecipient, "gateway itself"},
		"address of Solana":  {func(m *types.MsgSend) { m.Recipient = solanaUser }, types.ErrInvalidRecipient, "Ethereum"},
		"nothing":            {func(m *types.MsgSend) { m.Amount.Amount = sdkmath.ZeroInt() }, types.ErrInvalidAmount, ""},
		"unknown asset":      {func(m *types.MsgSend) { m.Amount.Denom = "stake" }, types.ErrUnknownAsset, "query bridge assets"},
		"not for this chain": {func(m *types.MsgSend) { m.Domain, m.Recipient, m.Amount.Denom = solana, solanaUser, foreignDenom(t) }, types.ErrUnknownAsset, ""},
		"over the limit":     {func(m *types.MsgSend) { m.Amount.Amount = sdkmath.NewInt(1_001) }, types.ErrLimit, "releases 1000aipdm now"},
		"no limit": {func(m *types.MsgSend) {
			m.Domain, m.Recipient, m.Amount.Amount = solana, solanaUser, sdkmath.NewInt(1_000_000_000)
		}, types.ErrLimit, "set no limit"},
		"no whole unit":        {func(m *types.MsgSend) { m.Domain, m.Recipient = solana, solanaUser }, types.ErrInvalidAmount, "multiples of 1000000000aipdm"},
		"too much time":        {func(m *types.MsgSend) { m.Timeout = 31 * 24 * time.Hour }, types.ErrInvalidTimeout, ""},
		"too little time":      {func(m *types.MsgSend) { m.Timeout = time.Millisecond }, types.ErrInvalidTimeout, ""},
		"more than there is":   {func(m *types.MsgSend) { m.Amount.Amount, m.AcceptDelay = sdkmath.NewInt(1_000_001), true }, nil, "failed to take"},
		"sender is no address": {func(m *types.MsgSend) { m.Sender = "me" }, types.ErrInvalidRecipient, "sender"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBridged(t)
			msg := &types.MsgSend{Sender: b.user, Domain: ethereum, Recipient: ethereumUser, Amount: sdk.NewInt64Coin(native, 10)}
			c.change(msg)
			_, err := b.msgs.Send(b.ctx, msg)
			if c.want != nil {
				require.ErrorIs(t, err, c.want)
			}
			require.ErrorContains(t, err, c.says)
			require.EqualValues(t, 1_000_000, b.has(b.address, native), "nothing has moved")
			_, err = b.Message(b.ctx, 5)
			require.ErrorIs(t, err, types.ErrUnknownMessage)
		})
	}
}

func TestWhatMayNotBeSentHereIsNotSentThere(t *testing.T) {
	b := newBridged(t)
	b.bank.stopped = native
	_, err := b.send(10, native)
	require.ErrorIs(t, err, banktypes.ErrSendDisabled)
	require.EqualValues(t, 1_000_000, b.has(b.address, native), "nothing has moved")
}

func foreignDenom(t testing.TB) string { return types.DenomOf(foreignAsset(t)) }

func TestMoreThanTheLimitIsSentIfTheDelayIsAccepted(t *testing.T) {
	b := newBridged(t)
	b.mustSend(900)
	_, err := b.send(101, native)
	require.ErrorIs(t, err, types.ErrLimit)
	require.ErrorContains(t, err, "releases 100aipdm now and more from")
	_, err = b.msgs.Send(b.ctx, &types.MsgSend{
		Sender: b.user, Domain: ethereum, Recipient: ethereumUser, Amount: sdk.NewInt64Coin(native, 5_000), AcceptDelay: true,
	})
	require.NoError(t, err)
	require.NoError(t, b.CheckInvariants(b.ctx))
	limits, err := b.query.Limits(b.ctx, &types.QueryLimitsRequest{Domain: ethereum, Denom: native})
	require.NoError(t, err)
	require.Len(t, limits.Lanes, 1)
	require.Equal(t, "0", limits.Lanes[0].Send.Available.String())
	require.Equal(t, "500", limits.Lanes[0].Receive.Available.String())
	require.Equal(t, "5900", limits.Lanes[0].Out.String())
	b.ctx = b.ctx.WithBlockTime(b.ctx.BlockTime().Add(2 * window * time.Second))
	limits, err = b.query.Limits(b.ctx, &types.QueryLimitsRequest{})
	require.NoError(t, err)
	require.Len(t, limits.Lanes, 3)
	b.mustSend(1_000)
}

func TestValueComesAndGoesBack(t *testing.T) {
	b := newBridged(t)
	b.transfer(foreignAsset(t), 400, b.address)
	require.Equal(t, "unattested", b.status("ethereum/0").State)
	b.attest()
	require.Equal(t, "attested", b.status("1/0").State)
	b.arrive()
	require.EqualValues(t, 400, b.has(b.address, b.voucher))
	require.Equal(t, "arrived", b.status("ethereum/0").State)
	require.Equal(t, "USDC", b.bank.metadata[b.voucher].Symbol)

	nonce, err := b.send(150, b.voucher)
	require.NoError(t, err)
	require.EqualValues(t, 250, b.bank.GetSupply(b.ctx, b.voucher).Amount.Int64(), "what goes back is burned")
	b.delivered(nonce, wire.StatusDone)
	b.arrive()
	require.Equal(t, "delivered", b.status("5").State)

	own := b.mustSend(300)
	b.delivered(own, wire.StatusDone)
	b.transfer(ownAsset(), 120, b.address)
	b.arrive()
	require.EqualValues(t, 1_000_000-300+120, b.has(b.address, native))
	require.Equal(t, "delivered", b.status("6").State)
	outbox, err := b.query.Outbox(b.ctx, &types.QueryOutboxRequest{Domain: ethereum})
	require.NoError(t, err)
	require.Len(t, outbox.Messages, 4, "what governance sent")
}

func TestWhatLimitsHoldBackIsOwed(t *testing.T) {
	b := newBridged(t)
	b.transfer(foreignAsset(t), 1_200, b.address)
	b.arrive()
	require.EqualValues(t, 500, b.has(b.address, b.voucher))
	status := b.status("ethereum/0")
	require.Equal(t, "owed", status.State)
	require.Equal(t, "700"+b.voucher, status.Owed.Coin.String())
	require.Contains(t, status.NextAction, "tx bridge redeem 1 0")
	require.Greater(t, status.EtaUnixMilli, b.ctx.BlockTime().UnixMilli())
	owedTo := func(recipient string) []types.Owed {
		said, err := b.query.Owed(b.ctx, &types.QueryOwedRequest{Recipient: recipient})
		require.NoError(t, err)
		return said.Owed
	}
	require.Equal(t, []types.Owed{*status.Owed}, owedTo(b.user))
	require.Equal(t, owedTo(b.user), owedTo(""))
	require.Empty(t, owedTo(b.user[:len(b.user)-1]))
	_, err := b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Domain: ethereum, Nonce: 0})
	require.ErrorIs(t, err, types.ErrLimit)

	b.ctx = b.ctx.WithBlockTime(time.UnixMilli(status.EtaUnixMilli))
	redeemed, err := b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Domain: ethereum, Nonce: 0})
	require.NoError(t, err, "when the status said that there is more, there is")
	require.Equal(t, "500"+b.voucher, redeemed.Paid.String())
	require.Equal(t, "200"+b.voucher, redeemed.Left.String())
	require.NoError(t, b.CheckInvariants(b.ctx))
	b.ctx = b.ctx.WithBlockTime(b.ctx.BlockTime().Add(2 * window * time.Second))
	_, err = b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Domain: ethereum, Nonce: 0})
	require.NoError(t, err)
	require.EqualValues(t, 1_200, b.has(b.address, b.voucher))
	_, err = b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Domain: ethereum, Nonce: 0})
	require.ErrorIs(t, err, types.ErrNothingOwed)
	require.Empty(t, owedTo(b.user))
	require.NoError(t, b.CheckInvariants(b.ctx))
}

func TestAPauseHoldsBackTheReleaseOfValueOnly(t *testing.T) {
	b := newBridged(t)
	guardian := accountText(t, bytes.Repeat([]byte{8}, 20))
	_, err := b.msgs.Pause(b.ctx, &types.MsgPause{Guardian: guardian})
	require.ErrorIs(t, err, types.ErrUnauthorized)
	params := testParams()
	params.Guardian = guardian
	_, err = b.msgs.UpdateParams(b.ctx, &types.MsgUpdateParams{Authority: authority, Params: params})
	require.NoError(t, err)
	_, err = b.msgs.Pause(b.ctx, &types.MsgPause{Guardian: b.user})
	require.ErrorIs(t, err, types.ErrUnauthorized)
	paused, err := b.msgs.Pause(b.ctx, &types.MsgPause{Guardian: guardian})
	require.NoError(t, err)
	require.Equal(t, b.ctx.BlockTime().Add(time.Minute).UnixMilli(), paused.UntilUnixMilli)

	refused := b.mustSend(100)
	b.delivered(refused, wire.StatusRefused)
	b.transfer(foreignAsset(t), 10, b.address)
	b.arrive()
	require.EqualValues(t, 1_000_000, b.has(b.address, native), "refunds go on")
	require.Zero(t, b.has(b.address, b.voucher))
	status := b.status("ethereum/1")
	require.Contains(t, status.Reason, "paused until")
	require.Equal(t, paused.UntilUnixMilli, status.EtaUnixMilli)
	_, err = b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Domain: ethereum, Nonce: 1})
	require.ErrorIs(t, err, types.ErrPaused)

	b.ctx = b.ctx.WithBlockTime(time.UnixMilli(paused.UntilUnixMilli))
	_, err = b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Domain: ethereum, Nonce: 1})
	require.NoError(t, err, "it ends by itself")
	_, err = b.msgs.Pause(b.ctx, &types.MsgPause{Guardian: guardian})
	require.ErrorIs(t, err, types.ErrPauseTooEarly)
	b.ctx = b.ctx.WithBlockTime(b.ctx.BlockTime().Add(time.Minute))
	_, err = b.msgs.Pause(b.ctx, &types.MsgPause{Guardian: guardian})
	require.NoError(t, err)
	_, err = b.msgs.EndPause(b.ctx, &types.MsgEndPause{Authority: authority})
	require.NoError(t, err)
	limits, err := b.query.Limits(b.ctx, &types.QueryLimitsRequest{})
	require.NoError(t, err)
	require.Zero(t, limits.PausedUntilUnixMilli)
}

func TestWhatCannotBePaidOutGoesBack(t *testing.T) {
	for name, c := range map[string]struct {
		asset     func(testing.TB) wire.Hash
		recipient sdk.AccAddress
		amount    *uint256.Int
	}{
		"blocked":       {foreignAsset, moduleAddress("gov"), uint256.NewInt(5)},
		"nobody":        {foreignAsset, make([]byte, 20), uint256.NewInt(5)},
		"unknown asset": {func(testing.TB) wire.Hash { return wire.Hash{1} }, bytes.Repeat([]byte{7}, 20), uint256.NewInt(5)},
		"too much":      {foreignAsset, bytes.Repeat([]byte{7}, 20), new(uint256.Int).Lsh(uint256.NewInt(1), 128)},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBridged(t)
			b.bank.blocked[string(moduleAddress("gov"))] = true
			recipient, err := wire.PartyOf(c.recipient)
			require.NoError(t, err)
			payload := wire.Transfer{Asset: c.asset(t), Amount: c.amount}.Encode()
			b.happen(wire.KindTransfer, party(t, ethereumUser), recipient, payload)
			b.arrive()
			back, err := b.Message(b.ctx, 5)
			require.NoError(t, err)
			require.Equal(t, payload, back.Payload)
			content, err := back.Decode()
			require.NoError(t, err)
			require.Equal(t, party(t, ethereumUser), content.Recipient)
			require.Zero(t, content.TimeoutMillis)
			require.True(t, b.bank.GetSupply(b.ctx, b.voucher).IsZero())
			b.delivered(5, wire.StatusDone)
			b.arrive()
			require.Equal(t, "delivered", b.status("5").State)
		})
	}
}

func TestADomainCannotGiveMoreThanItHas(t *testing.T) {
	b := newBridged(t)
	nonce, other := b.mustSend(100), b.mustSend(40)
	b.transfer(ownAsset(), 100, b.address) // it is on its way only
	b.delivered(nonce, wire.StatusDone)
	b.transfer(ownAsset(), 101, b.address)
	b.transfer(ownAsset(), 100, b.address)
	b.delivered(other, wire.StatusRefused)
	b.arrive()
	require.EqualValues(t, 1_000_000, b.has(b.address, native), "what is forged is passed over, and what is behind it arrives")
	require.Equal(t, "refused", b.status("6").State)
}

// TestAnEventThatNobodyKnowsIsPassedOver: what a later gateway may tell keeps nothing that is behind it.
func TestAnEventThatNobodyKnowsIsPassedOver(t *testing.T) {
	b := newBridged(t)
	b.happen(wire.Kind(9), wire.Party{}, wire.Party{}, []byte("news"))
	b.transfer(foreignAsset(t), 3, b.address)
	b.arrive()
	require.EqualValues(t, 3, b.has(b.address, b.voucher))
}

func TestRefusedMessagesComeBack(t *testing.T) {
	b := newBridged(t)
	b.transfer(foreignAsset(t), 300, b.address)
	b.arrive()
	own := b.mustSend(100)
	foreign, err := b.send(200, b.voucher)
	require.NoError(t, err)
	b.delivered(own, wire.StatusRefused)
	b.delivered(foreign, wire.StatusRefused)
	b.delivered(own, wire.StatusDone) // once only
	b.delivered(99, wire.StatusDone)
	b.happen(wire.KindDelivery, wire.Party{}, wire.Party{}, []byte("nonsense"))
	b.arrive()
	require.EqualValues(t, 1_000_000, b.has(b.address, native))
	require.EqualValues(t, 300, b.has(b.address, b.voucher))
	require.Equal(t, "refused", b.status("5").State)
	require.Contains(t, b.status("5").Reason, "went back to "+b.user)
}

func TestRefundNeedsTheTimeOfTheDestination(t *testing.T) {
	b := newBridged(t)
	lost, kept := b.mustSend(100), b.mustSend(50)
	refund := func(nonce uint64) error {
		_, err := b.msgs.Refund(b.ctx, &types.MsgRefund{Sender: b.user, Nonce: nonce})
		return err
	}
	require.ErrorIs(t, refund(lost), types.ErrNotRefundable)
	require.ErrorIs(t, refund(0), types.ErrNotRefundable, "what governance sends has no timeout")
	require.ErrorIs(t, refund(77), types.ErrUnknownMessage)
	b.blocks(58)
	b.delivered(kept, wire.StatusDone) // at the last moment
	b.blocks(2)
	require.Equal(t, "expiring", b.status("5").State)
	require.ErrorIs(t, refund(lost), types.ErrNotRefundable, "its time is over, but a delivery may be underway")
	b.attest()
	require.ErrorIs(t, refund(kept), types.ErrNotRefundable, "events are attested that were not handed in")
	require.ErrorContains(t, refund(lost), "can be delivered until")
	b.arrive()
	require.Equal(t, "refundable", b.status("5").State)
	require.NoError(t, refund(lost))
	require.EqualValues(t, 1_000_000-50, b.has(b.address, native))
	require.Equal(t, "timed-out", b.status("5").State)
	require.ErrorContains(t, refund(lost), "timed-out")
	require.ErrorContains(t, refund(kept), "delivered")
	require.NoError(t, b.CheckInvariants(b.ctx))
}

func TestRefundsToWhoCannotReceiveAreOwed(t *testing.T) {
	b := newBridged(t)
	b.mustSend(100)
	b.bank.blocked[string(b.address)] = true
	b.delivered(5, wire.StatusRefused)
	b.arrive()
	require.Contains(t, b.status("5").NextAction, "redeem 0 5")
	_, err := b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Nonce: 5})
	require.ErrorContains(t, err, "blocked")
	delete(b.bank.blocked, string(b.address))
	_, err = b.msgs.Redeem(b.ctx, &types.MsgRedeem{Sender: b.user, Nonce: 5})
	require.NoError(t, err)
	require.EqualValues(t, 1_000_000, b.has(b.address, native))
	require.NoError(t, b.CheckInvariants(b.ctx))
}

func TestCallsWaitForTheirRecipient(t *testing.T) {
	b := newBridged(t)
	b.happen(wire.KindCall, party(t, ethereumUser), senderOf(t, b.address), []byte("hello"))
	b.arrive()
	calls, err := b.query.Calls(b.ctx, &types.QueryCallsRequest{Recipient: b.user})
	require.NoError(t, err)
	require.Len(t, calls.Calls, 1)
	require.Equal(t, "hello", string(calls.Calls[0].Payload))
	require.Equal(t, ethereumUser, calls.Calls[0].Sender)
	other := accountText(t, bytes.Repeat([]byte{9}, 20))
	_, err = b.msgs.RemoveCall(b.ctx, &types.MsgRemoveCall{Recipient: other, Domain: ethereum, Nonce: 0})
	require.ErrorIs(t, err, types.ErrUnknownCall)
	_, err = b.msgs.RemoveCall(b.ctx, &types.MsgRemoveCall{Recipient: b.user, Domain: ethereum, Nonce: 0})
	require.NoError(t, err)
	calls, err = b.query.Calls(b.ctx, &types.QueryCallsRequest{Recipient: b.user})
	require.NoError(t, err)
	require.Empty(t, calls.Calls)

	sent, err := b.msgs.Call(b.ctx, &types.MsgCall{Sender: b.user, Domain: ethereum, Recipient: ethereumUser, Payload: make([]byte, 1_024)})
	require.NoError(t, err)
	_, err = b.msgs.Call(b.ctx, &types.MsgCall{Sender: b.user, Domain: ethereum, Recipient: ethereumUser, Payload: make([]byte, 1_025)})
	require.ErrorIs(t, err, types.ErrInvalidPayload)
	_, err = b.msgs.Call(b.ctx, &types.MsgCall{Sender: b.user, Domain: solana, Recipient: solanaUser, Payload: make([]byte, 257)})
	require.ErrorIs(t, err, types.ErrInvalidPayload)
	b.delivered(sent.Nonce, wire.StatusRefused)
	b.arrive()
	require.Equal(t, "refused", b.status("5").State)
}

func TestRangesAreAttestedByTwoThirds(t *testing.T) {
	b := newBridged(t)
	for range 20 {
		b.block()
	}
	b.transfer(foreignAsset(t), 1, b.address)
	first := b.target()
	require.Equal(t, uint64(start.Add(-10*time.Second).UnixMilli()), first.UntilMillis, "the time of the domain's beginning, less its finality")
	vote := b.vote()
	require.Zero(t, vote.Count, "it came later")
	for n := byte(1); n <= 3; n++ {
		require.Equal(t, first, b.target(), "two thirds are too few")
		require.NoError(t, b.cast(n, vote))
		require.NoError(t, b.CheckInvariants(b.ctx))
	}
	second := b.target()
	require.Equal(t, uint64(b.ctx.BlockTime().Add(-5*time.Second).UnixMilli()), second.UntilMillis, "finality ago, an interval from now")
	require.Equal(t, first.UntilMillis, b.domain().TakenUnixMilli)
	require.ErrorIs(t, b.cast(4, vote), types.ErrNotTarget, "too late")
	require.ErrorIs(t, b.cast(4, wire.RangeVote{Domain: 7}), types.ErrUnknownDomain)

	// Votes are replaced; a conflict is told and ends.
	right, wrong := b.vote(), b.vote()
	wrong.Count, wrong.Root = 1, wire.Hash{1}
	require.NoError(t, b.cast(1, wrong))
	require.NoError(t, b.cast(1, wrong), "a vote is repeated until it counts")
	require.NoError(t, b.cast(2, right))
	require.Zero(t, b.domain().ConflictSinceUnixMilli, "one of four is no conflict")
	require.NoError(t, b.cast(3, wrong))
	require.NoError(t, b.cast(4, right))
	require.NotZero(t, b.domain().ConflictSinceUnixMilli)
	require.Contains(t, b.status("ethereum/0").Reason, "different events")
	require.Equal(t, second, b.target())
	require.NoError(t, b.cast(3, right))
	require.Zero(t, b.domain().ConflictSinceUnixMilli)
	require.NotEqual(t, second, b.target(), "three of four agree")
	require.NoError(t, b.CheckInvariants(b.ctx))
}

func TestVotesOfThePastDoNotCount(t *testing.T) {
	b := newBridged(t)
	vote, target := b.vote(), b.target()
	require.NoError(t, b.cast(1, vote))
	require.NoError(t, b.cast(2, vote))
	b.bond(1, 0)
	b.bond(2, 5)
	require.NoError(t, b.cast(3, vote))
	require.Equal(t, target, b.target(), "15 of 25, though 30 have voted")
	require.NoError(t, b.cast(4, vote))
	require.NotEqual(t, target, b.target())
	require.NoError(t, b.CheckInvariants(b.ctx))
}

func TestManyEventsTakeSeveralRanges(t *testing.T) {
	b := newBridged(t)
	b.blocks(15)
	for range wire.MaxRangeEvents + 10 {
		b.transfer(foreignAsset(t), 1, b.address)
	}
	b.attest()
	require.EqualValues(t, len(b.events), b.domain().AttestedEvents)
	for first := 0; first < len(b.events); first += 64 {
		taken, err := b.take(b.proofs(first, 64)...)
		require.NoError(t, err)
		require.EqualValues(t, min(64, len(b.events)-first), taken)
		require.NoError(t, b.CheckInvariants(b.ctx))
	}
	require.EqualValues(t, len(b.events), b.has(b.address, b.voucher))
	require.Equal(t, b.domain().AttestedUnixMilli, b.domain().TakenUnixMilli)
}

func TestTakeEventsRefuses(t *testing.T) {
	b := newBridged(t)
	for range 3 {
		b.transfer(foreignAsset(t), 1, b.address)
	}
	b.attest()
	good := b.proofs(0, 3)
	require.Len(t, good, 3)
	for name, c := range map[string]struct {
		change func(p []types.EventProof) []types.EventProof
		want   error
	}{
		"none":            {func([]types.EventProof) []types.EventProof { return nil }, types.ErrInvalidEvent},
		"too many":        {func(p []types.EventProof) []types.EventProof { return make([]types.EventProof, 65) }, types.ErrInvalidEvent},
		"out of order":    {func(p []types.EventProof) []types.EventProof { return p[1:] }, types.ErrInvalidEvent},
		"another payload": {func(p []types.EventProof) []types.EventProof { p[0].Payload = []byte("x"); return p }, types.ErrInvalidEvent},
		"another path":    {func(p []types.EventProof) []types.EventProof { p[0].Path = p[2].Path; return p }, types.ErrInvalidEvent},
		"a short hash":    {func(p []types.EventProof) []types.EventProof { p[0].Path = [][]byte{{1}}; return p }, types.ErrInvalidEvent},
		"cut off":         {func(p []types.EventProof) []types.EventProof { p[0].Event = p[0].Event[1:]; return p }, types.ErrInvalidEvent},
		"another domain": {func(p []types.EventProof) []types.EventProof {
			return changeEvent(t, p, func(e *wire.Event) { e.Domain = 2 })
		}, types.ErrInvalidEvent},
		"another gateway": {func(p []types.EventProof) []types.EventProof {
			return changeEvent(t, p, func(e *wire.Event) { e.Application[31]++ })
		}, types.ErrInvalidEvent},
		"another recipient": {func(p []types.EventProof) []types.EventProof {
			return changeEvent(t, p, func(e *wire.Event) { e.Recipient[31]++ })
		}, types.ErrInvalidEvent},
	} {
		t.Run(name, func(t *testing.T) {
			cached, _ := b.ctx.CacheContext()
			proofs := append([]types.EventProof(nil), good...)
			_, err := b.msgs.TakeEvents(cached, &types.MsgTakeEvents{Sender: b.user, Domain: ethereum, Events: c.change(proofs)})
			require.ErrorIs(t, err, c.want)
		})
	}
	taken, err := b.take(good[:2]...)
	require.NoError(t, err)
	require.EqualValues(t, 2, taken)
	taken, err = b.take(good...)
	require.NoError(t, err, "what another relayer handed in is passed over")
	require.EqualValues(t, 1, taken)
	require.EqualValues(t, 3, b.has(b.address, b.voucher))

	b.transfer(foreignAsset(t), 1, b.address)
	unproven := types.EventProof{Event: b.events[3].Encode(), Payload: b.events[3].Payload}
	_, err = b.take(unproven)
	require.ErrorIs(t, err, types.ErrNotAttested)
}

func changeEvent(t testing.TB, p []types.EventProof, change func(*wire.Event)) []types.EventProof {
	e, err := wire.DecodeEvent(p[0].Event)
	require.NoError(t, err)
	change(&e)
	p[0].Event = e.Encode()
	return p
}

func TestOnlyGovernanceDecides(t *testing.T) {
	b := newBridged(t)
	for _, do := range []func() error{
		func() error { _, err := b.msgs.SetDomain(b.ctx, &types.MsgSetDomain{Authority: b.user}); return err },
		func() error {
			_, err := b.msgs.RegisterAsset(b.ctx, &types.MsgRegisterAsset{Authority: b.user})
			return err
		},
		func() error { _, err := b.msgs.SetLimits(b.ctx, &types.MsgSetLimits{Authority: b.user}); return err },
		func() error {
			_, err := b.msgs.SetGuardian(b.ctx, &types.MsgSetGuardian{Authority: b.user})
			return err
		},
		func() error { _, err := b.msgs.EndPause(b.ctx, &types.MsgEndPause{Authority: b.user}); return err },
	} {
		require.ErrorIs(t, do(), types.ErrUnauthorized)
	}
}

func TestGovernanceIsRefused(t *testing.T) {
	b := newBridged(t)
	config := b.domain().Config
	for name, c := range map[string]struct {
		change func(*types.DomainConfig)
		says   string
	}{
		"IPDM":            {func(c *types.DomainConfig) { c.Domain = 0 }, "IPDM itself"},
		"no name":         {func(c *types.DomainConfig) { c.Name = "Ether eum" }, "name"},
		"taken name":      {func(c *types.DomainConfig) { c.Domain = 3 }, "is called"},
		"another gateway": {func(c *types.DomainConfig) { c.Gateway = ethereumToken }, "for good"},
		"no gateway":      {func(c *types.DomainConfig) { c.Gateway = "0x12" }, "gateway"},
		"no form":         {func(c *types.DomainConfig) { c.Form = 0 }, "gateway"},
		"finality":        {func(c *types.DomainConfig) { c.Finality = -1 }, "finality"},
		"interval":        {func(c *types.DomainConfig) { c.Interval = time.Millisecond }, "interval"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := config
			c.change(&changed)
			_, err := b.msgs.SetDomain(b.ctx, &types.MsgSetDomain{Authority: authority, Config: changed})
			require.ErrorIs(t, err, types.ErrInvalidDomain)
			require.ErrorContains(t, err, c.says)
		})
	}
	for name, c := range map[string]struct {
		msg  types.MsgRegisterAsset
		want error
	}{
		"twice":           {types.MsgRegisterAsset{Domain: ethereum, Denom: native, Symbol: "IPDM", Decimals: 18}, types.ErrInvalidAsset},
		"another symbol":  {types.MsgRegisterAsset{Domain: solana, Denom: native, Symbol: "X", Decimals: 18}, types.ErrInvalidAsset},
		"neither":         {types.MsgRegisterAsset{Domain: ethereum, Symbol: "X"}, types.ErrInvalidAsset},
		"both":            {types.MsgRegisterAsset{Domain: ethereum, Denom: "x", Token: ethereumUser, Symbol: "X"}, types.ErrInvalidAsset},
		"no symbol":       {types.MsgRegisterAsset{Domain: ethereum, Denom: "stake"}, types.ErrInvalidAsset},
		"no denom":        {types.MsgRegisterAsset{Domain: ethereum, Denom: "1", Symbol: "X"}, types.ErrInvalidAsset},
		"many decimals":   {types.MsgRegisterAsset{Domain: ethereum, Denom: "stake", Symbol: "X", Decimals: 19}, types.ErrInvalidAsset},
		"no token":        {types.MsgRegisterAsset{Domain: ethereum, Token: solanaUser, Symbol: "X"}, types.ErrInvalidRecipient},
		"unknown domain":  {types.MsgRegisterAsset{Domain: 5, Denom: "stake", Symbol: "X"}, types.ErrUnknownDomain},
		"unknown voucher": {types.MsgRegisterAsset{Domain: ethereum, Denom: types.DenomOf(wire.Hash{7}), Symbol: "X"}, types.ErrInvalidAsset},
		"decimals differ": {types.MsgRegisterAsset{Domain: solana, Denom: native, Symbol: "IPDM", Decimals: 6}, types.ErrInvalidAsset},
	} {
		t.Run(name, func(t *testing.T) {
			c.msg.Authority = authority
			_, err := b.msgs.RegisterAsset(b.ctx, &c.msg)
			require.ErrorIs(t, err, c.want)
		})
	}
	_, err := b.msgs.SetLimits(b.ctx, &types.MsgSetLimits{Authority: authority, Domain: ethereum, Denom: native, There: sdkmath.OneInt(), Here: sdkmath.OneInt()})
	require.ErrorIs(t, err, types.ErrInvalidLimit)
	_, err = b.msgs.SetLimits(b.ctx, &types.MsgSetLimits{
		Authority: authority, Domain: ethereum, Denom: native, There: sdkmath.NewInt(-1), Here: sdkmath.OneInt(), WindowSeconds: 1,
	})
	require.ErrorIs(t, err, types.ErrInvalidLimit)
	_, err = b.msgs.SetGuardian(b.ctx, &types.MsgSetGuardian{Authority: authority, Domain: solana, Guardian: "x"})
	require.ErrorIs(t, err, types.ErrInvalidRecipient)
}

// TestWhatTimesOutIsRefundedByItself: nobody has to ask for it, and no more than a few at a time.
func TestWhatTimesOutIsRefundedByItself(t *testing.T) {
	b := newBridged(t)
	for range 20 {
		b.mustSend(10)
	}
	b.blocks(61)
	ranges := 0
	for has := b.has(b.address, native); has < 1_000_000; has = b.has(b.address, native) {
		b.block()
		if b.target().UntilMillis > uint64(b.ctx.BlockTime().UnixMilli()) {
			continue
		}
		vote := b.vote()
		for n := byte(1); n <= 3; n++ {
			require.NoError(t, b.cast(n, vote))
		}
		require.LessOrEqual(t, b.has(b.address, native)-has, int64(80), "eight for each range")
		require.NoError(t, b.CheckInvariants(b.ctx))
		ranges++
	}
	require.GreaterOrEqual(t, ranges, 3)
	require.Less(t, ranges, 10)
	require.Equal(t, "timed-out", b.status("24").State)
	outbox, err := b.query.Outbox(b.ctx, &types.QueryOutboxRequest{Domain: ethereum})
	require.NoError(t, err)
	require.Len(t, outbox.Messages, 4, "what governance sent waits for ever")
}

// TestWhatComesBackCountsAsNeverReleased: nobody can use up the limit of the other side with messages that cannot be delivered.
func TestWhatComesBackCountsAsNeverReleased(t *testing.T) {
	b := newBridged(t)
	nonce := b.mustSend(1_000)
	_, err := b.send(1, native)
	require.ErrorIs(t, err, types.ErrLimit)
	b.delivered(nonce, wire.StatusRefused)
	b.arrive()
	b.mustSend(1_000)
}

func TestGovernanceSkipsEventsThatNobodyCanAttest(t *testing.T) {
	b := newBridged(t)
	for range 3 {
		b.transfer(foreignAsset(t), 1, b.address)
	}
	b.attest()
	b.transfer(foreignAsset(t), 1, b.address) // nobody can read it
	skip := func(next uint64) error {
		_, err := b.msgs.SkipEvents(b.ctx, &types.MsgSkipEvents{Authority: authority, Domain: ethereum, NextNonce: next})
		return err
	}
	_, err := b.msgs.SkipEvents(b.ctx, &types.MsgSkipEvents{Authority: b.user, Domain: ethereum, NextNonce: 4})
	require.ErrorIs(t, err, types.ErrUnauthorized)
	require.ErrorIs(t, skip(2), types.ErrInvalidEvent)
	require.NoError(t, skip(4))
	require.NoError(t, b.CheckInvariants(b.ctx))
	b.transfer(foreignAsset(t), 7, b.address)
	b.arrive()
	require.EqualValues(t, 7, b.has(b.address, b.voucher))
	require.ErrorIs(t, skip(5), types.ErrInvalidEvent, "nothing is behind")
}

func TestOldCallsAreForgotten(t *testing.T) {
	b := newBridged(t)
	for range 5 {
		b.happen(wire.KindCall, party(t, ethereumUser), senderOf(t, b.address), nil)
	}
	b.arrive()
	b.ctx = b.ctx.WithBlockTime(b.ctx.BlockTime().Add(31 * 24 * time.Hour))
	b.happen(wire.KindCall, party(t, ethereumUser), senderOf(t, b.address), nil)
	b.happen(wire.KindCall, party(t, ethereumUser), senderOf(t, b.address), nil)
	b.arrive()
	calls, err := b.query.Calls(b.ctx, &types.QueryCallsRequest{Recipient: b.user})
	require.NoError(t, err)
	require.Len(t, calls.Calls, 5+2-4, "two for each that comes")
	require.EqualValues(t, 4, calls.Calls[0].Nonce)
}

// TestAThirdThatSaysOtherwiseIsSeen: as much stops a domain.
func TestAThirdThatSaysOtherwiseIsSeen(t *testing.T) {
	b := newBridged(t)
	b.bond(4, 0)
	right, wrong := b.vote(), b.vote()
	wrong.Count, wrong.Root = 1, wire.Hash{1}
	require.NoError(t, b.cast(1, right))
	require.NoError(t, b.cast(2, right))
	require.Zero(t, b.domain().ConflictSinceUnixMilli)
	require.NoError(t, b.cast(3, wrong))
	require.NotZero(t, b.domain().ConflictSinceUnixMilli)
}

// TestARangeIsAttestedWhenOthersLeave: what was too little is enough then, though nobody votes otherwise.
func TestARangeIsAttestedWhenOthersLeave(t *testing.T) {
	b := newBridged(t)
	vote, target := b.vote(), b.target()
	require.NoError(t, b.cast(1, vote))
	require.NoError(t, b.cast(2, vote))
	require.NoError(t, b.cast(1, vote))
	require.Equal(t, target, b.target())
	b.bond(3, 0)
	b.bond(4, 5)
	require.NoError(t, b.cast(1, vote))
	require.NotEqual(t, target, b.target())
}

func TestALongerFinalityKeepsTheInterval(t *testing.T) {
	b := newBridged(t)
	b.attest()
	config := b.domain().Config
	config.Finality = time.Hour
	_, err := b.msgs.SetDomain(b.ctx, &types.MsgSetDomain{Authority: authority, Config: config})
	require.NoError(t, err)
	vote := b.vote()
	for n := byte(1); n <= 3; n++ {
		require.NoError(t, b.cast(n, vote))
	}
	require.Equal(t, vote.TimeMillis+5_000, b.target().UntilMillis)
}

func TestGatewaysAreComparedAsAddresses(t *testing.T) {
	b := newBridged(t)
	config := b.domain().Config
	config.Gateway = strings.ToLower(config.Gateway)
	_, err := b.msgs.SetDomain(b.ctx, &types.MsgSetDomain{Authority: authority, Config: config})
	require.NoError(t, err)
	_, err = b.msgs.Send(b.ctx, &types.MsgSend{
		Sender: b.user, Domain: ethereum, Recipient: strings.ToLower(ethereumGateway), Amount: sdk.NewInt64Coin(native, 1),
	})
	require.ErrorIs(t, err, types.ErrInvalidRecipient)
}

func TestTheMetadataOfVouchersIsValid(t *testing.T) {
	b := newBridged(t)
	registered, err := b.msgs.RegisterAsset(b.ctx, &types.MsgRegisterAsset{Authority: authority, Domain: ethereum, Token: ethereumUser, Symbol: "NOTE"})
	require.NoError(t, err)
	for _, denom := range []string{registered.Denom, b.voucher} {
		m := b.bank.metadata[denom]
		require.NoError(t, m.Validate())
	}
}

// TestALongAddressIsRefusedAtOnce: to decode base58 takes the square of its length.
func TestALongAddressIsRefusedAtOnce(t *testing.T) {
	b := newBridged(t)
	_, err := b.msgs.Send(b.ctx, &types.MsgSend{
		Sender: b.user, Domain: solana, Recipient: strings.Repeat("2", 1_000_000), Amount: sdk.NewInt64Coin(native, 1_000_000_000),
	})
	require.ErrorIs(t, err, types.ErrInvalidRecipient)
	require.Less(t, len(err.Error()), 200)
}

func TestGenesisWithMessagesRoundTrips(t *testing.T) {
	b := newBridged(t)
	b.transfer(foreignAsset(t), 900, b.address)
	b.happen(wire.KindCall, party(t, ethereumUser), senderOf(t, b.address), []byte("hello"))
	b.arrive()
	b.mustSend(100)
	b.delivered(5, wire.StatusDone)
	b.mustSend(20)
	b.untilPending(10)
	b.signAll()
	b.mustSend(3)
	b.attest()
	require.NoError(t, b.cast(1, wire.RangeVote{Domain: wire.Domain(ethereum), FirstNonce: b.target().FirstNonce, TimeMillis: b.target().UntilMillis}))
	gs, err := b.ExportGenesis(b.ctx)
	require.NoError(t, err)
	require.NotEmpty(t, gs.Ranges)
	require.NotEmpty(t, gs.Ballots)
	require.NotEmpty(t, gs.Owed)
	require.NotEmpty(t, gs.Calls)

	again := newFixtureWith(t, b.bank, gs)
	require.NoError(t, again.CheckInvariants(again.ctx))
	exported, err := again.ExportGenesis(again.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, exported)

	for name, spoil := range map[string]func(*types.GenesisState){
		"a message is missing": func(gs *types.GenesisState) { gs.Messages = gs.Messages[1:] },
		"messages changed":     func(gs *types.GenesisState) { gs.Messages[5].Content[100] ^= 1 },
		"a payload changed":    func(gs *types.GenesisState) { gs.Messages[6].Payload[0] ^= 1 },
		"a range is missing":   func(gs *types.GenesisState) { gs.Ranges = nil },
		"a domain is missing":  func(gs *types.GenesisState) { gs.Domains = gs.Domains[1:] },
		"an asset is missing":  func(gs *types.GenesisState) { gs.Assets = gs.Assets[1:] },
		"more was taken":       func(gs *types.GenesisState) { gs.Domains[0].TakenEvents = 100 },
		"a negative lane":      func(gs *types.GenesisState) { gs.Lanes[0].Out = sdkmath.NewInt(-1) },
		"nothing is owed":      func(gs *types.GenesisState) { gs.Owed[0].Coin.Amount = sdkmath.ZeroInt() },
		"a ballot is cut":      func(gs *types.GenesisState) { gs.Ballots[0].Vote = gs.Ballots[0].Vote[1:] },
		"a root is cut":        func(gs *types.GenesisState) { gs.Ranges[0].Root = nil },
		"two lanes":            func(gs *types.GenesisState) { gs.Lanes = append(gs.Lanes, gs.Lanes[0]) },
	} {
		t.Run(name, func(t *testing.T) {
			changed, err := b.ExportGenesis(b.ctx)
			require.NoError(t, err)
			spoil(changed)
			require.ErrorIs(t, changed.Validate(), types.ErrInvalidGenesis)
		})
	}
}

func TestStatusRefuses(t *testing.T) {
	b := newBridged(t)
	for _, id := range []string{"", "x", "99", "mars/1", "9/1", "ethereum/x", "/1"} {
		_, err := b.query.Status(b.ctx, &types.QueryStatusRequest{Id: id})
		require.Error(t, err, id)
	}
}
