package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/bulk"
)

var (
	// ErrNotFile reports content that is no file where one is needed.
	ErrNotFile = errors.New("not a file")
	// ErrExists refuses to overwrite.
	ErrExists = errors.New("exists already")
	// ErrStream reports a daemon that streams what makes no sense.
	ErrStream = errors.New("the daemon sent an invalid stream")
)

// Progress is told of a get's total size, 0 if unknown, once at its beginning, and of bytes received.
type Progress struct {
	Total func(bytes uint64)
	Bytes func(n int)
}

// Got tells what a get wrote.
type Got struct {
	Files, Directories, Symlinks uint64
	SizeBytes                    uint64
}

// output takes what a get streams.
type output interface {
	entry(e *sidecarv1.Entry) error
	data(p []byte) error
}

// GetTo writes a file to w. It fails with ErrNotFile for a directory or a symbolic link.
func (c *Client) GetTo(ctx context.Context, request *sidecarv1.GetRequest, w io.Writer, p Progress) (Got, error) {
	return c.get(ctx, request, &writerOutput{w: w}, p)
}

// get receives a stream.
func (c *Client) get(ctx context.Context, request *sidecarv1.GetRequest, out output, p Progress) (Got, error) {
	var got Got
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Data.Get(ctx, request)
	if err != nil {
		return got, c.Explain(err)
	}
	received := bulk.ReceivedGet()
	defer received.Free()
	for first := true; ; first = false {
		err := stream.RecvMsg(received)
		if errors.Is(err, io.EOF) {
			if first {
				return got, fmt.Errorf("%w: nothing", ErrStream)
			}
			return got, nil
		}
		if err != nil {
			return got, c.Explain(err)
		}
		if first && p.Total != nil {
			p.Total(totalOf(received.Message))
		}
		n, err := got.take(received.Message, out)
		if err != nil {
			return got, err
		}
		if p.Bytes != nil {
			p.Bytes(n)
		}
	}
}

// totalOf is the size told, or that of a single file.
func totalOf(m *sidecarv1.GetResponse) uint64 {
	if m.GetTotalBytes() == 0 && len(m.GetItems()) > 0 {
		if e := m.GetItems()[0].GetEntry(); e.GetKind() == sidecarv1.Kind_KIND_FILE {
			return e.GetSizeBytes()
		}
	}
	return m.GetTotalBytes()
}

// take hands the items of a message on and counts them.
func (g *Got) take(message *sidecarv1.GetResponse, out output) (n int, err error) {
	for _, item := range message.GetItems() {
		switch i := item.GetItem().(type) {
		case *sidecarv1.PutItem_Entry:
			if err := out.entry(i.Entry); err != nil {
				return n, err
			}
			switch i.Entry.GetKind() {
			case sidecarv1.Kind_KIND_FILE:
				g.Files++
			case sidecarv1.Kind_KIND_DIRECTORY:
				g.Directories++
			case sidecarv1.Kind_KIND_SYMLINK:
				g.Symlinks++
			default:
				return n, fmt.Errorf("%w: entry of kind %d", ErrStream, i.Entry.GetKind())
			}
		case *sidecarv1.PutItem_Data:
			if err := out.data(i.Data); err != nil {
				return n, err
			}
			n += len(i.Data)
			g.SizeBytes += uint64(len(i.Data))
		default:
			return n, fmt.Errorf("%w: item of no kind", ErrStream)
		}
	}
	return n, nil
}

// writerOutput takes one file.
type writerOutput struct {
	w     io.Writer
	begun bool
}

func (o *writerOutput) entry(e *sidecarv1.Entry) error {
	switch {
	case e.GetKind() == sidecarv1.Kind_KIND_DIRECTORY:
		return fmt.Errorf("%w: it is a directory", ErrNotFile)
	case e.GetKind() == sidecarv1.Kind_KIND_SYMLINK:
		return fmt.Errorf("%w: it is a symbolic link to %q", ErrNotFile, e.GetTarget())
	case o.begun:
		return fmt.Errorf("%w: two files instead of one", ErrStream)
	}
	o.begun = true
	return nil
}

func (o *writerOutput) data(p []byte) error {
	if !o.begun {
		return fmt.Errorf("%w: data before its file", ErrStream)
	}
	if _, err := o.w.Write(p); err != nil {
		return fmt.Errorf("failed to write: %w", err)
	}
	return nil
}
