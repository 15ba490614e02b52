package client

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/bulk"
)

// recorder is a stream that keeps what is sent.
type recorder struct {
	grpc.ClientStream
	largest int // bytes of a message
	body    []byte
	sent    func()
}

func (r *recorder) Recv() (*sidecarv1.PutResponse, error) { return nil, nil }

func (r *recorder) Send(m *sidecarv1.PutRequest) error {
	r.largest = max(r.largest, proto.Size(m))
	for _, item := range m.GetItems().GetItems() {
		r.body = append(r.body, item.GetData()...)
	}
	if r.sent != nil {
		r.sent()
	}
	return nil
}

func (r *recorder) SendMsg(m any) error {
	wire, err := bulk.Codec.Marshal(m)
	if err != nil {
		return err
	}
	defer wire.Free()
	var request sidecarv1.PutRequest
	if err := bulk.Codec.Unmarshal(wire, &request); err != nil {
		return err
	}
	return r.Send(&request)
}

func TestBytesThatTrickleInFillMessages(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), 300_000)
	r := &recorder{}
	b := &batch{stream: r, buffer: newBuffer()}
	require.NoError(t, b.copy(iotest.OneByteReader(bytes.NewReader(body))))
	require.NoError(t, b.flush())
	require.True(t, bytes.Equal(body, r.body))
	require.Less(t, r.largest, batchBytes+100, "a message stays far below the limit of the API")
}

func TestFileThatGrowsDuringItsPutHasAnEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	first := bytes.Repeat([]byte("x"), 3*batchBytes)
	require.NoError(t, os.WriteFile(path, first, 0o600))
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	defer f.Close()
	grown := 0
	r := &recorder{sent: func() {
		if grown++; grown < 20 {
			_, err := f.Write(first)
			require.NoError(t, err)
		}
	}}
	b := &batch{stream: r, buffer: newBuffer()}
	require.NoError(t, walk(b, path))
	require.NoError(t, b.flush())
	require.True(t, bytes.Equal(first, r.body))
}
