package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/bulk"
)

const (
	// batchBytes is how many bytes of files go into one message: a small file shall not have a process touch more memory than
	// it has bytes.
	batchBytes = 256 << 10
	// largeBytes is the length from which the bytes of one file are a message of their own, sent from where they lie.
	largeBytes = 64 << 10
	// maxBatchItems bounds the entries of a message.
	maxBatchItems = 4096
)

// signingDomain begins the bytes of every manifest to be signed.
const signingDomain = "ipdm/manifest/v1"

// ErrSignRequest reports a daemon that asks for a signature of something that is no manifest.
var ErrSignRequest = errors.New("the daemon asked to sign something that is no manifest")

// PutOptions describe a put.
type PutOptions struct {
	// Header says how to store; its Creator is set if Sign is.
	Header *sidecarv1.PutHeader
	// Sign signs the manifest for Header.Creator; nil lets the node sign.
	Sign func(message []byte) (signature []byte, err error)
	// Progress is told how many bytes were sent since it was told last; may be nil.
	Progress func(bytes int)
}

// PutPath stores a file, a directory tree or a symbolic link of this machine. When it returns without error the content
// is durable; otherwise nothing was acknowledged. It fails with the operating system's error, naming the path, for what
// cannot be read.
func (c *Client) PutPath(ctx context.Context, path string, o PutOptions) (*sidecarv1.PutResult, error) {
	return c.put(ctx, o, func(b *batch) error { return walk(b, path) })
}

// PutReader stores what r yields as one file.
func (c *Client) PutReader(ctx context.Context, r io.Reader, o PutOptions) (*sidecarv1.PutResult, error) {
	return c.put(ctx, o, func(b *batch) error {
		if err := b.entry(&sidecarv1.Entry{Kind: sidecarv1.Kind_KIND_FILE}); err != nil {
			return err
		}
		return b.copy(r)
	})
}

func (c *Client) put(ctx context.Context, o PutOptions, items func(*batch) error) (*sidecarv1.PutResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Data.Put(ctx)
	if err != nil {
		return nil, c.Explain(err)
	}
	result, err := putStream(stream, o, items)
	if errors.Is(err, io.EOF) {
		// The daemon has ended the call: Recv knows why.
		_, err = stream.Recv()
		if err == nil || errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
	}
	if err != nil {
		return nil, c.Explain(err)
	}
	return result, nil
}

func putStream(stream sidecarv1.DataService_PutClient, o PutOptions, items func(*batch) error) (*sidecarv1.PutResult, error) {
	if err := stream.Send(&sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Header{Header: o.Header}}); err != nil {
		return nil, err
	}
	b := &batch{stream: stream, progress: o.Progress, buffer: newBuffer()}
	defer b.release()
	if err := items(b); err != nil {
		return nil, err
	}
	if err := b.flush(); err != nil {
		return nil, err
	}
	if err := stream.Send(&sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Finish{Finish: &sidecarv1.PutFinish{}}}); err != nil {
		return nil, err
	}
	for {
		answer, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		if result := answer.GetResult(); result != nil {
			return result, nil
		}
		if err := sign(stream, o, answer.GetSign()); err != nil {
			return nil, err
		}
	}
}

// sign answers a sign request.
func sign(stream sidecarv1.DataService_PutClient, o PutOptions, message []byte) error {
	if o.Sign == nil || !bytes.HasPrefix(message, []byte(signingDomain)) {
		return ErrSignRequest
	}
	signature, err := o.Sign(message)
	if err != nil {
		return err
	}
	return stream.Send(&sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Signature{Signature: signature}})
}

// batch gathers items into messages. Its errors of io.EOF mean that the daemon ended the call.
type batch struct {
	stream   sidecarv1.DataService_PutClient
	progress func(int)
	items    []*sidecarv1.PutItem
	buffer   *[]byte // data of items lies in its first used bytes; one of buffers
	used     int
}

func newBuffer() *[]byte { return buffers.Get(batchBytes) }

// release gives the buffer back.
func (b *batch) release() { buffers.Put(b.buffer) }

