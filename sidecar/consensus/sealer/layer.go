package sealer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// layer is one layer of labels in memory, and its file: the pages of the file, or a place in buffers whose labels are written to it.
type layer struct {
	number uint32
	// labels has a label every stride bytes.
	labels []byte
	stride uint64
	// Of a layer in buffers mapping is nil, and file is none when it is in memory alone.
	file    directFile
	mapping *mapping
}

// scratch is memory for labels on their way between a layer and its file. It begins with a page, as all that is large does.
type scratch [scratchNodes * sdr.NodeSize]byte

const scratchNodes = streamBytes / sdr.NodeSize

// mapLayer maps a layer from its file.
func mapLayer(number uint32, path string, nodes uint64) (*layer, error) {
	m, err := mapFile(path, int64(nodes*sdr.NodeSize))
	if err != nil {
		return nil, err
	}
	return &layer{number: number, labels: m.data, stride: sdr.NodeSize, mapping: m}, nil
}

// openLayer opens the file of a layer in buffers; there is none for an empty path.
func openLayer(number uint32, path string, labels []byte, stride uint64) (*layer, error) {
	l := &layer{number: number, labels: labels, stride: stride}
	if path == "" {
		return l, nil
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("failed to open a layer: %w", err)
	}
	l.file = asDirect(file)
	return l, nil
}

// load brings the labels before a node from the file into memory, and into a hasher if that is not nil.
func (l *layer) load(ctx context.Context, to uint64, hasher *blake3.Hasher, pass func(context.Context) error) error {
	if l.mapping != nil && hasher == nil {
		return nil
	}
	buffer := new(scratch)
	for from := uint64(0); from < to; from += scratchNodes {
		if err := pass(ctx); err != nil {
			return err
		}
		end := min(from+scratchNodes, to)
		if l.mapping == nil {
			part := buffer[:(end-from)*sdr.NodeSize]
			if _, err := l.file.ReadAt(part, int64(from*sdr.NodeSize)); err != nil {
				if errors.Is(err, io.EOF) {
					err = io.ErrUnexpectedEOF
				}
				return fmt.Errorf("failed to read layer %d: %w", l.number, err)
			}
			for v := from; v < end; v++ {
				*(*sdr.Hash)(l.labels[v*l.stride:]) = sdr.Hash(part[(v-from)*sdr.NodeSize:])
			}
		}
		if hasher != nil {
			_, _ = hasher.Write(l.packed(from, end, buffer)) // it never fails
		}
	}
	return nil
}

// packed returns labels one after another, a scratch full at most. They are valid until the next use of the scratch.
func (l *layer) packed(from, to uint64, buffer *scratch) []byte {
	if l.stride == sdr.NodeSize {
		return l.labels[from*sdr.NodeSize : to*sdr.NodeSize]
	}
	part := buffer[:(to-from)*sdr.NodeSize]
	for v := from; v < to; v++ {
		*(*sdr.Hash)(part[(v-from)*sdr.NodeSize:]) = sdr.Hash(l.labels[v*l.stride:])
	}
	return part
}

// store puts labels into the file, and into a hasher. They are durable after sync.
func (l *layer) store(ctx context.Context, from, to uint64, hasher *blake3.Hasher, pass func(context.Context) error) error {
	buffer := new(scratch)
	for ; from < to; from += scratchNodes {
		if err := pass(ctx); err != nil {
			return err
		}
		part := l.packed(from, min(from+scratchNodes, to), buffer)
		if l.mapping == nil {
			if _, err := l.file.WriteAt(part, int64(from*sdr.NodeSize)); err != nil {
				return fmt.Errorf("failed to write layer %d: %w", l.number, err)
			}
		}
		_, _ = hasher.Write(part) // it never fails
	}
	return nil
}

func (l *layer) sync() error {
	if l.mapping != nil {
		return l.mapping.sync()
	}
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("failed to sync layer %d: %w", l.number, err)
	}
	return nil
}

// close closes the file. It does nothing for nil.
func (l *layer) close() error {
	switch {
	case l == nil:
		return nil
	case l.mapping != nil:
		return l.mapping.close()
	case l.file.File != nil:
		return l.file.Close()
	}
	return nil
}
