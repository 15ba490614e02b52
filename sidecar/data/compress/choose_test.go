package compress_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/bitpack"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/raced"
)

var efforts = []compress.Effort{compress.Fast, compress.Balanced, compress.Dense}

// cut makes blocks as a chunker might: of about half a mebibyte, ending anywhere.
func cut(plain []byte) [][]format.Block {
	var encodings [][]format.Block
	for i := 0; len(plain) > 0; i++ {
		n := min(len(plain), 500_003+1013*i)
		encodings = append(encodings, []format.Block{format.NewBlock(format.Raw, plain[:n])})
		plain = plain[n:]
	}
	return encodings
}

func stored(t testing.TB, encodings [][]format.Block, method func([]format.Block) compress.Method) int {
	t.Helper()
	total := 0
	var env []byte
	for _, blocks := range encodings {
		m := method(blocks)
		var err error
		env, err = envelope.Encode(env[:0], m.Algorithm, m.Params, blocks)
		require.NoError(t, err)
		total += len(env)
	}
	return total
}

// single are the methods that one could settle on for everything, without looking.
func single(e compress.Effort) map[string]compress.Method {
	all := map[string]compress.Method{"none": {Algorithm: envelope.None}, "rle": {Algorithm: envelope.RLE}}
	for p := range 256 {
		if shape, err := bitpack.ParseShape(byte(p)); err == nil && shape.Phase == 0 {
			all["bitpack "+string(rune('0'+p%10))+string(rune('a'+p/10))] = compress.Method{Algorithm: envelope.Bitpack, Params: p}
		}
	}
	all["s2"] = compress.Method{Algorithm: envelope.S2, Params: envelope.LevelFastest}
	if e != compress.Fast {
		all["zstd"] = compress.Method{Algorithm: envelope.Zstd, Params: envelope.LevelFastest}
	}
	if e == compress.Dense {
		all["zstd default"] = compress.Method{Algorithm: envelope.Zstd, Params: envelope.LevelDefault}
	}
	return all
}

// TestTheChoiceIsAsGoodAsTheBestSingleOne compares, class by class, with every method that could be used for all of it.
func TestTheChoiceIsAsGoodAsTheBestSingleOne(t *testing.T) {
	if raced.On {
		t.Skip("it compresses all of the corpus many times, on one goroutine")
	}
	all := corpus(t)
	for _, class := range classes(all) {
		encodings := cut(all[class])
		for _, e := range efforts {
			t.Run(class+"/"+e.String(), func(t *testing.T) {
				used := map[compress.Method]int{}
				got := stored(t, encodings, func(blocks []format.Block) compress.Method {
					m := compress.Choose(blocks, e)
					used[m]++
					return m
				})
				best, name := 1<<62, ""
				for n, m := range single(e) {
					if size := stored(t, encodings, func([]format.Block) compress.Method { return m }); size < best {
						best, name = size, n
					}
				}
				t.Logf("%.4f of the plain size, best single %.4f with %s, chosen %v",
					float64(got)/float64(len(all[class])), float64(best)/float64(len(all[class])), name, used)
				require.LessOrEqual(t, got, best)
			})
		}
	}
}

func TestPacksAreLookedAtAsAWhole(t *testing.T) {
	all := corpus(t)
	var pack []format.Block
	for plain := all["uint32 ids"][:400_000]; len(plain) > 0; plain = plain[min(len(plain), 4000):] {
		pack = append(pack, format.NewBlock(format.Raw, plain[:min(len(plain), 4000)]))
	}
	require.Equal(t, envelope.Bitpack, compress.Choose(pack, compress.Balanced).Algorithm)
	require.Equal(t, envelope.Zstd, compress.Choose([]format.Block{format.NewBlock(format.Raw, nil)}, compress.Balanced).Algorithm)
	require.Equal(t, envelope.S2, compress.Choose(nil, compress.Fast).Algorithm)
}

func TestEffortsHaveNames(t *testing.T) {
	for _, e := range efforts {
		again, err := compress.ParseEffort(e.String())
		require.NoError(t, err)
		require.Equal(t, e, again)
		require.True(t, e.Valid())
	}
	_, err := compress.ParseEffort("tiny")
	require.ErrorIs(t, err, compress.ErrEffort)
	require.False(t, compress.Effort(9).Valid())
}

// encodingRounds is how often an encoding is made to time it.
const encodingRounds = 20

// BenchmarkChoose prints the time of the choice as a share of that of the encoding it is for.
func BenchmarkChoose(b *testing.B) {
	all := corpus(b)
	for _, class := range classes(all) {
		blocks := cut(all[class])[1]
		for _, e := range efforts {
			b.Run(class+"/"+e.String(), func(b *testing.B) {
				b.ReportAllocs()
				m := compress.Choose(blocks, e)
				began := time.Now()
				for range encodingRounds {
					_, err := store.Encode(m.Algorithm, m.Params, blocks)
					require.NoError(b, err)
				}
				encoding := float64(time.Since(began).Nanoseconds()) / encodingRounds
				for b.Loop() {
					compress.Choose(blocks, e)
				}
				b.ReportMetric(100*float64(b.Elapsed().Nanoseconds())/float64(b.N)/encoding, "%-of-encoding")
				b.ReportMetric(float64(len(blocks[0].Data))/encoding*1000, "encoding-MB/s")
			})
		}
	}
}
