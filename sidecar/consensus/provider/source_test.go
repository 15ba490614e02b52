package provider_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/x/porep/proof"
)

// busy is a Data whose bytes cannot be read now and then.
type busy struct {
	provider.Data
	failures *atomic.Int32 // still to come
}

func (b busy) Source() proof.Source { return busySource{b.Data.Source(), b.failures} }

type busySource struct {
	proof.Source
	failures *atomic.Int32
}

func (s busySource) Encoding(ctx context.Context, digest format.Digest) ([]byte, error) {
	if s.failures.Add(-1) >= 0 {
		return nil, fmt.Errorf("%w: too many open files", provider.ErrPassing)
	}
	return s.Source.Encoding(ctx, digest)
}

func TestBytesThatCannotBeReadForAMomentAreNotDeclaredMissing(t *testing.T) {
	w := newWorld(t, 1)
	h := w.providers[0]
	failures := &atomic.Int32{}
	h.data = busy{h.data, failures}
	w.startAll()
	dealID, _ := w.deal(1, 1, nil)
	w.untilActive(dealID)
	proven := w.chain.Proving(h.address()).ProvenWindows
	failures.Store(3)
	w.until("two more windows are proven", func() bool {
		require.False(t, h.faulty())
		return w.chain.Proving(h.address()).ProvenWindows >= proven+2
	})
	require.Negative(t, failures.Load())
}

func TestLostBytesAreToldFromUnreadableOnes(t *testing.T) {
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	source := provider.NewEngineData(data.New(s, data.Options{}), nil, plentyFree).Source()
	_, err = source.Encoding(t.Context(), format.Sum([]byte("x")))
	require.ErrorIs(t, err, store.ErrNotFound)
	require.NotErrorIs(t, err, provider.ErrPassing)
	_, err = source.Tree(t.Context(), format.Sum([]byte("x")))
	require.ErrorIs(t, err, data.ErrNoLayout)
	require.NotErrorIs(t, err, provider.ErrPassing)
	require.NoError(t, s.Close())
	_, err = source.Encoding(t.Context(), format.Sum([]byte("x")))
	require.ErrorIs(t, err, provider.ErrPassing)
}
