package framed

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/mem"
)

const testMessageBytes = 1000

// FuzzReadFrame: of whatever bytes, no more is read than may be, and a frame that is read is written the same again.
func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{kindCall, 2, 0, 0, 0, '/', 'a'})
	f.Add([]byte{kindMessage, 0, 0, 0, 0})
	f.Add([]byte{kindMessage, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{kindEnd, 1, 0, 0, 0, 1})
	f.Add([]byte{kindStatus, 1, 0, 0, 0})
	f.Add([]byte{9, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		kind, rest, buffer, err := readFrame(bytes.NewReader(raw), nil, testMessageBytes)
		require.LessOrEqual(t, len(buffer), maxStatusBytes)
		if err != nil {
			require.True(t, errors.Is(err, errFrame) || errors.Is(err, io.ErrUnexpectedEOF) || len(raw) == 0 && errors.Is(err, io.EOF), "%v", err)
			return
		}
		client, server := net.Pipe()
		written := make(chan error, 1)
		go func() { written <- errors.Join(writeFrame(client, kind, rest), client.Close()) }()
		again, err := io.ReadAll(server)
		require.NoError(t, err)
		require.NoError(t, <-written)
		require.Equal(t, raw[:headerBytes+len(rest)], again)
	})
}

func TestAMessageIsWrittenAsOneFrame(t *testing.T) {
	client, server := net.Pipe()
	written := make(chan error, 1)
	go func() {
		message := mem.BufferSlice{mem.SliceBuffer("ab"), mem.SliceBuffer(""), mem.SliceBuffer("cde")}
		written <- errors.Join(writeMessage(client, message, testMessageBytes), client.Close())
	}()
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	require.NoError(t, <-written)
	require.Equal(t, "\x02\x05\x00\x00\x00abcde", string(got), "the wire format is fixed")
	require.ErrorIs(t, writeMessage(client, mem.BufferSlice{mem.SliceBuffer(make([]byte, testMessageBytes+1))}, testMessageBytes), errFrame)
}
