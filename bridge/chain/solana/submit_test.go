package solana

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	testnet "github.com/ipdm-network/ipdm/testutil/solana"
)

func TestSubmit(t *testing.T) {
	for _, c := range []struct {
		signers      int
		image        string
		within, ends int // transactions of a checkpoint within an epoch, and of one that ends it
	}{
		{1, "ipdm_v3.so", 1, 1},
		{4, "ipdm_v3.so", 1, 1},
		{67, "ipdm_v3.so", 6, 9},
		{256, "ipdm_v3.so", 14, 22},
		{4, "ipdm_v0.so", 1, 1},
		{67, "ipdm_v0.so", 6, 9},
	} {
		t.Run(fmt.Sprintf("%d signers, %s", c.signers, c.image), func(t *testing.T) {
			f := start(t, c.signers, 1, c.image)
			client, tap := f.client(f.payer[0])
			submit := func(checkpoint relayer.Checkpoint, transactions int) {
				before, _ := tap.sent()
				began := time.Now()
				require.NoError(t, client.Submit(f.ctx, checkpoint))
				took := time.Since(began)
				count, largest := tap.sent()
				t.Logf("%d transactions, the largest of %d bytes, %s without waiting for slots", count-before, largest, took.Round(time.Millisecond))
				require.Equal(t, transactions, count-before)
				require.LessOrEqual(t, largest, maxTransactionBytes)
				f.requireHead(checkpoint)
				f.requireTidy()
			}
			submit(f.chain.sign(1, 10, false), c.within)
			ending := f.chain.sign(1, 20, true)
			submit(ending, c.ends)
			submit(ending, 0) // what is known is not sent again
			submit(f.chain.sign(2, 30, false), c.within)

			f.requireBudgets(tap)
			head, err := client.Head(f.ctx)
			require.NoError(t, err)
			require.EqualValues(t, 2, head.Epoch)
			require.EqualValues(t, 30, head.Height)
			require.EqualValues(t, f.chain.began+30, head.Time.UnixMilli())
			require.WithinDuration(t, time.Now().Add(trustPeriod), head.StaleAt, testTimeout, "trusted since genesis, which was after the checkpoints")
		})
	}
}

// TestFigures prints how long checkpoints take where slots take as long as on Solana's mainnet.
func TestFigures(t *testing.T) {
	if os.Getenv("IPDM_FIGURES") == "" {
		t.Skip("takes two minutes: set IPDM_FIGURES=1")
	}
	for _, signers := range []int{4, 67} {
		f := startWith(t, signers, image, testnet.Options{SlotTime: 400 * time.Millisecond, ConfirmedDepth: 2, FinalizedDepth: 32})
		client, tap := f.client(f.payer[0])
		for i, ends := range []bool{false, true} {
			before, _ := tap.sent()
			began := time.Now()
			require.NoError(t, client.Submit(t.Context(), f.chain.sign(1, uint64(i+1), ends)))
			sent, _ := tap.sent()
			t.Logf("%d signers, ends its epoch: %t: %d transactions, %.1f s", signers, ends, sent-before, time.Since(began).Seconds())
		}
	}
}
