package blake3lanes_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/sdk/go/format/internal/blake3lanes"
)

func TestEveryLengthInEveryLane(t *testing.T) {
	if !blake3lanes.Available {
		t.Skip("this processor has no AVX2")
	}
	random := rand.NewChaCha8([32]byte{1})
	rng := rand.New(random)
	for length := range blake3lanes.MaxBytes + 1 {
		blocks := blake3lanes.Blocks(length)
		for lane := range blake3lanes.Lanes {
			var messages [blake3lanes.Lanes][]byte
			var digests [blake3lanes.Lanes]*[32]byte
			for i := range messages {
				n := length
				if i != lane && length > 0 {
					n = blocks*blake3lanes.BlockBytes - rng.IntN(blake3lanes.BlockBytes)
				}
				messages[i], digests[i] = make([]byte, n), new([32]byte)
				_, _ = random.Read(messages[i])
			}
			blake3lanes.Sum(&messages, &digests)
			for i, m := range messages {
				require.Equal(t, blake3.Sum256(m), *digests[i], "%d bytes in lane %d", len(m), i)
			}
		}
	}
}
