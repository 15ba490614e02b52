package bitpack_test

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/bitpack"
)

// series writes integers as bytes.
func series(width int, big bool, n int, at func(i int) uint64) []byte {
	var out []byte
	for i := range n {
		var b [8]byte
		if big {
			binary.BigEndian.PutUint64(b[:], at(i))
			out = append(out, b[8-width:]...)
			continue
		}
		binary.LittleEndian.PutUint64(b[:], at(i))
		out = append(out, b[:width]...)
	}
	return out
}

func shapes() []bitpack.Shape {
	var all []bitpack.Shape
	for p := range 256 {
		if s, err := bitpack.ParseShape(byte(p)); err == nil {
			all = append(all, s)
		}
	}
	return all
}

func TestShapesAreOneByteEach(t *testing.T) {
	require.Len(t, shapes(), 2*(1+2*2+2*4+2*8))
	for _, s := range shapes() {
		again, err := bitpack.ParseShape(s.Params())
		require.NoError(t, err)
		require.Equal(t, s, again)
	}
	for _, p := range []byte{0x80, 0x08, 0x10, 0x21, 0x42} {
		_, err := bitpack.ParseShape(p)
		require.ErrorIs(t, err, bitpack.ErrShape)
	}
}

func TestEveryShapeGivesBytesBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, s := range shapes() {
		for _, n := range []int{0, 1, 7, 8, 9, 255, 2048, 2049, 5000} {
			plain := make([]byte, n)
			for i := range plain {
				plain[i] = byte(rng.Uint32() >> (rng.Uint32() % 9))
			}
			packed := bitpack.Append([]byte("before"), plain, s)
			got, err := bitpack.Decode([]byte("kept"), packed[6:], s, n)
			require.NoError(t, err, "%+v %d", s, n)
			require.Equal(t, "kept"+string(plain), string(got), "%+v %d", s, n)
			require.Equal(t, "before", string(packed[:6]))
		}
	}
}

func TestEveryNumberOfBitsGivesIntegersBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	s := bitpack.Shape{Width: 8}
	for width := range 65 {
		plain := series(8, false, 600, func(int) uint64 { return rng.Uint64() >> (64 - width) })
		packed := bitpack.Append(nil, plain, s)
		require.LessOrEqual(t, len(packed), 600*width/8+3*(9+1))
		got, err := bitpack.Decode(nil, packed, s, len(plain))
		require.NoError(t, err)
		require.Equal(t, plain, got)
	}
}

func TestIntegersAreFoundWhereverTheyBegin(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	counter := uint64(1 << 40)
	for name, c := range map[string]struct {
		width int
		at    func(int) uint64
		delta bool
		bits  float64 // per integer, at most
	}{
		"small":          {4, func(int) uint64 { return 7000 + rng.Uint64()%1000 }, false, 10},
		"with a sign":    {4, func(int) uint64 { return rng.Uint64()%200 - 100 }, false, 8},
		"times":          {8, func(int) uint64 { counter += 900 + rng.Uint64()%100; return counter }, true, 7},
		"falling":        {8, func(i int) uint64 { return 1<<60 - uint64(i)*0x0102030405 }, true, 0},
		"short integers": {2, func(int) uint64 { return 300 + rng.Uint64()%16 }, false, 4},
	} {
		for _, big := range []bool{false, true} {
			plain := series(c.width, big, 4096, c.at)
			for cut := range c.width {
				cutOff := plain[cut:]
				s, bitsPerByte := bitpack.Detect(8, cutOff[:1024], cutOff[4096:5120])
				packed := bitpack.Append(nil, cutOff, s)
				require.InDelta(t, bitsPerByte/8, float64(len(packed))/float64(len(plain)), 0.08, name)
				require.LessOrEqual(t, float64(len(packed)*8)/4096, c.bits+1.5, "%s, cut at %d: %+v", name, cut, s)
			}
		}
	}
}

