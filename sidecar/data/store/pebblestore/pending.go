package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"syscall"
	"unsafe"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	// directAlign is what the position, the length and the memory of a write that passes by the page cache are multiples of.
	directAlign = 4 << 10
	// directBytes is the length from which a write passes by it.
	directBytes = 64 << 10
)

// pending is the end of a segment that is not written yet. It lies in memory as it will in the file, seen from the last
// multiple of directAlign, so that all of it but the two ends can be written from where it lies without the page cache.
type pending struct {
	memory []byte // begins at a multiple of directAlign
	data   []byte // part of memory
}

// begin makes it empty; what is added next comes to position in the file.
func (p *pending) begin(position uint64) {
	if p.memory == nil {
		p.memory = alignedMemory(groupBytes + directAlign)
	}
	skip := int(position % directAlign)
	p.data = p.memory[skip:skip]
}

// fits tells whether n more bytes can be added. When it is empty, whatever a segment takes fits.
func (p *pending) fits(n int) bool { return cap(p.data)-len(p.data) >= n }

func (p *pending) add(b []byte) { p.data = append(p.data, b...) }

// write writes it to the end of file. With direct it passes by the page cache where that is possible, and it returns
// whether that is still so.
func (p *pending) write(file vfs.File, direct bool) (bool, error) {
	head, body, tail := p.parts()
	if !direct || len(body) == 0 {
		return direct, writeAll(file, p.data)
	}
	if err := writeAll(file, head); err != nil {
		return direct, err
	}
	err := writeDirect(file, body)
	if errors.Is(err, errors.ErrUnsupported) {
		direct = false
		err = writeAll(file, body)
	}
	if err != nil {
		return direct, err
	}
	return direct, writeAll(file, tail)
}

// parts returns what can pass by the page cache, and what comes before and after it. Body is empty if that is too little.
func (p *pending) parts() (head, body, tail []byte) {
	from := (directAlign - p.skip()) % directAlign
	n := (len(p.data) - from) &^ (directAlign - 1)
	if n < directBytes {
		return p.data, nil, nil
	}
	return p.data[:from], p.data[from : from+n], p.data[from+n:]
}

// writeDirect writes b without the page cache. When it fails with errors.ErrUnsupported nothing was written.
func writeDirect(file vfs.File, b []byte) (err error) {
	if err := setDirect(file, true); err != nil {
		return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	defer func() { err = errors.Join(err, setDirect(file, false)) }()
	n, err := file.Write(b)
	switch {
	case n == 0 && errors.Is(err, syscall.EINVAL): // it has to be aligned otherwise
		return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	case err == nil && n != len(b):
		return io.ErrShortWrite
	}
	return err
}

// skip returns how far behind a multiple of directAlign it begins.
func (p *pending) skip() int { return len(p.memory) - cap(p.data) }

func writeAll(file vfs.File, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	n, err := file.Write(b)
	if err == nil && n != len(b) {
		err = io.ErrShortWrite
	}
	return err
}

// alignedMemory returns n bytes that begin at a multiple of directAlign.
func alignedMemory(n int) []byte {
	b := make([]byte, n+directAlign)
	skip := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (directAlign - 1)
	return b[skip : skip+n : skip+n]
}
