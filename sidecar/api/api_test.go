package api_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/network"
)

// lonely is a node without a network.
type lonely struct{ info peer.AddrInfo }

func (l lonely) AddrInfo() peer.AddrInfo                 { return l.info }
func (lonely) Peers() []network.Peer                     { return nil }
func (lonely) ConnectAddr(context.Context, string) error { return network.ErrBanned }

// serve runs the API on a real engine and returns a connection to it.
func serve(t *testing.T, change func(*api.Options)) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	serveOn(t, listener, change)
	conn, err := grpc.NewClient("passthrough:///"+listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return conn
}

// serveOn runs the API on a real engine.
func serveOn(t *testing.T, listener net.Listener, change func(*api.Options)) {
	t.Helper()
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	id, err := peer.IDFromPrivateKey(key)
	require.NoError(t, err)
	o := api.Options{Content: data.New(s, data.Options{}), Node: lonely{peer.AddrInfo{ID: id}}, PeerKey: key, NetworkName: "api-test", Version: "v"}
	if change != nil {
		change(&o)
	}
	server := api.New(o)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		server.Close(ctx)
		require.NoError(t, <-done)
	})
}

func entry(kind sidecarv1.Kind, path string) *sidecarv1.PutRequest {
	item := &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Entry{Entry: &sidecarv1.Entry{Kind: kind, Path: []byte(path), Target: []byte("t")}}}
	return items(item)
}

func items(list ...*sidecarv1.PutItem) *sidecarv1.PutRequest {
	return &sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Items{Items: &sidecarv1.PutItems{Items: list}}}
}

func bytesItem(text string) *sidecarv1.PutRequest {
	return items(&sidecarv1.PutItem{Item: &sidecarv1.PutItem_Data{Data: []byte(text)}})
}

var (
	header = &sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Header{Header: &sidecarv1.PutHeader{}}}
	finish = &sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Finish{Finish: &sidecarv1.PutFinish{}}}
)

// A root and a manifest that nothing stores.
const (
	someRoot     = "bafyb4iase46ozvklwuk4qsnnwbjnvbdcnxrplkzydncjqlz5wfmskrtky4"
	someManifest = "bafyr4igogbhvel76nzuuhcenbewazapiuexf6mf7stpzkarhshzs6wjoou"
)

const (
	file = sidecarv1.Kind_KIND_FILE
	dir  = sidecarv1.Kind_KIND_DIRECTORY
	link = sidecarv1.Kind_KIND_SYMLINK
)

func withHeader(h *sidecarv1.PutHeader) *sidecarv1.PutRequest {
	return &sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Header{Header: h}}
}

// put sends messages and returns the answer.
func put(t *testing.T, conn *grpc.ClientConn, messages ...*sidecarv1.PutRequest) (*sidecarv1.PutResponse, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	stream, err := sidecarv1.NewDataServiceClient(conn).Put(ctx)
	require.NoError(t, err)
	for _, m := range messages {
		if stream.Send(m) != nil {
			break // Recv tells why
		}
	}
	require.NoError(t, stream.CloseSend())
	return stream.Recv()
}

func TestPutProtocol(t *testing.T) {
	conn := serve(t, nil)
	for name, messages := range map[string][]*sidecarv1.PutRequest{
		"no header":            {finish},
		"empty message":        {header, {}},
		"header twice":         {header, header},
		"no finish":            {header, entry(file, "")},
		"nothing":              {header, finish},
		"data without a file":  {header, bytesItem("x"), finish},
		"item without content": {header, items(&sidecarv1.PutItem{}), finish},
		"entry of no kind":     {header, entry(0, "a"), finish},
		"parent path":          {header, entry(file, "../a"), finish},
		"absolute path":        {header, entry(file, "/a"), finish},
		"NUL":                  {header, entry(file, "a\x00"), finish},
		"unordered":            {header, entry(file, "b"), entry(file, "a"), finish},
		"twice":                {header, entry(file, "a"), entry(dir, "a"), finish},
		"below a file":         {header, entry(file, "a"), entry(file, "a/b"), finish},
		"below a link":         {header, entry(link, "a"), entry(file, "a/b"), finish},
		"unasked signature":    {header, {Message: &sidecarv1.PutRequest_Signature{Signature: []byte("x")}}, finish},
		"bad tag":              {withHeader(&sidecarv1.PutHeader{Tags: []string{"x"}}), entry(file, ""), finish},
		"bad encode":           {withHeader(&sidecarv1.PutHeader{Encode: 9}), entry(file, ""), finish},
		"bad supersedes":       {withHeader(&sidecarv1.PutHeader{Supersedes: "x"}), entry(file, ""), finish},
		"bad key type":         {withHeader(&sidecarv1.PutHeader{Creator: &sidecarv1.Creator{KeyType: "rsa"}}), entry(file, ""), finish},
		"bad key":              {withHeader(&sidecarv1.PutHeader{Creator: &sidecarv1.Creator{KeyType: "secp256k1", PublicKey: []byte{1}}}), entry(file, ""), finish},
	} {
		_, err := put(t, conn, messages...)
		require.Equal(t, codes.InvalidArgument, status.Code(err), "%s: %v", name, err)
	}
	answer, err := put(t, conn, header, entry(file, "a"), bytesItem("x"), finish)
	require.NoError(t, err, "the service goes on after all that")
	require.Equal(t, uint64(1), answer.GetResult().GetFiles())
}

