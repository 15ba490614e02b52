package transfer_test

import (
	"context"
	"errors"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// books is a Keeper, a Policy and a Catalogue.
type books struct {
	put     func(ctx context.Context, o transfer.Offer, progress func(uint64)) (bool, error)
	deletes map[string]int
	allowed bool
	headers [][]byte
	err     error
}

func (b *books) Put(ctx context.Context, _ peer.ID, o transfer.Offer, progress func(uint64)) (bool, error) {
	return b.put(ctx, o, progress)
}

func (b *books) Delete(_ context.Context, _ peer.ID, root cid.Cid) (int, error) {
	n, ok := b.deletes[root.String()]
	if !ok {
		return 0, transfer.ErrNotFound
	}
	return n, nil
}

func (b *books) MayPush(peer.ID) bool { return b.allowed }

func (b *books) Query(_ context.Context, filter string, limit int, cursor []byte) ([][]byte, []byte, error) {
	if filter == "wrong" {
		return nil, nil, errors.New("no such thing as wrong")
	}
	from := 0
	if len(cursor) > 0 {
		from = int(cursor[0])
	}
	to := min(from+limit, len(b.headers))
	if to == len(b.headers) {
		return b.headers[from:], nil, b.err
	}
	return b.headers[from:to], []byte{byte(to)}, b.err
}

func (b *books) Summary(context.Context) (uint64, []byte, error) { return 7, []byte("summary"), b.err }

// serveBooks returns a client that is connected to a server with books.
func serveBooks(t *testing.T, b *books) (*transfer.Client, peer.ID) {
	t.Helper()
	server := newServer(t, newStore(t), func(o *transfer.ServerOptions) { o.Keeper, o.Policy, o.Catalogue = b, b, b })
	client, h := newClient(t)
	connect(t, h, server)
	return client, server.ID()
}

var offered = transfer.Offer{
	Root:     format.NodeCID(format.Sum([]byte("root"))),
	Manifest: format.CBORCID(format.Sum([]byte("manifest"))),
	Replaced: format.NodeCID(format.Sum([]byte("old"))),
}

func TestErrorsOfAPutReachTheOneWhoPushes(t *testing.T) {
	b := &books{allowed: true}
	client, p := serveBooks(t, b)
	for _, want := range []error{nil, transfer.ErrFull, transfer.ErrInvalid, transfer.ErrNotFound} {
		b.put = func(_ context.Context, o transfer.Offer, progress func(uint64)) (bool, error) {
			require.Equal(t, offered, o)
			progress(42)
			return false, want
		}
		result, err := client.Put(t.Context(), p, offered, nil)
		require.ErrorIs(t, err, want)
		if want == nil {
			require.Equal(t, transfer.PutResult{ReceivedBytes: 42}, result)
		}
	}
	b.put = func(context.Context, transfer.Offer, func(uint64)) (bool, error) {
		return false, errors.New("the secret path")
	}
	_, err := client.Put(t.Context(), p, offered, nil)
	require.ErrorIs(t, err, transfer.ErrFailed)
	require.NotContains(t, err.Error(), "secret", "errors that are nobody else's business stay here")
}

func TestLongPutsReportAndEndWithTheirCaller(t *testing.T) {
	ended := make(chan error, 1)
	b := &books{allowed: true, put: func(ctx context.Context, _ transfer.Offer, progress func(uint64)) (bool, error) {
		progress(5)
		<-ctx.Done()
		ended <- ctx.Err()
		return false, ctx.Err()
	}}
	client, p := serveBooks(t, b)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := client.Put(ctx, p, offered, func(n uint64) {
		require.EqualValues(t, 5, n)
		cancel()
	})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-ended, context.Canceled, "the work ends when nobody waits for it")
}

func TestQueriesAndSummaries(t *testing.T) {
	b := &books{headers: [][]byte{{1}, {2}, {3}}}
	client, p := serveBooks(t, b)
	headers, next, err := client.Query(t.Context(), p, "all", 2, nil)
	require.NoError(t, err)
	require.Equal(t, b.headers[:2], headers)
	headers, next, err = client.Query(t.Context(), p, "all", 2, next)
	require.NoError(t, err)
	require.Equal(t, b.headers[2:], headers)
	require.Empty(t, next)
	_, _, err = client.Query(t.Context(), p, "wrong", 2, nil)
	require.ErrorIs(t, err, transfer.ErrInvalid)
	require.ErrorContains(t, err, "no such thing")
	_, _, err = client.Query(t.Context(), p, "all", 0, nil)
	require.ErrorIs(t, err, transfer.ErrInvalid)

	version, summary, err := client.Summary(t.Context(), p, 0)
	require.NoError(t, err)
	require.EqualValues(t, 7, version)
	require.Equal(t, []byte("summary"), summary)
	_, summary, err = client.Summary(t.Context(), p, 7)
	require.NoError(t, err)
	require.Empty(t, summary, "it is known already")
	b.err = errors.New("broken")
	_, _, err = client.Summary(t.Context(), p, 0)
	require.ErrorIs(t, err, transfer.ErrFailed)
}

func TestNothingIsOfferedWithoutItsPart(t *testing.T) {
	client, h := newClient(t)
	server := newServer(t, newStore(t))
	connect(t, h, server)
	_, err := client.Put(t.Context(), server.ID(), offered, nil)
	require.ErrorIs(t, err, transfer.ErrNotOffered)
	_, err = client.Delete(t.Context(), server.ID(), offered.Root)
	require.ErrorIs(t, err, transfer.ErrNotOffered)
	_, _, err = client.Query(t.Context(), server.ID(), "", 1, nil)
	require.ErrorIs(t, err, transfer.ErrNotOffered)
	_, _, err = client.Summary(t.Context(), server.ID(), 0)
	require.ErrorIs(t, err, transfer.ErrNotOffered)
}
