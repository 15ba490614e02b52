package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// windowBytes is how much of a segment is read at once.
	windowBytes = 4 << 20
	// unreadableStep is how far a scan goes on behind bytes that the disk does not give.
	unreadableStep = 4 << 10
)

// place is where the index says that an encoding lies in a segment.
type place struct {
	number uint64
	offset uint64
	length uint32
	digest format.Digest
}

// scanner reads a segment from end to end. What the index names is compared with it; in between, and without an index,
// envelopes are recognised by themselves. The slices are valid during the calls.
type scanner struct {
	places     []place // sorted by offset
	sound      func(p place) error
	damaged    func(p place, data []byte, cause error) error
	unindexed  func(offset uint64, enc store.Checked) error
	unreadable func(bytes uint64) error // behind a crash there are torn envelopes
	progress   func(bytes uint64) error
}

// window reads a file from its beginning to its end.
type window struct {
	file  vfs.File
	start uint64
	buf   []byte
}

// at returns n bytes at an offset, fewer at the end of the file.
func (w *window) at(offset uint64, n int) ([]byte, error) {
	if offset < w.start || offset+uint64(n) > w.start+uint64(len(w.buf)) {
		w.start = offset
		if cap(w.buf) < windowBytes {
			w.buf = make([]byte, windowBytes)
		}
		w.buf = w.buf[:cap(w.buf)]
		got, err := w.file.ReadAt(w.buf, int64(offset))
		w.buf = w.buf[:got]
		if err != nil && !errors.Is(err, io.EOF) && got < n {
			return w.buf, fmt.Errorf("failed to read segment at %d: %w", offset, err)
		}
	}
	have := w.buf[offset-w.start:]
	return have[:min(n, len(have))], nil
}

// scan reads segment number.
func (s segmentFiles) scan(ctx context.Context, number uint32, c scanner) (err error) {
	file, err := s.fs.Open(s.path(number))
	if err != nil {
		return fmt.Errorf("failed to open segment: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("failed to open segment: %w", err)
	}
	size := uint64(info.Size())
	w := &window{file: file}
	for offset := uint64(0); offset < size; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := c.step(w, offset, size)
		if err != nil {
			return err
		}
		offset += n
		if err := c.progress(n); err != nil {
			return err
		}
	}
	// What the index names behind the end.
	for len(c.places) > 0 {
		if err := c.damaged(c.places[0], nil, errShort); err != nil {
			return err
		}
		c.places = c.places[1:]
	}
	return nil
}

// step takes what lies at an offset and returns its length.
func (s *scanner) step(w *window, offset, size uint64) (uint64, error) {
	for len(s.places) > 0 && s.places[0].offset < offset { // overlaps what came before
		if err := s.damaged(s.places[0], nil, store.ErrCorrupt); err != nil {
			return 0, err
		}
		s.places = s.places[1:]
	}
	if len(s.places) > 0 && s.places[0].offset == offset {
		p := s.places[0]
		s.places = s.places[1:]
		return s.stepIndexed(w, p, size)
	}
	limit := size
	if len(s.places) > 0 {
		limit = s.places[0].offset
	}
	head, err := w.at(offset, envelope.HeaderSize)
	if err == nil {
		if length, herr := envelope.Length(head); herr == nil && offset+uint64(length) <= limit {
			var data []byte
			if data, err = w.at(offset, length); err == nil {
				if enc, cerr := store.Check(data); cerr == nil {
					return uint64(length), s.unindexed(offset, enc)
				}
			}
		}
	}
	n := uint64(unreadableStep)
	if err == nil {
		if n, err = nextMagic(w, offset+1, limit); err == nil {
			n++
		}
	}
	if err != nil && !isDamage(err) {
		return 0, err
	}
	n = min(n, limit-offset)
	return n, s.unreadable(n)
}

// stepIndexed compares what lies at a place with the index.
func (s *scanner) stepIndexed(w *window, p place, size uint64) (uint64, error) {
	n := min(uint64(p.length), size-p.offset)
	data, err := w.at(p.offset, int(p.length))
	switch {
	case err != nil && !isDamage(err):
		return 0, err
	case err == nil && len(data) < int(p.length):
		err = errShort
	case err == nil:
		enc, cerr := store.Check(data)
		switch {
		case cerr != nil:
			err = fmt.Errorf("%w: %w", store.ErrCorrupt, cerr)
		case enc.Digest() != p.digest:
			err = fmt.Errorf("%w: digest differs", store.ErrCorrupt)
		}
	}
	if err != nil {
		return n, s.damaged(p, data, err)
	}
	return n, s.sound(p)
}

// nextMagic returns how far behind offset an envelope may begin, or the way to limit.
func nextMagic(w *window, offset, limit uint64) (uint64, error) {
	magic := []byte(envelope.Magic)
	for at := offset; at < limit; {
		data, err := w.at(at, windowBytes/2)
		if err != nil {
			return at - offset, err
		}
		if i := bytes.Index(data, magic); i >= 0 {
			return at + uint64(i) - offset, nil
		}
		if len(data) < windowBytes/2 {
			break
		}
		at += uint64(len(data) - len(magic) + 1)
	}
	return limit - offset, nil
}

// places returns where the index says that encodings lie, by segment.
func (s *Store) places(ctx context.Context) (map[uint32][]place, error) {
	all := map[uint32][]place{}
	err := s.eachRecord(ctx, 0, func(number uint64, r record) error {
		all[r.segment] = append(all[r.segment], place{number: number, offset: r.offset, length: r.length, digest: r.digest})
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b place) int {
			switch {
			case a.offset < b.offset:
				return -1
			case a.offset > b.offset:
				return 1
			}
			return 0
		})
	}
	return all, nil
}
