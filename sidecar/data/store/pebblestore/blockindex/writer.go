package blockindex

import (
	"fmt"
	"hash/crc32"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	// writeBytes is how much of a run is written at a time.
	writeBytes = 64 * pageSize
	// syncBytes is how much of a run may wait in the cache of the operating system, so that a long run does not hold up
	// those who sync other files.
	syncBytes = 1 << 20
	// category marks writes of runs for pebble's disk statistics.
	category = vfs.DiskWriteCategory("ipdm-blockindex")
)

// runWriter writes a run.
type runWriter struct {
	fs      vfs.FS
	path    string
	number  uint64
	file    vfs.File
	buf     []byte // whole pages, and the one in the making
	inPage  int    // entries of the page in the making
	entries uint64
	filter  filter
	fences  []byte
}

// newRunWriter begins a run of at most maxEntries.
func newRunWriter(fsys vfs.FS, dir string, number, maxEntries uint64) (*runWriter, error) {
	path := fsys.PathJoin(dir, runName(number))
	file, err := fsys.Create(path, category)
	if err != nil {
		return nil, fmt.Errorf("failed to create run: %w", err)
	}
	return &runWriter{
		fs:     fsys,
		path:   path,
		number: number,
		file:   vfs.NewSyncingFile(file, vfs.SyncingFileOptions{BytesPerSync: syncBytes}),
		buf:    make([]byte, 0, writeBytes),
		filter: newFilter(maxEntries),
	}, nil
}

// add adds an entry in binary. Entries must come in order.
func (w *runWriter) add(row []byte) error {
	if w.inPage == entriesPerPage {
		if err := w.endPage(); err != nil {
			return err
		}
	}
	if w.inPage == 0 {
		w.fences = append(w.fences, row[:8]...)
	}
	w.buf = append(w.buf, row...)
	w.inPage++
	w.entries++
	w.filter.add((*[format.DigestSize]byte)(row))
	return nil
}

func (w *runWriter) endPage() error {
	start := len(w.buf) - w.inPage*entrySize
	w.buf = w.buf[:start+pageSize]
	sealPage(w.buf[start:], w.inPage)
	w.inPage = 0
	if len(w.buf) == cap(w.buf) {
		return w.flush()
	}
	return nil
}

func (w *runWriter) flush() error {
	if _, err := w.file.Write(w.buf); err != nil {
		return fmt.Errorf("failed to write run: %w", err)
	}
	w.buf = w.buf[:0]
	return nil
}

// finish makes the run durable and closes it; it holds at least one entry.
func (w *runWriter) finish() error {
	if err := w.endPage(); err != nil {
		return err
	}
	memory := append(w.filter.append(nil), w.fences...)
	f := footer{entries: w.entries, filterBlocks: uint64(len(w.filter) / filterBlockWords), sum: crc32.Checksum(memory, castagnoli)}
	if err := w.flush(); err != nil {
		return err
	}
	w.buf = f.append(memory)
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("failed to sync run: %w", err)
	}
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("failed to close run: %w", err)
	}
	w.file = nil
	return nil
}

// abandon gives up a run after an error.
func (w *runWriter) abandon() {
	if w.file != nil {
		_ = w.file.Close() // the error that led here is the one to report
	}
	_ = w.fs.Remove(w.path) // opening the index removes what the manifest does not name
}
