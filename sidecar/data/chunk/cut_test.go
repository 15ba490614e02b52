package chunk

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"lukechampine.com/blake3"
	"pgregory.net/rapid"
)

// small are lengths that make property tests quick.
var small = Params{MinBytes: 64, TargetBytes: 256, MaxBytes: 1024}

func randomBytes(seed uint64, n int) []byte {
	var key [32]byte
	key[0], key[1] = byte(seed), byte(seed>>8)
	data := make([]byte, n)
	_, _ = rand.NewChaCha8(key).Read(data)
	return data
}

// split cuts data in memory.
func split(data []byte, p Params) [][]byte {
	var out [][]byte
	for len(data) > 0 {
		n := Cut(data, p)
		out = append(out, data[:n])
		data = data[n:]
	}
	return out
}

func TestChunkLengthBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Params{MinBytes: rapid.IntRange(64, 500).Draw(t, "min"), TargetBytes: 512}
		p.MaxBytes = rapid.IntRange(513, 4096).Draw(t, "max")
		require.NoError(t, p.Validate())
		data := randomBytes(rapid.Uint64Range(0, 65535).Draw(t, "seed"), rapid.IntRange(0, 50_000).Draw(t, "size"))
		chunks := split(data, p)
		require.Equal(t, data, append([]byte{}, bytes.Join(chunks, nil)...))
		for i, c := range chunks {
			require.LessOrEqual(t, len(c), p.MaxBytes)
			if i < len(chunks)-1 {
				require.GreaterOrEqual(t, len(c), p.MinBytes)
			}
		}
	})
}

// TestCutMatchesDefinition compares with the definition written down plainly.
func TestCutMatchesDefinition(t *testing.T) {
	plain := func(data []byte, p Params) int {
		before, after := p.limits()
		for length := p.MinBytes; length <= min(len(data), p.MaxBytes); length++ {
			var hash uint64
			for _, b := range data[length-windowBytes : length] {
				hash = hash<<1 + gear[b]
			}
			if (length < p.TargetBytes && hash < before) || (length >= p.TargetBytes && hash < after) {
				return length
			}
		}
		return min(len(data), p.MaxBytes)
	}
	for seed := range uint64(200) {
		data := randomBytes(seed, 1500)
		require.Equal(t, plain(data, small), Cut(data, small), "seed %d", seed)
	}
}

func TestLengthsGatherAroundTarget(t *testing.T) {
	chunks := split(randomBytes(7, 64<<20), Default())
	average := (64 << 20) / len(chunks)
	require.InDelta(t, 600<<10, average, 100<<10)
}

func TestInsertionChangesFewChunks(t *testing.T) {
	data := randomBytes(3, 1<<20)
	p := Params{MinBytes: 1 << 10, TargetBytes: 2 << 10, MaxBytes: 4 << 10}
	known := map[string]bool{}
	for _, c := range split(data, p) {
		known[string(c)] = true
	}
	edited := bytes.Join([][]byte{data[:300_000], []byte("inserted"), data[300_000:]}, nil)
	var fresh int
	for _, c := range split(edited, p) {
		if !known[string(c)] {
			fresh++
		}
	}
	require.NotZero(t, fresh)
	require.LessOrEqual(t, fresh, 6)
}

func TestParamsValidate(t *testing.T) {
	require.NoError(t, Default().Validate())
	for _, p := range []Params{
		{},
		{MinBytes: 63, TargetBytes: 128, MaxBytes: 256},
		{MinBytes: 128, TargetBytes: 128, MaxBytes: 256},
		{MinBytes: 64, TargetBytes: 128, MaxBytes: 128},
		{MinBytes: 64, TargetBytes: 129, MaxBytes: 256},
		{MinBytes: 64, TargetBytes: 128, MaxBytes: LimitBytes + 1},
	} {
		require.ErrorIs(t, p.Validate(), ErrParams, "%+v", p)
	}
}

// TestGolden pins the gear table and the cuts, which decide block CIDs. The vectors must never change.
func TestGolden(t *testing.T) {
	var b strings.Builder
	table := blake3.New(32, nil)
	for _, w := range gear {
		fmt.Fprintf(table, "%016x", w)
	}
	fmt.Fprintf(&b, "gear %s\n", hex.EncodeToString(table.Sum(nil)))
	for _, v := range []struct {
		name string
		data []byte
	}{
		{"chacha8 seed 1", randomBytes(1, 8<<20)},
		{"zeros", make([]byte, 3<<20)},
		{"counting", []byte(countingText(4 << 20))},
	} {
		fmt.Fprintf(&b, "%s:", v.name)
		for _, c := range split(v.data, Default()) {
			fmt.Fprintf(&b, " %d", len(c))
		}
		b.WriteByte('\n')
	}
	const path = "testdata/cuts.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}

func countingText(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()[:n]
}

// TestSmallFileIsOneChunk holds up to the minimum length, inclusive.
func TestSmallFileIsOneChunk(t *testing.T) {
	require.Zero(t, Cut(nil, Default()))
	for _, size := range []int{1, 63, 64, 70_000, DefaultMinBytes - 1, DefaultMinBytes} {
		require.Equal(t, size, Cut(randomBytes(1, size), Default()))
	}
}

// TestCutNeedsOnlyAMaximumAhead lets a caller hold no more than one chunk's longest length in memory.
func TestCutNeedsOnlyAMaximumAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data := randomBytes(rapid.Uint64Range(0, 65535).Draw(t, "seed"), rapid.IntRange(small.MaxBytes, 20_000).Draw(t, "size"))
		ahead := rapid.IntRange(small.MaxBytes, len(data)).Draw(t, "ahead")
		require.Equal(t, Cut(data, small), Cut(data[:ahead], small))
	})
}

func FuzzCut(f *testing.F) {
	f.Add([]byte("hello"))
	f.Add(bytes.Repeat([]byte{0}, 3000))
	f.Fuzz(func(t *testing.T, data []byte) {
		require.True(t, bytes.Equal(data, bytes.Join(split(data, small), nil)))
	})
}
