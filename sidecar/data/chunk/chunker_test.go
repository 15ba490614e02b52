package chunk

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

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

// readAll cuts a stream, copying and releasing each chunk.
func readAll(t require.TestingT, c *Chunker) [][]byte {
	var out [][]byte
	for {
		ch, err := c.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		out = append(out, bytes.Clone(ch.Data))
		ch.Release()
	}
}

// raggedReader returns random amounts and sometimes nothing at all.
type raggedReader struct {
	data []byte
	rng  *rand.Rand
}

func (r *raggedReader) Read(p []byte) (int, error) {
	if len(r.data) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:r.rng.IntN(len(p)+1)], r.data)
	r.data = r.data[n:]
	if len(r.data) == 0 && r.rng.IntN(2) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func TestCutsDependOnBytesAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(0, 20_000).Draw(t, "size")
		data := randomBytes(rapid.Uint64Range(0, 65535).Draw(t, "seed"), size)
		if rapid.Bool().Draw(t, "low entropy") {
			for i := range data {
				data[i] &= 1
			}
		}
		hint := rapid.Int64Range(-1, 30_000).Draw(t, "hint")
		want := split(data, small)
		c, err := New(small)
		require.NoError(t, err)
		defer c.Close()
		c.Reset(&raggedReader{data: data, rng: rand.New(rand.NewPCG(1, uint64(size)))}, hint)
		got := readAll(t, c)
		require.Equal(t, len(want), len(got))
		for i := range want {
			require.True(t, bytes.Equal(want[i], got[i]), "chunk %d", i)
		}
		c.Reset(bytes.NewReader(data), int64(size))
		require.Equal(t, got, readAll(t, c))
	})
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

func TestSmallFileIsOneChunk(t *testing.T) {
	c, err := New(Default())
	require.NoError(t, err)
	defer c.Close()
	for _, size := range []int{1, 63, 64, 1023, 1024, 70_000, DefaultMinBytes - 1, DefaultMinBytes} {
		for _, hint := range []int64{UnknownSize, 0, int64(size) - 1, int64(size), int64(size) + 9} {
			data := randomBytes(1, size)
			c.Reset(bytes.NewReader(data), hint)
			ch, err := c.Next()
			require.NoError(t, err)
			require.Equal(t, data, ch.Data)
			require.LessOrEqual(t, cap(ch.buf.mem), max(1024, 4*size), "memory held for %d bytes", size)
			ch.Release()
			_, err = c.Next()
			require.ErrorIs(t, err, io.EOF)
		}
	}
}

func TestEmptyStream(t *testing.T) {
	c, err := New(Default())
	require.NoError(t, err)
	_, err = c.Next()
	require.ErrorIs(t, err, io.EOF, "a chunker without a stream")
	c.Reset(strings.NewReader(""), 0)
	for range 2 {
		_, err = c.Next()
		require.ErrorIs(t, err, io.EOF)
	}
}

func TestReaderErrors(t *testing.T) {
	broken := errors.New("disk on fire")
	lying := readerFunc(func(p []byte) (int, error) { return len(p) + 1, nil })
	stuck := readerFunc(func([]byte) (int, error) { return 0, nil })
	for name, tc := range map[string]struct {
		r    io.Reader
		want error
		text string
	}{
		"error at once":   {iotest.ErrReader(broken), broken, "disk on fire"},
		"error in chunk":  {io.MultiReader(bytes.NewReader(randomBytes(1, 1000)), iotest.ErrReader(broken)), broken, "disk on fire"},
		"impossible read": {lying, nil, "impossible count"},
		"no progress":     {stuck, io.ErrNoProgress, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := New(Default())
			require.NoError(t, err)
			c.Reset(tc.r, UnknownSize)
			for range 2 {
				_, err = c.Next()
				require.Error(t, err)
				require.NotErrorIs(t, err, io.EOF)
				require.ErrorContains(t, err, tc.text)
				if tc.want != nil {
					require.ErrorIs(t, err, tc.want)
				}
			}
			c.Reset(strings.NewReader("fine again"), 10)
			ch, err := c.Next()
			require.NoError(t, err)
			require.Equal(t, "fine again", string(ch.Data))
		})
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// TestChunksOutliveChunker hashes chunks in other goroutines while cutting goes on, for the race detector's sake too.
func TestChunksOutliveChunker(t *testing.T) {
	data := randomBytes(9, 6<<20)
	c, err := New(Default())
	require.NoError(t, err)
	c.Reset(bytes.NewReader(data), int64(len(data)))
	var wg sync.WaitGroup
	var sums [64][32]byte
	n := 0
	for ; ; n++ {
		ch, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		slot := &sums[n]
		wg.Go(func() {
			*slot = blake3.Sum256(ch.Data)
			ch.Release()
		})
	}
	c.Close()
	wg.Wait()
	want := split(data, Default())
	require.Len(t, want, n)
	for i, w := range want {
		require.Equal(t, blake3.Sum256(w), sums[i])
	}
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
		_, err := New(p)
		require.ErrorIs(t, err, ErrParams)
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

func FuzzChunker(f *testing.F) {
	f.Add([]byte("hello"), int64(5), uint64(1))
	f.Add(bytes.Repeat([]byte{0}, 3000), int64(-1), uint64(2))
	f.Add([]byte("x"), int64(math.MaxInt64), uint64(3))
	f.Fuzz(func(t *testing.T, data []byte, hint int64, seed uint64) {
		c, err := New(small)
		require.NoError(t, err)
		c.Reset(&raggedReader{data: data, rng: rand.New(rand.NewPCG(seed, 1))}, hint)
		got := readAll(t, c)
		require.Equal(t, len(split(data, small)), len(got))
		require.True(t, bytes.Equal(data, bytes.Join(got, nil)))
	})
}
