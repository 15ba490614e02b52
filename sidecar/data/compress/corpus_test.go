package compress_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// corpusBytes is about how much there is of each class.
const corpusBytes = 4 << 20

// corpus makes the classes of data that the selection is judged by. Each is a long series, cut elsewhere than it begins.
func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(2026, 11))
	source := sourceText(t)
	noise := make([]byte, corpusBytes)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(noise)
	var squeezed bytes.Buffer
	w := gzip.NewWriter(&squeezed)
	_, err := w.Write(source)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	now, level := uint64(1_790_000_000_000), int64(20_000)
	return map[string][]byte{
		"source text":        source,
		"json logs":          lines(rng, "{\"time\":\"2026-11-%02dT%02d:%02d:%02dZ\",\"level\":\"info\",\"msg\":\"block committed\",\"height\":%d,\"txs\":%d}\n"),
		"csv":                lines(rng, "%d,%d,%d,%d,%d,%d\n"),
		"random":             noise,
		"compressed":         squeezed.Bytes(),
		"uint32 ids":         numbers(4, false, func() uint64 { return rng.Uint64() % 5000 }),
		"uint32 network":     numbers(4, true, func() uint64 { return 1_000_000 + rng.Uint64()%100_000 }),
		"int32 measurements": numbers(4, false, func() uint64 { level += rng.Int64N(64) - 32; return uint64(level) }),
		"uint64 times":       numbers(8, false, func() uint64 { now += 990 + rng.Uint64()%20; return now }),
		"uint16 samples":     numbers(2, false, func() uint64 { return rng.Uint64() % 700 }),
		"sparse bitmap":      bitmap(rng, 2000),
		"sparser bitmap":     bitmap(rng, 40_000),
		"zeros":              make([]byte, corpusBytes),
	}
}

// sourceText is from the Go toolchain that runs the test.
func sourceText(t testing.TB) []byte {
	t.Helper()
	var text []byte
	root := filepath.Join(runtime.GOROOT(), "src", "net")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || len(text) > corpusBytes {
			return err
		}
		raw, err := os.ReadFile(path)
		text = append(text, raw...)
		return err
	})
	require.NoError(t, err)
	require.Greater(t, len(text), 1<<20)
	return text
}

func lines(rng *rand.Rand, layout string) []byte {
	var out bytes.Buffer
	for height := 1_000_000; out.Len() < corpusBytes; height++ {
		fmt.Fprintf(&out, layout, rng.IntN(28)+1, rng.IntN(24), rng.IntN(60), rng.IntN(60), height, rng.IntN(200))
	}
	return out.Bytes()
}

// numbers are integers of some bytes, cut in the middle of the first.
func numbers(width int, big bool, next func() uint64) []byte {
	out := make([]byte, 0, corpusBytes+8)
	for len(out) < corpusBytes {
		var b [8]byte
		if big {
			binary.BigEndian.PutUint64(b[:], next())
			out = append(out, b[8-width:]...)
			continue
		}
		binary.LittleEndian.PutUint64(b[:], next())
		out = append(out, b[:width]...)
	}
	return out[1:]
}

// bitmap has a bit set in about so many.
func bitmap(rng *rand.Rand, every int) []byte {
	out := make([]byte, corpusBytes)
	for range len(out) * 8 / every {
		bit := rng.IntN(len(out) * 8)
		out[bit/8] |= 1 << (bit % 8)
	}
	return out
}

func classes(corpus map[string][]byte) []string {
	var names []string
	for name := range corpus {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
