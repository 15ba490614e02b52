//go:build !unix

package sealer

import (
	"fmt"
	"os"
)

// mapping is a file read into memory, where files cannot be mapped.
type mapping struct {
	file *os.File
	data []byte
}

// mapFile opens a file, makes it sizeBytes long and reads it.
func mapFile(path string, sizeBytes int64) (*mapping, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("failed to open a layer: %w", err)
	}
	m := &mapping{file: file, data: make([]byte, sizeBytes)}
	err = file.Truncate(sizeBytes)
	if err == nil {
		_, err = file.ReadAt(m.data, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read %s: %w", path, closeAfter(file, err))
	}
	return m, nil
}

// sync makes what was written durable.
func (m *mapping) sync() error {
	if _, err := m.file.WriteAt(m.data, 0); err != nil {
		return fmt.Errorf("failed to write a layer: %w", err)
	}
	if err := m.file.Sync(); err != nil {
		return fmt.Errorf("failed to sync a layer: %w", err)
	}
	return nil
}

// forget does nothing: the memory is the only copy.
func (m *mapping) forget() error { return nil }

func (m *mapping) close() error { return closeAfter(m.file, m.sync()) }

// newBuffer returns memory.
func newBuffer(sizeBytes int) ([]byte, error) { return make([]byte, sizeBytes), nil }

// freeBuffer leaves a buffer to the garbage collector.
func freeBuffer([]byte) error { return nil }
