package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const segmentSuffix = ".seg"

// segmentCategory marks writes of envelopes for pebble's disk statistics.
const segmentCategory = vfs.DiskWriteCategory("ipdm-segment")

func segmentName(number uint32) string { return fmt.Sprintf("%08x%s", number, segmentSuffix) }

func parseSegmentName(name string) (uint32, bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	return uint32(n), err == nil && segmentName(uint32(n)) == name
}

// segmentFiles is the directory of segments.
type segmentFiles struct {
	fs  vfs.FS
	dir string
}

func (s segmentFiles) path(number uint32) string { return s.fs.PathJoin(s.dir, segmentName(number)) }

// list returns the length of every segment file.
func (s segmentFiles) list() (map[uint32]uint64, error) {
	names, err := s.fs.List(s.dir)
	if err != nil {
		return nil, fmt.Errorf("failed to list segments: %w", err)
	}
	lengths := make(map[uint32]uint64, len(names))
	for _, name := range names {
		number, ok := parseSegmentName(name)
		if !ok {
			continue
		}
		info, err := s.fs.Stat(s.fs.PathJoin(s.dir, name))
		if err != nil {
			return nil, fmt.Errorf("failed to list segments: %w", err)
		}
		lengths[number] = uint64(info.Size())
	}
	return lengths, nil
}

// read returns the bytes a record names, unverified.
func (s segmentFiles) read(r record) (data []byte, err error) { return s.readSome(r, int(r.length)) }

// table returns the blocks of an envelope as its own table names them, unverified.
func (s segmentFiles) table(r record) ([]envelope.Entry, error) {
	head, err := s.readSome(r, min(int(r.length), envelope.TableSize(r.count)))
	if err != nil {
		return nil, err
	}
	entries, err := envelope.ParseTable(head)
	if err == nil && len(entries) != r.count {
		err = fmt.Errorf("another encoding lies in its place")
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return entries, nil
}

// readSome returns the first n bytes of what a record names.
func (s segmentFiles) readSome(r record, n int) (data []byte, err error) {
	f, err := s.fs.Open(s.path(r.segment))
	if err != nil {
		return nil, fmt.Errorf("failed to open segment: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	data = make([]byte, n)
	got, err := f.ReadAt(data, int64(r.offset))
	if got == n {
		return data, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = errShort
	}
	return nil, fmt.Errorf("failed to read segment %d at %d: %w", r.segment, r.offset, err)
}

// remove deletes a segment; that there is none is no error.
func (s segmentFiles) remove(number uint32) error {
	if err := s.fs.Remove(s.path(number)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("failed to remove segment: %w", err)
	}
	return nil
}

// appender writes the newest segment. It belongs to the committing goroutine.
type appender struct {
	files    segmentFiles
	limit    int64
	reserve  uint64
	next     uint32 // number of the next segment
	file     vfs.File
	number   uint32
	length   uint64 // with what is pending
	pending  pending
	direct   bool // pass by the page cache
	unsynced bool
}

// room fails with store.ErrFull unless needBytes can be written with the reserve left over.
func (a *appender) room(needBytes int) error {
	usage, err := a.files.fs.GetDiskUsage(a.files.dir)
	if errors.Is(err, vfs.ErrUnsupported) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to learn the free disk space: %w", err)
	}
	if usage.AvailBytes < uint64(needBytes)+a.reserve {
		return fmt.Errorf("%w: %d bytes free on the disk, %d needed and %d kept in reserve",
			store.ErrFull, usage.AvailBytes, needBytes, a.reserve)
	}
	return nil
}

// check gives the segment up if its file is no longer where it was, or was cut short, by someone else's hand: what is
// appended to it would be lost.
func (a *appender) check() {
	if a.file == nil {
		return
	}
	info, err := a.files.fs.Stat(a.files.path(a.number))
	if err != nil || uint64(info.Size()) != a.length-uint64(len(a.pending.data)) {
		a.abandon()
	}
}

// append adds one envelope and returns where it lies when flush has written it. After an error the segment is given up.
func (a *appender) append(env []byte) (segment uint32, offset uint64, err error) {
	if a.file != nil && int64(a.length) >= a.limit {
		if err := a.end(); err != nil {
			return 0, 0, err
		}
	}
	if a.file == nil {
		if err := a.begin(); err != nil {
			return 0, 0, err
		}
	}
	if !a.pending.fits(len(env)) {
		if err := a.flush(); err != nil {
			return 0, 0, err
		}
	}
	segment, offset = a.number, a.length
	a.pending.add(env)
	a.length += uint64(len(env))
	return segment, offset, nil
}

// flush writes what was appended. After an error the segment is given up.
func (a *appender) flush() (err error) {
	if a.file == nil || len(a.pending.data) == 0 {
		return nil
	}
	a.unsynced = true
	if a.direct, err = a.pending.write(a.file, a.direct); err != nil {
		a.abandon()
		return writeError("write encodings", err)
	}
	a.pending.begin(a.length)
	return nil
}

// begin creates the next segment, its directory entry made durable.
func (a *appender) begin() error {
	f, err := a.files.fs.Create(a.files.path(a.next), segmentCategory)
	if err != nil {
		return writeError("create segment", err)
	}
	dir, err := a.files.fs.OpenDir(a.files.dir)
	if err == nil {
		err = errors.Join(dir.Sync(), dir.Close())
	}
	if err != nil {
		return errors.Join(writeError("create segment", err), f.Close())
	}
	a.file, a.number, a.length, a.unsynced = f, a.next, 0, false
	a.pending.begin(0)
	a.next++
	return nil
}

// sync makes what was appended durable. After an error the segment is given up.
func (a *appender) sync() error {
	if err := a.flush(); err != nil {
		return err
	}
	if !a.unsynced {
		return nil
	}
	if err := a.file.SyncData(); err != nil {
		a.abandon()
		return writeError("sync segment", err)
	}
	a.unsynced = false
	return nil
}

// end closes the segment, if there is one, after making it durable.
func (a *appender) end() error {
	if a.file == nil {
		return nil
	}
	if err := a.sync(); err != nil {
		return err
	}
	err := a.file.Close()
	a.file = nil
	if err != nil {
		return writeError("close segment", err)
	}
	return nil
}

// abandon gives up the segment after a write error: what the disk holds behind the last sync is unknown.
func (a *appender) abandon() {
	if a.file != nil {
		_ = a.file.Close() // the error that led here is the one to report
	}
	a.file, a.unsynced = nil, false
}
