package solana

import (
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	associatedtoken "github.com/gagliardetto/solana-go/programs/associated-token-account"
	"github.com/gagliardetto/solana-go/programs/system"
	"github.com/gagliardetto/solana-go/programs/token"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

var (
	coin   = wire.AssetID(0, wire.DenomToken("acoin")) // of 18 decimals
	sender = wire.Party(wire.Sum([]byte("sender")))
)

// unit is how much of the coin makes a unit of its token, which has 9 decimals.
const unit = 1_000_000_000

// post has the chain send a message, whose nonce it returns.
func (c *chain) post(m wire.Message, payload []byte) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	m.Nonce, m.PayloadHash = c.outbox.Count(), wire.Sum(payload)
	c.outbox.Append(m.Leaf())
	c.posted = append(c.posted, relayer.Delivery{Message: m, Payload: payload})
	return m.Nonce
}

// prove returns a message with what proves it to who has accepted the newest checkpoint. No other message may have been posted since.
func (c *chain) prove(nonce uint64) relayer.Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.posted[nonce]
	d.Checkpoint, d.Count = c.made[len(c.made)-1].Content, c.outbox.Count()
	path, err := c.outbox.Path(nonce)
	require.NoError(c.t, err)
	d.Path = path
	return d
}

func (f *fixture) message(kind wire.Kind, from wire.Party, to solanago.PublicKey) wire.Message {
	return wire.Message{Kind: kind, Domain: domain, Application: f.program().Application(), Sender: from, Recipient: wire.Party(to)}
}

func (f *fixture) control(c wire.Control) uint64 {
	payload, err := c.Encode()
	require.NoError(f.t, err)
	return f.chain.post(f.message(wire.KindControl, wire.Party{}, solanago.PublicKey{}), payload)
}

func (f *fixture) transfer(to solanago.PublicKey, units uint64) uint64 {
	amount := new(uint256.Int).Mul(uint256.NewInt(units), uint256.NewInt(unit))
	return f.chain.post(f.message(wire.KindTransfer, sender, to), wire.Transfer{Asset: coin, Amount: amount}.Encode())
}

func (f *fixture) call(to solanago.PublicKey, bytes int) uint64 {
	return f.chain.post(f.message(wire.KindCall, sender, to), make([]byte, bytes))
}

// register posts what makes the coin known, and lets it be released.
func (f *fixture) register() {
	f.control(wire.Control{Operation: wire.RegisterMinted, Asset: coin, Decimals: 18, Symbol: "COIN"})
	f.control(wire.Control{Operation: wire.SetLimit, Asset: coin, Limit: uint256.NewInt(1000 * unit), WindowSeconds: 3600})
}

// accept hands over a checkpoint of the outbox as it is.
func (f *fixture) accept(c *Client) relayer.Checkpoint {
	f.t.Helper()
	checkpoint := f.chain.sign(1, uint64(10*(len(f.chain.made)+1)), false)
	require.NoError(f.t, c.Submit(f.ctx, checkpoint))
	return checkpoint
}

// deliver delivers messages that the newest checkpoint has.
func (f *fixture) deliver(c *Client, nonces ...uint64) {
	f.t.Helper()
	for _, nonce := range nonces {
		require.NoError(f.t, c.Deliver(f.ctx, f.chain.prove(nonce)))
		f.requireTaken(c, nonce)
	}
}

func (f *fixture) requireTaken(c *Client, nonce uint64) {
	f.t.Helper()
	taken, err := c.Delivered(f.ctx, []uint64{nonce})
	require.NoError(f.t, err)
	require.Equal(f.t, []bool{true}, taken)
}

// finalized returns the data of an account at that commitment, nil if it is not there.
func (f *fixture) finalized(address solanago.PublicKey) []byte {
	f.t.Helper()
	final := &rpc.GetMultipleAccountsOpts{Commitment: rpc.CommitmentFinalized}
	found, err := f.rpc().GetMultipleAccountsWithOpts(f.ctx, []solanago.PublicKey{address}, final)
	require.NoError(f.t, err)
	if found.Value[0] == nil {
		return nil
	}
	return found.Value[0].Data.GetBinary()
}

// requireBalance requires that a wallet's associated account has so many units of the coin's token.
func (f *fixture) requireBalance(wallet solanago.PublicKey, units string) {
	f.t.Helper()
	f.requireHolding(program.Holding(wallet, f.program().Mint(coin)), units)
}

func (f *fixture) requireHolding(holding solanago.PublicKey, units string) {
	f.t.Helper()
	balance, err := f.rpc().GetTokenAccountBalance(f.ctx, holding, rpc.CommitmentFinalized)
	require.NoError(f.t, err)
	require.Equal(f.t, units, balance.Value.Amount)
}

// requireNoBuffers requires that no rent is left in buffers.
func (f *fixture) requireNoBuffers() {
	f.t.Helper()
	require.NoError(f.t, f.Advance(f.ctx, 10))
	all, err := f.rpc().GetProgramAccountsWithOpts(f.ctx, f.id, &rpc.GetProgramAccountsOpts{Commitment: rpc.CommitmentProcessed})
	require.NoError(f.t, err)
	for _, a := range all {
		_, err := program.DecodeBuffer(a.Account.Data.GetBinary())
		require.ErrorIs(f.t, err, program.ErrAccount)
	}
}

// send sends instructions in a transaction of a client's.
func (f *fixture) send(c *Client, instructions ...solanago.Instruction) {
	f.t.Helper()
	_, err := c.send(f.ctx, 0, []transaction{instructions})
	require.NoError(f.t, err)
}

// makeToken makes a token of Solana's, all of which a client's payer has.
func (f *fixture) makeToken(c *Client, units uint64) solanago.PublicKey {
	f.t.Helper()
	mint, owner := newKey(f.t), c.Payer()
	const bytes = 82
	_, err := c.send(f.ctx, 0, []transaction{{
		system.NewCreateAccountInstruction(sol/100, bytes, solanago.TokenProgramID, owner, mint.PublicKey()).Build(),
		token.NewInitializeMint2Instruction(6, owner, solanago.PublicKey{}, mint.PublicKey()).Build(),
		associatedtoken.NewCreateIdempotentInstruction(owner, owner, mint.PublicKey()).Build(),
		token.NewMintToInstruction(units, mint.PublicKey(), program.Holding(owner, mint.PublicKey()), owner, nil).Build(),
	}}, mint)
	require.NoError(f.t, err)
	return mint.PublicKey()
}

// now returns the network's time.
func (f *fixture) now() time.Time {
	state, err := f.State(f.ctx)
	require.NoError(f.t, err)
	return time.Unix(state.Nodes[0].Processed.Time, 0)
}

// requireDelivery requires that an event tells of a message's status.
func requireDelivery(t *testing.T, e wire.EventRecord, nonce uint64, status wire.Status) {
	t.Helper()
	require.Equal(t, wire.KindDelivery, e.Kind)
	d, err := wire.DecodeDelivery(e.Payload)
	require.NoError(t, err)
	require.Equal(t, wire.Delivery{Nonce: nonce, Status: status}, d)
}

// retained is a time of IPDM's, in milliseconds, at which events of the fixture may be closed.
const retained = program.MinRetention + 2*3_600_000
