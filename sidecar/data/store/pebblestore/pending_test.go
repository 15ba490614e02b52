package pebblestore

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"unsafe"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
)

func TestPendingIsWrittenAsItWasAdded(t *testing.T) {
	for _, direct := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "segment")
		file, err := vfs.Default.Create(path, segmentCategory)
		require.NoError(t, err)
		rng := rand.New(rand.NewPCG(1, 2))
		source := rand.NewChaCha8([32]byte{})
		var want []byte
		var p pending
		p.begin(0)
		for range 100 {
			for range 1 + rng.IntN(3) {
				some := make([]byte, 1<<rng.IntN(20)+rng.IntN(5000))
				_, _ = source.Read(some)
				require.True(t, p.fits(len(some)))
				p.add(some)
				want = append(want, some...)
			}
			_, body, _ := p.parts()
			if len(body) > 0 {
				require.Zero(t, uintptr(unsafe.Pointer(unsafe.SliceData(body)))%directAlign)
				require.Zero(t, len(body)%directAlign)
			}
			_, err := p.write(file, direct)
			require.NoError(t, err)
			p.begin(uint64(len(want)))
		}
		require.NoError(t, file.Close())
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got), "direct %t", direct)
	}
}

func TestPendingHasTwoEndsAndAnAlignedBody(t *testing.T) {
	for _, c := range []struct{ position, length, head, body int }{
		{0, directBytes, 0, directBytes},
		{0, directBytes - 1, directBytes - 1, 0},
		{1, directBytes, directBytes, 0},
		{1, directBytes + 2*directAlign, directAlign - 1, directBytes + directAlign},
		{directAlign, directBytes + 5, 0, directBytes},
		{directAlign - 1, directBytes + 1, 1, directBytes},
	} {
		var p pending
		p.begin(uint64(c.position))
		p.add(make([]byte, c.length))
		head, body, tail := p.parts()
		require.Len(t, head, c.head, "%+v", c)
		require.Len(t, body, c.body, "%+v", c)
		require.Len(t, tail, c.length-c.head-c.body, "%+v", c)
	}
}

func TestPendingGoesThroughThePageCacheWhereItMust(t *testing.T) {
	content := bytes.Repeat([]byte("content "), directBytes)
	memory := vfs.NewMem()
	file, err := memory.Create("segment", segmentCategory)
	require.NoError(t, err)
	var p pending
	p.begin(0)
	p.add(content)
	direct, err := p.write(file, true)
	require.NoError(t, err)
	require.False(t, direct, "memory has no page cache to pass by")
	info, err := file.Stat()
	require.NoError(t, err)
	require.EqualValues(t, len(content), info.Size())
	require.NoError(t, file.Close())
}
