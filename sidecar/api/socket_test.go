package api_test

import (
	"bytes"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

func TestContentGoesThroughASocketUnchanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	serveOn(t, listener, nil)
	c, err := client.Dial(t.Context(), "unix:"+path)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close()) }()
	for _, size := range []int{0, 1, 5_000, 7_654_321} {
		content := make([]byte, size)
		_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
		progress := 0
		stored, err := c.PutReader(t.Context(), bytes.NewReader(content), client.PutOptions{
			Header: &sidecarv1.PutHeader{}, Progress: func(n int) { progress += n },
		})
		require.NoError(t, err)
		require.Equal(t, size, progress)
		var got bytes.Buffer
		_, err = c.GetTo(t.Context(), &sidecarv1.GetRequest{Root: stored.Root}, &got, client.Progress{})
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, got.Bytes()))

		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, content, 0o600))
		progress = 0
		same, err := c.PutPath(t.Context(), file, client.PutOptions{
			Header: &sidecarv1.PutHeader{}, Progress: func(n int) { progress += n },
		})
		require.NoError(t, err)
		require.Equal(t, size, progress)
		require.Equal(t, stored.Root, same.Root)
	}
	shrinking := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(shrinking, make([]byte, 1<<20), 0o600))
	_, err = c.PutPath(t.Context(), shrinking, client.PutOptions{Header: &sidecarv1.PutHeader{}, Progress: func(int) {
		require.NoError(t, os.Truncate(shrinking, 100))
	}})
	require.ErrorContains(t, err, shrinking+": it became shorter while it was read")

	id, err := c.Node.ID(t.Context(), &sidecarv1.IDRequest{}) // by gRPC
	require.NoError(t, err)
	require.Equal(t, "v", id.GetVersion())
	_, err = c.GetTo(t.Context(), &sidecarv1.GetRequest{Root: someRoot, LocalOnly: true}, &bytes.Buffer{}, client.Progress{})
	require.Equal(t, codes.NotFound, status.Code(err))
}
