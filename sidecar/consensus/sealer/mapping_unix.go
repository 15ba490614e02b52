//go:build unix

package sealer

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mapping is a file mapped into memory.
type mapping struct {
	file *os.File
	data []byte
}

// mapFile opens a file, makes it sizeBytes long, with its space reserved where the system can, and maps it.
func mapFile(path string, sizeBytes int64) (*mapping, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("failed to open a layer: %w", err)
	}
	m := &mapping{file: file}
	if err := reserve(file, sizeBytes); err != nil {
		return nil, fmt.Errorf("failed to reserve %d bytes for %s: %w", sizeBytes, path, closeAfter(file, err))
	}
	m.data, err = unix.Mmap(int(file.Fd()), 0, int(sizeBytes), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("failed to map %s: %w", path, closeAfter(file, err))
	}
	return m, nil
}

// sync makes what was written durable.
func (m *mapping) sync() error {
	// The pages of a shared mapping are those of the file.
	if err := m.file.Sync(); err != nil {
		return fmt.Errorf("failed to sync a layer: %w", err)
	}
	return nil
}

// forget gives the memory of the mapping back to the system; the bytes stay in the file.
func (m *mapping) forget() error {
	if err := unix.Madvise(m.data, unix.MADV_DONTNEED); err != nil {
		return fmt.Errorf("failed to release the memory of a layer: %w", err)
	}
	return nil
}

func (m *mapping) close() error {
	err := unix.Munmap(m.data)
	if err != nil {
		err = fmt.Errorf("failed to unmap a layer: %w", err)
	}
	return closeAfter(m.file, err)
}

// newBuffer returns memory outside of the heap, in huge pages where the system has them. What is never touched takes none.
func newBuffer(sizeBytes int) ([]byte, error) {
	buffer, err := unix.Mmap(-1, 0, sizeBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return nil, fmt.Errorf("failed to take %d bytes of memory: %w", sizeBytes, err)
	}
	hugePages(buffer)
	return buffer, nil
}

func freeBuffer(buffer []byte) error {
	if err := unix.Munmap(buffer); err != nil {
		return fmt.Errorf("failed to give %d bytes of memory back: %w", len(buffer), err)
	}
	return nil
}
