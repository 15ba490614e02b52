package solana

import (
	"encoding/binary"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"
)

func leUint64(data []byte) uint64 { return binary.LittleEndian.Uint64(data) }

func TestSubscriptions(t *testing.T) {
	f := start(t, Options{})
	landed := f.send(t, f.transfer(t, newAddress(t), sol))
	f.advance(t, 7)
	to := newAddress(t)
	transaction := f.transfer(t, to, sol)
	client := f.subscribe(t)
	slots, err := client.SlotSubscribe()
	require.NoError(t, err)
	account, err := client.AccountSubscribe(to, rpc.CommitmentConfirmed)
	require.NoError(t, err)
	program, err := client.ProgramSubscribeWithOpts(solanago.SystemProgramID, rpc.CommitmentConfirmed, solanago.EncodingBase64, nil)
	require.NoError(t, err)
	logs, err := client.LogsSubscribeMentions(to, rpc.CommitmentConfirmed)
	require.NoError(t, err)
	status, err := client.SignatureSubscribe(transaction.Signatures[0], rpc.CommitmentFinalized)
	require.NoError(t, err)

	// The client does not wait for answers, which come in order: when this one has something, all others stand.
	last, err := client.SignatureSubscribe(landed, rpc.CommitmentProcessed)
	require.NoError(t, err)
	_, err = last.Recv(f.ctx)
	require.NoError(t, err)

	f.advance(t, 1)
	first, err := slots.Recv(f.ctx)
	require.NoError(t, err)

	f.send(t, transaction)
	f.advance(t, 7)
	changed, err := account.Recv(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, sol, changed.Value.Lamports)
	require.Equal(t, first.Slot+1, changed.Context.Slot)
	owned, err := program.Recv(f.ctx)
	require.NoError(t, err)
	require.Contains(t, []solanago.PublicKey{to, f.payer.PublicKey()}, owned.Value.Pubkey)
	logged, err := logs.Recv(f.ctx)
	require.NoError(t, err)
	require.Equal(t, transaction.Signatures[0], logged.Value.Signature)
	require.NotEmpty(t, logged.Value.Logs)
	done, err := status.Recv(f.ctx)
	require.NoError(t, err)
	require.Nil(t, done.Value.Err)
	for slot := first.Slot + 1; slot <= first.Slot+7; slot++ {
		next, err := slots.Recv(f.ctx)
		require.NoError(t, err)
		require.Equal(t, slot, next.Slot)
		require.Equal(t, slot-1, next.Parent)
	}

	require.NoError(t, f.Node(0).Disconnect(f.ctx))
	_, err = slots.Recv(f.ctx)
	require.Error(t, err)
}

func TestSlotsPassByTheTimer(t *testing.T) {
	f := start(t, Options{SlotTime: 5 * time.Millisecond})
	to := newAddress(t)
	transaction := f.transfer(t, to, sol)
	finalized, err := f.subscribe(t).SignatureSubscribe(transaction.Signatures[0], rpc.CommitmentFinalized)
	require.NoError(t, err)
	f.send(t, transaction)
	_, err = finalized.Recv(f.ctx)
	require.NoError(t, err)
	require.EqualValues(t, sol, f.balance(t, to, rpc.CommitmentFinalized))

	require.NoError(t, f.Freeze(f.ctx))
	before, err := f.State(f.ctx)
	require.NoError(t, err)
	require.True(t, before.Frozen)
	slots, err := f.subscribe(t).SlotSubscribe()
	require.NoError(t, err)
	require.NoError(t, f.Resume(f.ctx))
	next, err := slots.Recv(f.ctx)
	require.NoError(t, err)
	require.Greater(t, next.Slot, before.Slot)
}
