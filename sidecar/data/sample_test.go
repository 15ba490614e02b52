package data_test

import (
	"context"
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

// putOptions returns options with an Ed25519 creator, the same each time.
func putOptions(testing.TB) data.PutOptions {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	return data.PutOptions{
		Creator: manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)},
		Sign:    func(_ context.Context, m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil },
	}
}

// newEngine returns an engine on a new store in a temporary directory.
func newEngine(tb testing.TB, o data.Options) *data.Engine {
	tb.Helper()
	s, err := pebblestore.Open(tb.TempDir(), pebblestore.Options{})
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, s.Close()) })
	return data.New(s, o)
}