func (b *batch) entry(e *sidecarv1.Entry) error {
	b.items = append(b.items, &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Entry{Entry: e}})
	if len(b.items) >= maxBatchItems {
		return b.flush()
	}
	return nil
}

// copy adds the rest of the file begun last, one item a message however little r yields at a time. Errors of r come back
// wrapped in a readError.
func (b *batch) copy(r io.Reader) error {
	start := b.used
	for {
		if b.used == batchBytes {
			b.data(start)
			if err := b.flush(); err != nil {
				return err
			}
			start = 0
		}
		n, err := r.Read((*b.buffer)[b.used:batchBytes])
		b.used += n
		if err != nil {
			b.data(start)
			if errors.Is(err, io.EOF) {
				return nil
			}
			return &readError{err}
		}
	}
}

// fileSender is a stream that sends bytes of a file without having them read here; see package framed.
type fileSender interface {
	SendFile(head []byte, f *os.File, length int) error
}

// file adds the bytes of a regular file, the one begun last, that had a length when it was opened.
func (b *batch) file(f *os.File, sizeBytes int64) error {
	sender := b.fileSender()
	if sender == nil || sizeBytes < largeBytes {
		return b.copyFile(f, sizeBytes)
	}
	if err := b.flush(); err != nil {
		return err
	}
	for sizeBytes > 0 {
		n := int(min(sizeBytes, batchBytes))
		err := sender.SendFile(bulk.PutHead(n), f, n)
		switch {
		case errors.Is(err, io.ErrUnexpectedEOF):
			return shorterError(f)
		case err != nil:
			return err
		case b.progress != nil:
			b.progress(n)
		}
		sizeBytes -= int64(n)
	}
	return nil
}

// copyFile is file by way of the buffer. A file of no length may be one whose length is not known before it is read, such as
// those in /proc. One that grows meanwhile, as a log does or a store that the put itself fills, has an end.
func (b *batch) copyFile(f *os.File, sizeBytes int64) error {
	if sizeBytes == 0 {
		return b.copy(f)
	}
	content := io.LimitedReader{R: f, N: sizeBytes}
	err := b.copy(&content)
	if err == nil && content.N > 0 {
		err = shorterError(f)
	}
	return err
}

func shorterError(f *os.File) error {
	return fmt.Errorf("failed to put %s: it became shorter while it was read", f.Name())
}

// fileSender returns what sends files on the stream, nil if nothing does.
func (b *batch) fileSender() fileSender {
	stream, ok := b.stream.(*grpc.GenericClientStream[sidecarv1.PutRequest, sidecarv1.PutResponse])
	if !ok {
		return nil
	}
	sender, _ := stream.ClientStream.(fileSender)
	return sender
}

// data adds what the buffer holds from start on.
func (b *batch) data(start int) {
	if start < b.used {
		b.items = append(b.items, &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Data{Data: (*b.buffer)[start:b.used]}})
	}
}

func (b *batch) flush() error {
	if len(b.items) == 0 {
		return nil
	}
	err := b.send()
	if err == nil && b.progress != nil {
		b.progress(b.used)
	}
	clear(b.items)
	b.items, b.used = b.items[:0], 0
	return err
}

// send sends the items. If all the buffer holds is of the last one and it is long, it goes out from where it lies, and another
// buffer takes its place.
func (b *batch) send() error {
	items := b.items
	last := len(items) - 1
	long := b.used >= largeBytes && len(items[last].GetData()) == b.used
	if long {
		items = items[:last]
	}
	if len(items) > 0 {
		err := b.stream.Send(&sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Items{Items: &sidecarv1.PutItems{Items: items}}})
		if err != nil || !long {
			return err
		}
	}
	*b.buffer = (*b.buffer)[:b.used]
	full := mem.NewBuffer(b.buffer, &buffers)
	b.buffer = newBuffer()
	return b.stream.SendMsg(bulk.PutData(full))
}

// readError tells an error of reading from one of sending.
type readError struct{ err error }

func (e *readError) Error() string { return fmt.Sprintf("failed to read: %v", e.err) }
func (e *readError) Unwrap() error { return e.err }
