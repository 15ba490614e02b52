package blockindex

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	runMagic   = "IPDX"
	runVersion = 1
	footerSize = 4 + 1 + 3 + 8 + 8 + 4 + 4
	runSuffix  = ".run"
	// maxRunEntries bounds what a footer may state, far above what a disk holds.
	maxRunEntries = 1 << 40
)

func runName(number uint64) string { return fmt.Sprintf("%016x%s", number, runSuffix) }

func parseRunName(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, runSuffix)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, err == nil && runName(n) == name
}

// footer is the end of a run.
type footer struct {
	entries      uint64
	filterBlocks uint64
	sum          uint32 // of filter and fences
}

func (f footer) pages() uint64 { return (f.entries + entriesPerPage - 1) / entriesPerPage }

// memoryBytes is the length of filter and fences.
func (f footer) memoryBytes() uint64 { return f.filterBlocks*filterBlockSize + f.pages()*8 }

func (f footer) fileBytes() uint64 { return f.pages()*pageSize + f.memoryBytes() + footerSize }

func (f footer) append(dst []byte) []byte {
	start := len(dst)
	dst = append(append(dst, runMagic...), runVersion, 0, 0, 0)
	dst = binary.BigEndian.AppendUint64(dst, f.entries)
	dst = binary.BigEndian.AppendUint64(dst, f.filterBlocks)
	dst = binary.BigEndian.AppendUint32(dst, f.sum)
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// decodeFooter reads a footer, all of b. It fails with ErrCorrupt.
func decodeFooter(b []byte) (footer, error) {
	if len(b) != footerSize || string(b[:8]) != runMagic+string([]byte{runVersion, 0, 0, 0}) ||
		binary.BigEndian.Uint32(b[footerSize-4:]) != crc32.Checksum(b[:footerSize-4], castagnoli) {
		return footer{}, fmt.Errorf("%w: no footer of a run", ErrCorrupt)
	}
	f := footer{
		entries:      binary.BigEndian.Uint64(b[8:]),
		filterBlocks: binary.BigEndian.Uint64(b[16:]),
		sum:          binary.BigEndian.Uint32(b[24:]),
	}
	if f.entries == 0 || f.entries > maxRunEntries || f.filterBlocks == 0 || f.filterBlocks > maxRunEntries {
		return footer{}, fmt.Errorf("%w: run of %d entries, %d filter blocks", ErrCorrupt, f.entries, f.filterBlocks)
	}
	return f, nil
}

// run is a run that is open. It never changes.
type run struct {
	number uint64
	footer footer
	file   vfs.File
	filter filter
	fences []uint64
}

var pageBuffers = sync.Pool{New: func() any { return new([pageSize]byte) }}

// openRun opens a run that holds the given number of entries. It fails with ErrCorrupt.
func openRun(fsys vfs.FS, dir string, number, entries uint64) (_ *run, err error) {
	name := runName(number)
	file, err := fsys.Open(fsys.PathJoin(dir, name), vfs.RandomReadsOption)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s is missing", ErrCorrupt, name)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to open run: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("failed to open %s: %w", name, err), file.Close())
		}
	}()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < footerSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrCorrupt, info.Size())
	}
	tail := make([]byte, footerSize)
	if err := readAt(file, tail, info.Size()-footerSize); err != nil {
		return nil, err
	}
	f, err := decodeFooter(tail)
	if err != nil {
		return nil, err
	}
	if f.entries != entries || f.fileBytes() != uint64(info.Size()) {
		return nil, fmt.Errorf("%w: %d entries in %d bytes, want %d", ErrCorrupt, f.entries, info.Size(), entries)
	}
	memory := make([]byte, f.memoryBytes())
	if err := readAt(file, memory, int64(f.pages()*pageSize)); err != nil {
		return nil, err
	}
	if crc32.Checksum(memory, castagnoli) != f.sum {
		return nil, fmt.Errorf("%w: checksum of the filter differs", ErrCorrupt)
	}
	words := decodeWords(memory)
	filterWords := f.filterBlocks * filterBlockWords
	return &run{number: number, footer: f, file: file, filter: words[:filterWords:filterWords], fences: words[filterWords:]}, nil
}

// readAt fills b. It fails with ErrCorrupt when the file ends before.
func readAt(file vfs.File, b []byte, offset int64) error {
	n, err := file.ReadAt(b, offset)
	switch {
	case n == len(b):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return fmt.Errorf("%w: the file ends early", ErrCorrupt)
	}
	return err
}

// find calls yield for every copy of a block, which the filter may have, oldest first, until it returns false, and tells
// whether it never did.
func (r *run) find(d *format.Digest, yield func(Entry) bool) (more bool, err error) {
	p := prefix(d[:])
	// The page before the first that begins at the prefix or behind it may end with the digest.
	page := max(sort.Search(len(r.fences), func(i int) bool { return r.fences[i] >= p }), 1) - 1
	buf := pageBuffers.Get().(*[pageSize]byte)
	defer pageBuffers.Put(buf)
	for ; page < len(r.fences) && r.fences[page] <= p; page++ {
		rows, err := r.page(buf, page)
		if err != nil {
			return false, err
		}
		n := len(rows) / entrySize
		at := sort.Search(n, func(i int) bool { return bytes.Compare(rows[i*entrySize:][:format.DigestSize], d[:]) >= 0 })
		for ; at < n; at++ {
			row := rows[at*entrySize:][:entrySize]
			if !bytes.Equal(row[:format.DigestSize], d[:]) {
				return true, nil
			}
			if !yield(decodeEntry(row)) {
				return false, nil
			}
		}
	}
	return true, nil
}

func (r *run) page(buf *[pageSize]byte, page int) ([]byte, error) {
	err := readAt(r.file, buf[:], int64(page)*pageSize)
	if err == nil {
		var rows []byte
		if rows, err = checkPage(buf[:]); err == nil {
			return rows, nil
		}
	}
	return nil, fmt.Errorf("failed to read page %d of %s: %w", page, runName(r.number), err)
}