func TestForeignSignatures(t *testing.T) {
	conn := serve(t, nil)
	key, public, err := crypto.GenerateEd25519Key(rand.Reader)
	require.NoError(t, err)
	raw, err := public.Raw()
	require.NoError(t, err)
	for _, sign := range []func([]byte) []byte{
		func(m []byte) []byte { s, _ := key.Sign(m); return s },
		func([]byte) []byte { return make([]byte, 64) },
		func([]byte) []byte { return nil },
		func(m []byte) []byte { s, _ := key.Sign(append([]byte("x"), m...)); return s },
	} {
		stream, err := sidecarv1.NewDataServiceClient(conn).Put(t.Context())
		require.NoError(t, err)
		require.NoError(t, stream.Send(withHeader(&sidecarv1.PutHeader{Creator: &sidecarv1.Creator{KeyType: "ed25519", PublicKey: raw}})))
		require.NoError(t, stream.Send(entry(file, "")))
		require.NoError(t, stream.Send(finish))
		asked, err := stream.Recv()
		require.NoError(t, err)
		require.NotEmpty(t, asked.GetSign())
		signature := sign(asked.GetSign())
		require.NoError(t, stream.Send(&sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Signature{Signature: signature}}))
		answer, err := stream.Recv()
		if good, _ := public.Verify(asked.GetSign(), signature); good {
			require.NoError(t, err)
			require.NotEmpty(t, answer.GetResult().GetManifest())
			_, err = sidecarv1.NewDataServiceClient(conn).Delete(t.Context(), &sidecarv1.DeleteRequest{Root: answer.GetResult().GetRoot()})
			require.NoError(t, err)
			continue
		}
		require.Equal(t, codes.InvalidArgument, status.Code(err), "%v", err)
	}
}

// broken panics and fails.
type broken struct{ api.Content }

func (broken) Stat(context.Context, cid.Cid) (*data.Stat, error) { panic("secret detail") }

func (broken) Evict(context.Context, uint64) (data.GCResult, error) {
	return data.GCResult{}, fmt.Errorf("failed to collect: %w", store.ErrFull)
}

func TestPanicsAndErrors(t *testing.T) {
	conn := serve(t, func(o *api.Options) { o.Content = broken{o.Content} })
	client := sidecarv1.NewDataServiceClient(conn)
	_, err := client.Stat(t.Context(), &sidecarv1.StatRequest{Root: someRoot})
	require.Equal(t, codes.Internal, status.Code(err))
	require.NotContains(t, err.Error(), "secret", "what a panic says stays in the log")
	_, err = client.CollectGarbage(t.Context(), &sidecarv1.CollectGarbageRequest{})
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
	require.ErrorContains(t, err, "free some space")
	_, err = client.PrepareDeal(t.Context(), &sidecarv1.PrepareDealRequest{Manifest: someManifest})
	require.Equal(t, codes.NotFound, status.Code(err), "the service goes on after a panic: %v", err)
}

func TestNodeService(t *testing.T) {
	conn := serve(t, func(o *api.Options) { o.Chain = api.Chain{Endpoints: []string{"a:1", "b:2"}, ID: "c"} })
	client := sidecarv1.NewNodeServiceClient(conn)
	id, err := client.ID(t.Context(), &sidecarv1.IDRequest{})
	require.NoError(t, err)
	require.Equal(t, "api-test", id.Network)
	chain, err := client.Chain(t.Context(), &sidecarv1.ChainRequest{})
	require.NoError(t, err)
	require.Equal(t, "a:1,b:2", chain.Grpc)
	provider, err := client.ProviderStatus(t.Context(), &sidecarv1.ProviderStatusRequest{})
	require.NoError(t, err)
	require.False(t, provider.Enabled)
	_, err = client.SetHealing(t.Context(), &sidecarv1.SetHealingRequest{})
	require.Equal(t, codes.FailedPrecondition, status.Code(err))
	_, err = client.Connect(t.Context(), &sidecarv1.ConnectRequest{Multiaddr: "/ip4/1.2.3.4"})
	require.Equal(t, codes.InvalidArgument, status.Code(err))
	health, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, healthpb.HealthCheckResponse_SERVING, health.Status)
}

func TestMessagesAreBounded(t *testing.T) {
	conn := serve(t, nil)
	_, err := put(t, conn, header, entry(file, ""), bytesItem(string(make([]byte, api.MaxMessageBytes+1))), finish)
	require.Equal(t, codes.ResourceExhausted, status.Code(err))
}
