package framed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
)

const magic = "IPF1"

// The kinds of frame.
const (
	kindCall byte = iota + 1
	kindMessage
	kindEnd
	kindStatus
)

const (
	headerBytes    = 5
	maxMethodBytes = 256
	maxStatusBytes = 64 << 10
	// socketBytes is what the kernel is asked to buffer of a connection.
	socketBytes = 1 << 20
)

// errFrame reports bytes that are no frame, or none that may come now.
var errFrame = errors.New("invalid frame")

// limit is how long the rest of a frame may be.
func limit(kind byte, maxMessageBytes int) (int, error) {
	switch kind {
	case kindCall:
		return maxMethodBytes, nil
	case kindMessage:
		return maxMessageBytes, nil
	case kindEnd:
		return 0, nil
	case kindStatus:
		return maxStatusBytes, nil
	}
	return 0, fmt.Errorf("%w: of kind %d", errFrame, kind)
}

// readFrame reads a frame into buffer, or into a larger one that it returns in place of it. It fails with io.EOF between two frames only.
func readFrame(r io.Reader, buffer []byte, maxMessageBytes int) (kind byte, rest, bufferNow []byte, err error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return 0, nil, buffer, err
	}
	kind = header[0]
	most, err := limit(kind, maxMessageBytes)
	if err != nil {
		return kind, nil, buffer, err
	}
	length := int64(binary.LittleEndian.Uint32(header[1:]))
	if length > int64(most) {
		return kind, nil, buffer, fmt.Errorf("%w: %d bytes of kind %d, at most %d are allowed", errFrame, length, kind, most)
	}
	if int64(cap(buffer)) < length {
		buffer = make([]byte, length)
	}
	rest = buffer[:length]
	if _, err := io.ReadFull(r, rest); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return kind, nil, buffer, err
	}
	return kind, rest, buffer, nil
}

// writeFrame writes a frame whose rest are the parts.
func writeFrame(w net.Conn, kind byte, parts ...[]byte) error {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	header := binary.LittleEndian.AppendUint32([]byte{kind}, uint32(length))
	buffers := append(net.Buffers{header}, parts...)
	_, err := buffers.WriteTo(w)
	return err
}

// send encodes and writes a message. What is wrong with the message is told by a status; a connection that is lost, by what lost makes of it.
func send(w net.Conn, codec encoding.CodecV2, m any, maxMessageBytes int, lost func(error) error) error {
	encoded, err := codec.Marshal(m)
	if err != nil {
		return status.Error(codes.Internal, fmt.Sprintf("failed to encode a message: %v", err))
	}
	err = writeMessage(w, encoded, maxMessageBytes)
	switch {
	case errors.Is(err, errFrame):
		return status.Error(codes.ResourceExhausted, err.Error())
	case err != nil:
		return lost(err)
	}
	return nil
}

// writeMessage writes a message that the codec made, and frees it.
func writeMessage(w net.Conn, message mem.BufferSlice, maxMessageBytes int) error {
	defer message.Free()
	if message.Len() > maxMessageBytes {
		return fmt.Errorf("%w: a message of %d bytes, at most %d are allowed", errFrame, message.Len(), maxMessageBytes)
	}
	parts := make([][]byte, len(message))
	for i, part := range message {
		parts[i] = part.ReadOnlyData()
	}
	return writeFrame(w, kindMessage, parts...)
}