func TestWhatIsNoSeriesIsNotTakenForOne(t *testing.T) {
	rng := rand.NewChaCha8([32]byte{1})
	random := make([]byte, 4096)
	_, _ = rng.Read(random)
	_, bitsPerByte := bitpack.Detect(8, random)
	require.Greater(t, bitsPerByte, 7.5)
	_, bitsPerByte = bitpack.Detect(8, nil)
	require.EqualValues(t, 8, bitsPerByte)
}

// TestTheLimitKeepsWhatIsBelowIt: what is found with a limit is what is found without, if that is below.
func TestTheLimitKeepsWhatIsBelowIt(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		width := []int{1, 2, 4, 8}[rng.IntN(4)]
		step, start := uint64(1)<<rng.IntN(8*width), rng.Uint64()
		at := func(i int) uint64 { return start + rng.Uint64()%step }
		if rng.IntN(2) == 0 {
			at = func(i int) uint64 { start += rng.Uint64() % step; return start }
		}
		plain := series(width, rng.IntN(2) == 0, 300, at)[rng.IntN(width):]
		pieces := [][]byte{plain[:len(plain)/2], plain[len(plain)/2&^7:]}
		best, found := bitpack.Detect(8, pieces...)
		limit := 8 * rng.Float64()
		s, bitsPerByte := bitpack.Detect(limit, pieces...)
		if found < limit {
			require.Equal(t, best, s)
			require.Equal(t, found, bitsPerByte)
		} else {
			require.Equal(t, limit, bitsPerByte)
		}
	}
}

func TestDamagedFormsAreRefused(t *testing.T) {
	s := bitpack.Shape{Width: 4}
	plain := series(4, false, 300, func(i int) uint64 { return uint64(i) })
	packed := bitpack.Append(nil, plain, s)
	for _, n := range []int{0, 1, 4, 5, 100, len(packed) - 1} {
		_, err := bitpack.Decode(nil, packed[:n], s, len(plain))
		require.ErrorIs(t, err, bitpack.ErrPacked)
	}
	_, err := bitpack.Decode(nil, append(packed, 0), s, len(plain))
	require.ErrorIs(t, err, bitpack.ErrPacked)
	wide := append([]byte{}, packed...)
	wide[0] = 33
	got, err := bitpack.Decode([]byte("kept"), wide, s, len(plain))
	require.ErrorIs(t, err, bitpack.ErrPacked)
	require.Equal(t, "kept", string(got))
	_, err = bitpack.Decode(nil, nil, bitpack.Shape{Width: 8, Phase: 3}, 2)
	require.ErrorIs(t, err, bitpack.ErrPacked)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{8, 0, 0, 0, 0, 1, 2, 3}, byte(2), uint16(12))
	f.Fuzz(func(t *testing.T, packed []byte, params byte, plainBytes uint16) {
		s, err := bitpack.ParseShape(params)
		if err != nil {
			return
		}
		plain, err := bitpack.Decode(nil, packed, s, int(plainBytes))
		if err == nil {
			require.Len(t, plain, int(plainBytes))
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("some bytes that are no integers at all"), byte(2))
	f.Fuzz(func(t *testing.T, plain []byte, params byte) {
		s, err := bitpack.ParseShape(params)
		if err != nil {
			return
		}
		_, _ = bitpack.Detect(8, plain)
		got, err := bitpack.Decode(nil, bitpack.Append(nil, plain, s), s, len(plain))
		require.NoError(t, err)
		require.Equal(t, string(plain), string(got))
	})
}

func BenchmarkPack(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	plain := series(4, false, 128<<10, func(int) uint64 { return rng.Uint64() % 5000 })
	s, _ := bitpack.Detect(8, plain)
	packed := bitpack.Append(nil, plain, s)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			packed = bitpack.Append(packed[:0], plain, s)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(plain)))
		out := make([]byte, 0, len(plain))
		for b.Loop() {
			if _, err := bitpack.Decode(out, packed, s, len(plain)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("detect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			bitpack.Detect(8, plain[:2048])
		}
	})
}
