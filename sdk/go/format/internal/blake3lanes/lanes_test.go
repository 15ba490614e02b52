package blake3lanes_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/sdk/go/format/internal/blake3lanes"
)

func needLanes(t *testing.T) {
	t.Helper()
	if !blake3lanes.Available {
		t.Skip("this processor has no AVX2")
	}
}

func TestShortMessagesOfEveryLengthInEveryLane(t *testing.T) {
	needLanes(t)
	shortMessages(t)
}

func shortMessages(t *testing.T) {
	t.Helper()
	random := rand.NewChaCha8([32]byte{1})
	rng := rand.New(random)
	for length := range blake3lanes.ChunkBytes + 1 {
		blocks := blake3lanes.Blocks(length)
		for lane := range blake3lanes.Lanes {
			count := lane + 1 + rng.IntN(blake3lanes.Lanes-lane)
			messages, digests := make([][]byte, count), make([]*[blake3lanes.DigestBytes]byte, count)
			for i := range messages {
				n := length
				if i != lane && length > 0 {
					n = blocks*blake3lanes.BlockBytes - rng.IntN(blake3lanes.BlockBytes)
				}
				messages[i], digests[i] = make([]byte, n), new([blake3lanes.DigestBytes]byte)
				_, _ = random.Read(messages[i])
			}
			blake3lanes.SumShort(messages, digests)
			for i, m := range messages {
				require.Equal(t, blake3.Sum256(m), *digests[i], "%d bytes in lane %d", len(m), i)
			}
		}
	}
}

func TestLongMessages(t *testing.T) {
	needLanes(t)
	longMessages(t)
}

func longMessages(t *testing.T) {
	t.Helper()
	message := make([]byte, blake3lanes.MaxBytes)
	random := rand.NewChaCha8([32]byte{2})
	_, _ = random.Read(message)
	rng := rand.New(random)
	lengths := []int{blake3lanes.MaxBytes, blake3lanes.MaxBytes - 1, 1 << 20, 2<<20 + 1}
	for chunks := 1; chunks < 70; chunks++ {
		end := chunks * blake3lanes.ChunkBytes
		lengths = append(lengths, end+1, end+63, end+64, end+65, end+1023, end+1024)
	}
	for range 100 {
		lengths = append(lengths, 1025+rng.IntN(300<<10))
	}
	for _, n := range lengths {
		require.Equal(t, blake3.Sum256(message[:n]), blake3lanes.Sum(message[:n]), n)
	}
}

func FuzzSum(f *testing.F) {
	f.Add(uint32(1025), byte(1))
	f.Add(uint32(1<<20), byte(2))
	f.Fuzz(func(t *testing.T, length uint32, seed byte) {
		needLanes(t)
		message := make([]byte, 1025+length%(1<<20))
		_, _ = rand.NewChaCha8([32]byte{seed}).Read(message)
		require.Equal(t, blake3.Sum256(message), blake3lanes.Sum(message))
	})
}
