package sealer_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
)

// A replica gives its data back without any encoding, with its labels and without them, and never other data.
func TestDecode(t *testing.T) {
	d := sampleDeals(t)
	dir := t.TempDir()
	s := open(t, dir, d, sealer.Options{MemoryBytes: 1})
	plan := samplePlan(t, d)
	p := plan.Pieces[0]
	require.NoError(t, s.Begin(t.Context(), plan))
	require.ErrorIs(t, s.Decode(t.Context(), number, p.StartNode, &bytes.Buffer{}), sealer.ErrNotSealed)
	seal(t, s, plan)
	d.fail.Store(true) // encodings cannot be read
	want := bytes.Join([][]byte{sampleBytes(0, 30_000), sampleBytes(1, 1), sampleBytes(2, 77)}, nil)
	decode := func() []byte {
		var got bytes.Buffer
		require.NoError(t, s.Decode(t.Context(), number, p.StartNode, &got))
		return got.Bytes()
	}
	require.Equal(t, want, decode())
	require.NoError(t, s.Finish(t.Context(), number))
	require.Equal(t, want, decode())
	require.ErrorIs(t, s.Decode(stopAfter(t, 20), number, p.StartNode, &bytes.Buffer{}), context.Canceled)
	left, err := filepath.Glob(filepath.Join(dir, "7", "decode-*"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.Equal(t, want, decode(), "after an interruption")

	full := errors.New("no space")
	require.ErrorIs(t, s.Decode(t.Context(), number, p.StartNode, writerFunc(func([]byte) (int, error) { return 0, full })), full)
	require.ErrorIs(t, s.Decode(t.Context(), number, p.StartNode+1, &bytes.Buffer{}), sealer.ErrPlan)
	flip(t, filepath.Join(dir, "7", "replica"), 5000)
	var got bytes.Buffer
	require.ErrorIs(t, s.Decode(t.Context(), number, p.StartNode, &got), sectors.ErrDamaged)
	require.Empty(t, got.Bytes(), "what is wrong is not written")
	require.NoError(t, s.Release(t.Context(), number, plan.Pieces[1].StartNode))
	require.ErrorIs(t, s.Decode(t.Context(), number, plan.Pieces[1].StartNode, &got), sectors.ErrDamaged)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
