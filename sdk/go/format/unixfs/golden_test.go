package unixfs_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// TestGolden pins roots, sizes and small nodes. The vectors must never change: they are the wire format.
func TestGolden(t *testing.T) {
	var b strings.Builder
	line := func(name string, m *memory, l unixfs.Link) {
		fmt.Fprintf(&b, "%s: %s %d", name, l.Cid, l.TotalSizeBytes)
		if block := m.blocks[l.Cid]; len(block) <= 256 {
			fmt.Fprintf(&b, " %x", block)
		}
		b.WriteByte('\n')
	}
	text := func(n int) (chunks [][]byte) {
		for i := range n {
			chunks = append(chunks, fmt.Appendf(nil, "chunk %d\n", i))
		}
		return chunks
	}
	stamp := unixfs.Attributes{Mode: 0o755, ModTime: time.Unix(1_700_000_000, 42)}
	for _, n := range []int{0, 1, 2, 174, 175, 174*174 + 1} {
		m := newMemory()
		line(fmt.Sprintf("file of %d leaves", n), m, buildFile(t, m, text(n), unixfs.Attributes{}))
		line(fmt.Sprintf("file of %d leaves, executable", n), m, buildFile(t, m, text(n), unixfs.AttributesOf(0o755)))
		line(fmt.Sprintf("file of %d leaves, mode and time", n), m, buildFile(t, m, text(n), stamp))
	}
	for _, n := range []int{0, 1, 2, 5000, 20000} {
		m := newMemory()
		links := entries(n, func(i int) string { return fmt.Sprintf("entry-%d", i) })
		line(fmt.Sprintf("directory of %d entries", n), m, buildDir(t, m, links, unixfs.Attributes{}))
		line(fmt.Sprintf("directory of %d entries, mode and time", n), m, buildDir(t, m, links, stamp))
	}
	m := newMemory()
	l, err := unixfs.EncodeSymlink("target/of the link", stamp, m.emit)
	require.NoError(t, err)
	line("symlink with time", m, l)

	const path = "testdata/roots.golden"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}
