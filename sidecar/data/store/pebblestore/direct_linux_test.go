package pebblestore

import (
	"bytes"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// refusing is a file whose writes without the page cache fail.
type refusing struct {
	vfs.File
	with  error
	asked int
}

func (f *refusing) Write(b []byte) (int, error) {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil {
		return 0, err
	}
	if flags&unix.O_DIRECT != 0 {
		f.asked++
		return 0, f.with
	}
	return f.File.Write(b)
}

func TestAFileThatRefusesDirectWritesIsWrittenOtherwise(t *testing.T) {
	content := bytes.Repeat([]byte("content "), directBytes)
	for _, c := range []struct {
		with error
		goes bool
	}{{syscall.EINVAL, true}, {syscall.EIO, false}} {
		path := filepath.Join(t.TempDir(), "segment")
		file, err := vfs.Default.Create(path, segmentCategory)
		require.NoError(t, err)
		f := &refusing{File: file, with: c.with}
		var p pending
		p.begin(0)
		p.add(content)
		direct, err := p.write(f, true)
		require.Equal(t, 1, f.asked)
		if !c.goes {
			require.ErrorIs(t, err, c.with)
			require.NoError(t, file.Close())
			continue
		}
		require.NoError(t, err)
		require.False(t, direct)
		_, err = p.write(f, direct)
		require.NoError(t, err)
		require.Equal(t, 1, f.asked, "it was asked again")
		require.NoError(t, file.Close())
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, append(bytes.Clone(content), content...), got)
	}
}
