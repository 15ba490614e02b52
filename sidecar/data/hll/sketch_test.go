package hll_test

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/hll"
)

// sketchOf returns a sketch of the numbers from first on.
func sketchOf(first, n uint64) *hll.Sketch {
	s := &hll.Sketch{}
	add(s, first, n)
	return s
}

func add(s *hll.Sketch, first, n uint64) {
	for i := first; i < first+n; i++ {
		s.Add(binary.LittleEndian.AppendUint64(nil, i))
	}
}

// TestEstimatesAreClose: at every size the error stays within four standard errors, and seeing things again changes nothing.
func TestEstimatesAreClose(t *testing.T) {
	require.Zero(t, (&hll.Sketch{}).Estimate())
	for _, n := range []uint64{1, 2, 10, 100, 1000, 10_000, 40_000, 80_000, 200_000, 1_000_000} {
		s := sketchOf(0, n)
		got := s.Estimate()
		require.LessOrEqual(t, math.Abs(float64(got)-float64(n)), 4*0.0081*float64(n)+0.5, "%d things, estimated %d", n, got)
		add(s, 0, n)
		require.Equal(t, got, s.Estimate())
	}
}

func TestMergeIsUnion(t *testing.T) {
	a, b := sketchOf(0, 30_000), sketchOf(20_000, 30_000)
	a.Merge(b)
	require.Equal(t, sketchOf(0, 50_000), a)
}

func TestEncodedForm(t *testing.T) {
	require.Equal(t, "0101", hex.EncodeToString((&hll.Sketch{}).Append(nil)))
	require.Equal(t, "01010011090a3701378205", hex.EncodeToString(sketchOf(0, 3).Append(nil)), "the form and the hash stay as they are")
	for _, n := range []uint64{0, 1, 1000, 6000, 7000, 100_000} {
		s := sketchOf(0, n)
		b := s.Append(nil)
		require.LessOrEqual(t, len(b), hll.MaxEncodedBytes)
		again, err := hll.Decode(b)
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
	for name, bad := range map[string]string{
		"empty": "", "version": "0201", "form": "0102", "cut entry": "01010000", "no rank": "0101000000", "rank": "0101000034",
		"order": "0101000101" + "000101", "register": "0101400001", "dense": "010001",
	} {
		b, err := hex.DecodeString(bad)
		require.NoError(t, err)
		_, err = hll.Decode(b)
		require.ErrorIs(t, err, hll.ErrEncoding, name)
	}
	_, err := hll.Decode(append([]byte{1, 0}, make([]byte, 1<<14)...))
	require.ErrorIs(t, err, hll.ErrEncoding, "a sketch has one form")
}

// FuzzDecode: what is accepted is what Append writes.
func FuzzDecode(f *testing.F) {
	f.Add(sketchOf(0, 3).Append(nil))
	f.Add(sketchOf(0, 10_000).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := hll.Decode(b)
		if err != nil {
			require.ErrorIs(t, err, hll.ErrEncoding)
			return
		}
		require.Equal(t, b, s.Append(nil))
		s.Estimate()
	})
}

func BenchmarkAdd(b *testing.B) {
	s := &hll.Sketch{}
	thing := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		s.Add(thing)
	}
}
