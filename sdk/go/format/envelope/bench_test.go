package envelope_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

func BenchmarkEncode(b *testing.B) {
	pack := small(10_000)
	packSize := 0
	for _, bl := range pack {
		packSize += len(bl.Data)
	}
	for name, tc := range map[string]struct {
		blocks []envelope.Block
		size   int
	}{
		"text":   {[]envelope.Block{block(format.Raw, text(512<<10))}, 512 << 10},
		"random": {[]envelope.Block{block(format.Raw, random(512<<10))}, 512 << 10},
		"pack":   {pack, packSize},
	} {
		for _, alg := range []envelope.Algorithm{envelope.None, envelope.Zstd, envelope.S2} {
			b.Run(fmt.Sprintf("%s/%s", name, alg), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(tc.size))
				var buf []byte
				for b.Loop() {
					var err error
					buf, err = envelope.Encode(buf[:0], alg, envelope.LevelFastest, tc.blocks)
					require.NoError(b, err)
				}
			})
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{1, 1000} {
		env, err := envelope.Encode(nil, envelope.Zstd, envelope.LevelFastest, small(n))
		require.NoError(b, err)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := envelope.Parse(env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, blocks := range map[string][]envelope.Block{
		"text":   {block(format.Raw, text(512<<10))},
		"random": {block(format.Raw, random(512<<10))},
		"pack":   small(10_000),
	} {
		b.Run(name, func(b *testing.B) {
			env, err := envelope.Encode(nil, envelope.Zstd, envelope.LevelFastest, blocks)
			require.NoError(b, err)
			h, err := envelope.Parse(env)
			require.NoError(b, err)
			b.ReportAllocs()
			b.SetBytes(int64(h.PlainSize))
			var buf []byte
			for b.Loop() {
				if buf, err = h.Decode(buf[:0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecodeEntry(b *testing.B) {
	env, err := envelope.Encode(nil, envelope.Zstd, envelope.LevelFastest, small(10_000))
	require.NoError(b, err)
	h, err := envelope.Parse(env)
	require.NoError(b, err)
	b.ReportAllocs()
	var buf []byte
	for b.Loop() {
		if buf, err = h.DecodeEntry(buf[:0], 5000); err != nil {
			b.Fatal(err)
		}
	}
}
