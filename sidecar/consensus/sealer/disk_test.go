package sealer

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is filled is as it was, followed by zeros, and takes up all of its length: a mapped file with holes is a fault on a full disk.
func TestFillTakesTheSpace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	const size = 300_000
	for _, before := range []int{0, 1, 70_000, size, size + 5} {
		content := bytes.Repeat([]byte{7}, before)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		file, err := os.OpenFile(path, os.O_RDWR, 0)
		require.NoError(t, err)
		require.NoError(t, fill(file, size))
		info, err := file.Stat()
		require.NoError(t, err)
		require.GreaterOrEqual(t, diskBytes(info), uint64(size))
		require.NoError(t, file.Close())
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, append(content, make([]byte, max(size-before, 0))...), got)
	}
}

// A sealer looks at its memory before it can have taken more than it may, and not at all when it cannot.
func TestLookAfter(t *testing.T) {
	const node = 120 // bytes that a node has in two layers and in the parents
	for name, c := range map[string]struct {
		memory, nodes uint64
		never         bool
	}{
		"unbounded":      {0, 1 << 30, true},
		"all fits":       {1<<25*node + bufferBytes, 1 << 25, true},
		"a byte too few": {1<<25*node + bufferBytes - 1, 1 << 25, false},
		"least":          {MinMemoryBytes, 1 << 30, false},
	} {
		after := Options{MemoryBytes: c.memory}.lookAfter(c.nodes)
		require.Equal(t, c.never, after >= c.nodes, name)
		if !c.never {
			require.LessOrEqual(t, after*14*faultBytes+(c.memory-bufferBytes)/4*3+bufferBytes, c.memory, name)
		}
	}
}
