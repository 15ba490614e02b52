package transfer

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"google.golang.org/protobuf/proto"
)

// duplex is the part of a libp2p stream that messages need.
type duplex interface {
	io.ReadWriter
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// wire reads and writes the messages of a stream, each within its time. Reading and writing may go on side by side.
type wire struct {
	stream duplex
	in     *bufio.Reader
	out    *bufio.Writer
	stall  time.Duration
	heard  func() // called for each piece of bytes read, unless nil
}

func newWire(stream duplex, stall time.Duration) *wire {
	return &wire{stream: stream, in: bufio.NewReaderSize(stream, 4<<10), out: bufio.NewWriterSize(stream, 4<<10), stall: stall}
}

// await waits for the first byte of a message, for longer than its bytes may take. It fails with io.EOF at the end of the
// stream.
func (w *wire) await(patience time.Duration) error {
	if err := w.stream.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := w.in.Peek(1)
	return err
}

// read reads a message of at most limit bytes. It fails with ErrProtocol if it is longer or malformed.
func (w *wire) read(limit int, m proto.Message) error {
	if err := w.stream.SetReadDeadline(time.Now().Add(w.stall)); err != nil {
		return err
	}
	length, err := w.readLength()
	if err != nil {
		return err
	}
	if length > uint64(limit) {
		return fmt.Errorf("%w: message of %d bytes, at most %d", ErrProtocol, length, limit)
	}
	data, err := w.readBytes(int(length))
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(data, m); err != nil {
		return fmt.Errorf("%w: malformed message: %w", ErrProtocol, err)
	}
	return nil
}

// readLength reads the length before a message.
func (w *wire) readLength() (uint64, error) {
	var length uint64
	for shift := 0; shift < 7*binary.MaxVarintLen32; shift += 7 {
		b, err := w.in.ReadByte()
		if err != nil {
			return 0, fmt.Errorf("failed to read a message: %w", err)
		}
		length |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return length, nil
		}
	}
	return 0, fmt.Errorf("%w: length of a message", ErrProtocol)
}

// readBytes reads n bytes, which the caller has bounded.
func (w *wire) readBytes(n int) ([]byte, error) {
	data := make([]byte, n)
	for rest := data; len(rest) > 0; {
		piece := rest[:min(len(rest), paceBytes)]
		if err := w.stream.SetReadDeadline(time.Now().Add(w.stall)); err != nil {
			return nil, err
		}
		if _, err := io.ReadFull(w.in, piece); err != nil {
			return nil, fmt.Errorf("failed to read %d bytes: %w", n, err)
		}
		if w.heard != nil {
			w.heard()
		}
		rest = rest[len(piece):]
	}
	return data, nil
}

// write writes a message, which may wait for flush or writeBytes to leave.
func (w *wire) write(m proto.Message) error {
	frame := make([]byte, 0, binary.MaxVarintLen32+proto.Size(m))
	frame = binary.AppendUvarint(frame, uint64(proto.Size(m)))
	frame, err := proto.MarshalOptions{}.MarshalAppend(frame, m)
	if err != nil {
		return fmt.Errorf("failed to encode a message: %w", err)
	}
	return w.writeBytes(frame)
}

// writeBytes writes bytes that may wait for flush to leave.
func (w *wire) writeBytes(data []byte) error {
	for len(data) > 0 {
		piece := data[:min(len(data), paceBytes)]
		if err := w.stream.SetWriteDeadline(time.Now().Add(w.stall)); err != nil {
			return err
		}
		if _, err := w.out.Write(piece); err != nil {
			return fmt.Errorf("failed to write: %w", err)
		}
		data = data[len(piece):]
	}
	return nil
}

func (w *wire) flush() error {
	if err := w.stream.SetWriteDeadline(time.Now().Add(w.stall)); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("failed to write: %w", err)
	}
	return nil
}
