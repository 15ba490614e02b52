package envelope_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/bitpack"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/rle"
)

func block(codec uint64, data []byte) envelope.Block {
	return envelope.Block{Codec: codec, Digest: format.Sum(data), Data: data}
}

func text(n int) []byte {
	return bytes.Repeat([]byte("func (s *Store) PutEncoding(ctx context.Context) error {\n"), n/57+1)[:n]
}

func random(n int) []byte {
	rng := rand.NewChaCha8([32]byte{1, byte(n)})
	b := make([]byte, n)
	_, _ = rng.Read(b)
	return b
}

func small(n int) []envelope.Block {
	var blocks []envelope.Block
	for i := range n {
		blocks = append(blocks, block(format.Raw, []byte(fmt.Sprintf("file number %d has this text in it", i))))
	}
	return blocks
}

func TestEncodeThenDecodeGivesTheBlocksBack(t *testing.T) {
	for name, tc := range map[string]struct {
		blocks []envelope.Block
		alg    envelope.Algorithm
		want   envelope.Algorithm
	}{
		"text":                {[]envelope.Block{block(format.Raw, text(300_000))}, envelope.Zstd, envelope.Zstd},
		"text uncompressed":   {[]envelope.Block{block(format.Raw, text(300_000))}, envelope.None, envelope.None},
		"random":              {[]envelope.Block{block(format.Raw, random(300_000))}, envelope.Zstd, envelope.None},
		"largest text":        {[]envelope.Block{block(format.Raw, text(envelope.MaxPlainSize))}, envelope.Zstd, envelope.Zstd},
		"largest random":      {[]envelope.Block{block(format.Raw, random(envelope.MaxPlainSize))}, envelope.Zstd, envelope.None},
		"one byte":            {[]envelope.Block{block(format.Raw, []byte{7})}, envelope.Zstd, envelope.None},
		"empty block":         {[]envelope.Block{block(format.DagPB, nil)}, envelope.Zstd, envelope.None},
		"node":                {[]envelope.Block{block(format.DagPB, text(100))}, envelope.None, envelope.None},
		"pack":                {small(100), envelope.Zstd, envelope.Zstd},
		"pack uncompressed":   {small(100), envelope.None, envelope.None},
		"pack of two":         {small(2), envelope.Zstd, envelope.Zstd},
		"largest pack":        {small(envelope.MaxBlocks), envelope.Zstd, envelope.Zstd},
		"pack with an empty":  {append(small(5), block(format.DagPB, nil), block(format.DagCBOR, []byte{0xa0})), envelope.Zstd, envelope.Zstd},
		"pack of all empties": {[]envelope.Block{block(format.Raw, nil), block(format.DagPB, nil)}, envelope.Zstd, envelope.None},
	} {
		t.Run(name, func(t *testing.T) {
			for level := envelope.LevelFastest; level <= envelope.LevelBest; level++ {
				prefix := []byte("before")
				out, err := envelope.Encode(prefix, tc.alg, level, tc.blocks)
				require.NoError(t, err)
				require.Equal(t, "before", string(out[:6]))
				env := out[6:]
				require.LessOrEqual(t, len(env), format.MaxEncodingSize)

				h, err := envelope.Parse(env)
				require.NoError(t, err)
				require.Equal(t, tc.want, h.Algorithm)
				require.Equal(t, len(tc.blocks) > 1, h.IsPack())
				require.Len(t, h.Entries, len(tc.blocks))
				require.Equal(t, format.Sum(env), h.Digest())
				require.Equal(t, format.Sum(env), envelope.EncodingDigest(env))

				plain, err := h.Decode([]byte("kept"))
				require.NoError(t, err)
				require.Equal(t, "kept", string(plain[:4]))
				plain = plain[4:]
				require.Equal(t, int(h.PlainSize), len(plain))
				for i, b := range tc.blocks {
					e := h.Entries[i]
					if b.Codec != e.Codec || b.Digest != e.Digest || !bytes.Equal(b.Data, plain[e.Offset:e.Offset+e.Size]) {
						t.Fatalf("block %d came back as %+v", i, e)
					}
				}
				for _, i := range []int{0, len(tc.blocks) / 2, len(tc.blocks) - 1} {
					one, err := h.DecodeEntry([]byte("kept"), i)
					require.NoError(t, err)
					require.True(t, bytes.Equal(append([]byte("kept"), tc.blocks[i].Data...), one))
				}
			}
		})
	}
}

// method is an algorithm with parameters of it.
type method struct {
	alg    envelope.Algorithm
	params int
}

// methods are some of each algorithm.
func methods() []method {
	all := []method{{envelope.None, 0}, {envelope.RLE, 0}}
	for level := envelope.LevelFastest; level <= envelope.LevelBest; level++ {
		all = append(all, method{envelope.Zstd, level}, method{envelope.S2, level})
	}
	for _, shape := range []bitpack.Shape{{Width: 1}, {Width: 2, Delta: true, Phase: 1}, {Width: 4, BigEndian: true}, {Width: 8, Phase: 5}} {
		all = append(all, method{envelope.Bitpack, int(shape.Params())})
	}
	return all
}

// counters are integers of four bytes that any algorithm makes smaller.
func counters(n int) []byte {
	out := make([]byte, n)
	for i := range n / 4 {
		binary.BigEndian.PutUint32(out[4*i:], uint32(i/64))
	}
	return out
}

func TestEveryAlgorithmGivesBlocksBack(t *testing.T) {
	pack := []envelope.Block{
		block(format.Raw, counters(5000)), block(format.DagPB, nil), block(format.Raw, make([]byte, 3000)), block(format.Raw, counters(4001)),
	}
	for _, blocks := range [][]envelope.Block{{block(format.Raw, make([]byte, envelope.MaxPlainSize))}, pack} {
		for _, m := range methods() {
			env, err := envelope.Encode(nil, m.alg, m.params, blocks)
			require.NoError(t, err)
			h, err := envelope.Parse(env)
			require.NoError(t, err)
			require.Equal(t, m.alg, h.Algorithm)
			require.Equal(t, m.params, h.Params)
			plain, err := h.Decode(nil)
			require.NoError(t, err, m)
			for i, b := range blocks {
				e := h.Entries[i]
				require.True(t, bytes.Equal(b.Data, plain[e.Offset:e.Offset+e.Size]), m)
				one, err := h.DecodeEntry(nil, i)
				require.NoError(t, err)
				require.True(t, bytes.Equal(b.Data, one), m)
			}
		}
	}
}

func TestEveryAlgorithmGivesUpOnNoise(t *testing.T) {
	for _, m := range methods() {
		env, err := envelope.Encode(nil, m.alg, m.params, []envelope.Block{block(format.Raw, random(70_000))})
		require.NoError(t, err)
		require.Len(t, env, envelope.HeaderSize+70_000)
	}
}

func TestASingleBlockCostsTheFixedHeaderOnly(t *testing.T) {
	env, err := envelope.Encode(nil, envelope.None, 0, []envelope.Block{block(format.Raw, random(256))})
	require.NoError(t, err)
	require.Len(t, env, envelope.HeaderSize+256)
}

func TestCompressionShrinksPacksOfSmallFiles(t *testing.T) {
	blocks := small(4000)
	var plain int
	for _, b := range blocks {
		plain += len(b.Data)
	}
	env, err := envelope.Encode(nil, envelope.Zstd, envelope.LevelFastest, blocks)
	require.NoError(t, err)
	payload := len(env) - envelope.HeaderSize - len(blocks)*envelope.EntrySize
	require.Less(t, payload, plain/4)
}

func TestEncodeRefusesBadInput(t *testing.T) {
	good := []envelope.Block{block(format.Raw, text(1000))}
	for name, tc := range map[string]struct {
		alg    envelope.Algorithm
		level  int
		blocks []envelope.Block
		want   error
	}{
		"no blocks":       {envelope.None, 0, nil, envelope.ErrNoBlocks},
		"s2 level 0":      {envelope.S2, 0, good, envelope.ErrParams},
		"s2 level 5":      {envelope.S2, 5, good, envelope.ErrParams},
		"no shape":        {envelope.Bitpack, 0x80, good, envelope.ErrParams},
		"no byte":         {envelope.Bitpack, 0x100, good, envelope.ErrParams},
		"rle with params": {envelope.RLE, 1, good, envelope.ErrParams},
		"unknown":         {200, 1, good, envelope.ErrAlgorithm},
		"level 0":         {envelope.Zstd, 0, good, envelope.ErrParams},
		"level 5":         {envelope.Zstd, 5, good, envelope.ErrParams},
		"negative level":  {envelope.Zstd, -1, good, envelope.ErrParams},
		"block too large": {envelope.None, 0, []envelope.Block{block(format.Raw, make([]byte, envelope.MaxPlainSize+1))}, envelope.ErrTooLarge},
		"pack too large":  {envelope.None, 0, []envelope.Block{block(format.Raw, make([]byte, envelope.MaxPlainSize)), good[0]}, envelope.ErrTooLarge},
		"too many blocks": {envelope.None, 0, make([]envelope.Block, envelope.MaxBlocks+1), envelope.ErrTooLarge},
		"unknown codec":   {envelope.None, 0, []envelope.Block{block(0x72, text(10))}, envelope.ErrCodec},
		"codec over byte": {envelope.None, 0, []envelope.Block{block(0x155, text(10))}, envelope.ErrCodec},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := envelope.Encode([]byte("dst"), tc.alg, tc.level, tc.blocks)
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, "dst", string(out))
		})
	}
}

func TestParseRefusesEveryTruncationAndExtension(t *testing.T) {
	for _, blocks := range [][]envelope.Block{small(1), small(3), {block(format.Raw, text(2000))}} {
		env, err := envelope.Encode(nil, envelope.Zstd, envelope.LevelDefault, blocks)
		require.NoError(t, err)
		for n := range env {
			_, err := envelope.Parse(env[:n])
			require.Error(t, err, "%d of %d bytes", n, len(env))
		}
		_, err = envelope.Parse(append(env[:len(env):len(env)], 0))
		require.ErrorIs(t, err, envelope.ErrTrailing)
	}
}

func TestEveryFlippedBitIsNoticed(t *testing.T) {
	for _, m := range methods() {
		for _, blocks := range [][]envelope.Block{small(3), {block(format.Raw, counters(600))}} {
			env, err := envelope.Encode(nil, m.alg, m.params, blocks)
			require.NoError(t, err)
			original, err := envelope.Parse(env)
			require.NoError(t, err)
			want, err := original.Decode(nil)
			require.NoError(t, err)
			for bit := range len(env) * 8 {
				bad := bytes.Clone(env)
				bad[bit/8] ^= 1 << (bit % 8)
				h, err := envelope.Parse(bad)
				if err != nil {
					continue
				}
				got, err := h.Decode(nil)
				if err != nil {
					continue
				}
				// The parameters, the codec of a block and unused bits of a payload are outside what the plain digest
				// covers; they can never change the bytes, and the encoding digest covers them.
				require.Equal(t, want, got, "bit %d", bit)
				require.NotEqual(t, original.Digest(), h.Digest())
			}
		}
	}
}

func TestParseRefusesHostileHeaders(t *testing.T) {
	single, err := envelope.Encode(nil, envelope.None, 0, []envelope.Block{block(format.Raw, text(100))})
	require.NoError(t, err)
	compressed, err := envelope.Encode(nil, envelope.Zstd, 1, []envelope.Block{block(format.Raw, text(1000))})
	require.NoError(t, err)
	pack, err := envelope.Encode(nil, envelope.None, 0, small(3))
	require.NoError(t, err)
	u16 := func(at int, v uint16) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint16(b[at:], v) }
	}
	u32 := func(at int, v uint32) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint32(b[at:], v) }
	}
	u8 := func(at int, v byte) func([]byte) { return func(b []byte) { b[at] = v } }
	for name, tc := range map[string]struct {
		env    []byte
		change func([]byte)
		want   error
	}{
		"magic":                     {single, u8(0, 'X'), envelope.ErrMagic},
		"version 0":                 {single, u8(4, 0), envelope.ErrVersion},
		"version 2":                 {single, u8(4, 2), envelope.ErrVersion},
		"compression without any":   {single, u8(5, 4), envelope.ErrNonCanonical},
		"s2 level 9":                {compressed, func(b []byte) { b[5], b[6] = 2, 9 }, envelope.ErrParams},
		"no shape":                  {compressed, func(b []byte) { b[5], b[6] = 3, 0x70 }, envelope.ErrParams},
		"rle with parameters":       {compressed, u8(5, 4), envelope.ErrParams},
		"unknown algorithm":         {single, u8(5, 99), envelope.ErrAlgorithm},
		"parameters with none":      {single, u8(6, 1), envelope.ErrNonCanonical},
		"level 0":                   {compressed, u8(6, 0), envelope.ErrParams},
		"level 5":                   {compressed, u8(6, 5), envelope.ErrParams},
		"unknown flag":              {single, u8(7, 2), envelope.ErrNonCanonical},
		"reserved byte":             {single, u8(9, 1), envelope.ErrNonCanonical},
		"unknown codec":             {single, u8(8, 0x12), envelope.ErrCodec},
		"no codec":                  {single, u8(8, 0), envelope.ErrCodec},
		"no blocks":                 {single, u16(10, 0), envelope.ErrNonCanonical},
		"two blocks without table":  {single, u16(10, 2), envelope.ErrNonCanonical},
		"plain size beyond limit":   {compressed, u32(12, envelope.MaxPlainSize+1), envelope.ErrTooLarge},
		"plain size 4 GiB":          {compressed, u32(12, 1<<32-1), envelope.ErrTooLarge},
		"plain size not payload":    {single, u32(12, 99), envelope.ErrNonCanonical},
		"payload not smaller":       {compressed, u32(12, 10), envelope.ErrNonCanonical},
		"payload size 4 GiB":        {compressed, u32(48, 1<<32-1), envelope.ErrNonCanonical},
		"payload size too long":     {compressed, u32(48, 999), envelope.ErrTruncated},
		"payload size too short":    {compressed, u32(48, 1), envelope.ErrTrailing},
		"pack of one":               {pack, u16(10, 1), envelope.ErrNonCanonical},
		"pack of none":              {pack, u16(10, 0), envelope.ErrNonCanonical},
		"pack count beyond limit":   {pack, u16(10, envelope.MaxBlocks+1), envelope.ErrTooLarge},
		"pack count beyond bytes":   {pack, u16(10, 1000), envelope.ErrTruncated},
		"pack with codec in header": {pack, u8(8, 0x55), envelope.ErrNonCanonical},
		"pack entry codec":          {pack, u8(envelope.HeaderSize, 0), envelope.ErrCodec},
		"pack entry too long":       {pack, u32(envelope.HeaderSize+33, 1<<32-1), envelope.ErrNonCanonical},
		"pack entry too short":      {pack, u32(envelope.HeaderSize+33, 0), envelope.ErrNonCanonical},
	} {
		t.Run(name, func(t *testing.T) {
			bad := bytes.Clone(tc.env)
			tc.change(bad)
			_, err := envelope.Parse(bad)
			require.ErrorIs(t, err, tc.want)
		})
	}
	_, err = envelope.Parse(append(bytes.Clone(single), make([]byte, format.MaxEncodingSize)...))
	require.ErrorIs(t, err, envelope.ErrTooLarge)
}

// forge builds an envelope of one raw block around a zstd payload, which may be anything.
func forge(plainSize uint32, digest format.Digest, payload []byte) []byte {
	return forgeAs(method{envelope.Zstd, 1}, plainSize, digest, payload)
}

// forgeAs is forge for any algorithm.
func forgeAs(m method, plainSize uint32, digest format.Digest, payload []byte) []byte {
	env := make([]byte, envelope.HeaderSize, envelope.HeaderSize+len(payload))
	copy(env, "IPDE")
	env[4], env[5], env[6], env[8], env[10] = 1, byte(m.alg), byte(m.params), byte(format.Raw), 1
	binary.LittleEndian.PutUint32(env[12:], plainSize)
	copy(env[16:], digest[:])
	binary.LittleEndian.PutUint32(env[48:], uint32(len(payload)))
	return append(env, payload...)
}

func TestDecompressionBombsAreRefused(t *testing.T) {
	stream := func(n int) []byte { // no content size in the frame
		var buf bytes.Buffer
		w, err := zstd.NewWriter(&buf)
		require.NoError(t, err)
		for range n / 1000 {
			_, err = w.Write(make([]byte, 1000))
			require.NoError(t, err)
		}
		require.NoError(t, w.Flush())
		require.NoError(t, w.Close())
		return buf.Bytes()
	}
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderCRC(false))
	require.NoError(t, err)
	honest := enc.EncodeAll(make([]byte, 5000), nil)
	digest := format.Sum(make([]byte, 5000))
	fast, runs, zeros := method{envelope.S2, 1}, method{envelope.RLE, 0}, method{envelope.Bitpack, 0}
	for name, env := range map[string][]byte{
		"bomb of 100 MB":              forge(envelope.MaxPlainSize, digest, enc.EncodeAll(make([]byte, 100_000_000), nil)),
		"bomb without content size":   forge(envelope.MaxPlainSize, digest, stream(100_000_000)),
		"no content size, right size": forge(5000, digest, stream(5000)),
		"states less":                 forge(4999, digest, honest),
		"states more":                 forge(5001, digest, honest),
		"second frame":                forge(5000, digest, append(bytes.Clone(honest), enc.EncodeAll(make([]byte, 1<<20), nil)...)),
		"leading skippable":           forge(5000, digest, append([]byte{0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9}, honest...)),
		"cut":                         forge(5000, digest, honest[:len(honest)-1]),
		"noise":                       forge(5000, digest, random(100)),
		"empty payload":               forge(5000, digest, nil),
		"s2 bomb of 100 MB":           forgeAs(fast, envelope.MaxPlainSize, digest, s2.Encode(nil, make([]byte, 100_000_000))),
		"s2 states 4 GiB":             forgeAs(fast, 5000, digest, []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0}),
		"s2 states more":              forgeAs(fast, 5001, digest, s2.Encode(nil, make([]byte, 5000))),
		"s2 noise":                    forgeAs(fast, 5000, digest, random(100)),
		"s2 empty payload":            forgeAs(fast, 5000, digest, nil),
		"rle bomb of 100 MB":          forgeAs(runs, envelope.MaxPlainSize, digest, rle.Append(nil, make([]byte, 100_000_000))),
		"rle states more":             forgeAs(runs, 5001, digest, rle.Append(nil, make([]byte, 5000))),
		"rle noise":                   forgeAs(runs, 5000, digest, random(100)),
		"rle empty payload":           forgeAs(runs, 5000, digest, nil),
		"bitpack goes on":             forgeAs(zeros, 300, digest, make([]byte, 299)),
		"bitpack is cut":              forgeAs(zeros, 300, digest, []byte{0, 0}),
		"bitpack of 255 bits":         forgeAs(zeros, 300, digest, append([]byte{255, 0}, random(200)...)),
		"bitpack empty payload":       forgeAs(zeros, 5000, digest, nil),
	} {
		t.Run(name, func(t *testing.T) {
			h, err := envelope.Parse(env)
			require.NoError(t, err)
			_, err = h.Decode(nil) // sets up the shared decoder
			require.ErrorIs(t, err, envelope.ErrPayload)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err = h.Decode(nil)
			runtime.ReadMemStats(&after)
			require.ErrorIs(t, err, envelope.ErrPayload)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(3*envelope.MaxPlainSize))
		})
	}
	h, err := envelope.Parse(forge(5000, digest, honest))
	require.NoError(t, err)
	_, err = h.Decode(nil)
	require.NoError(t, err)
}

func TestWrongDigestsAreRefused(t *testing.T) {
	lie := block(format.Raw, text(1000))
	lie.Digest[3]++
	for _, alg := range []envelope.Algorithm{envelope.None, envelope.Zstd} {
		env, err := envelope.Encode(nil, alg, 1, []envelope.Block{lie})
		require.NoError(t, err)
		h, err := envelope.Parse(env)
		require.NoError(t, err)
		out, err := h.Decode([]byte("dst"))
		require.ErrorIs(t, err, envelope.ErrDigest)
		require.Equal(t, "dst", string(out))
		_, err = h.DecodeEntry(nil, 0)
		require.ErrorIs(t, err, envelope.ErrDigest)

		env, err = envelope.Encode(nil, alg, 1, append(small(2), lie))
		require.NoError(t, err)
		h, err = envelope.Parse(env)
		require.NoError(t, err)
		_, err = h.Decode(nil)
		require.ErrorIs(t, err, envelope.ErrDigest)
		_, err = h.DecodeEntry(nil, 2)
		require.ErrorIs(t, err, envelope.ErrDigest)
		_, err = h.DecodeEntry(nil, 0)
		require.NoError(t, err, "the other blocks of the pack are whole")
		for _, i := range []int{-1, 3} {
			_, err = h.DecodeEntry(nil, i)
			require.ErrorIs(t, err, envelope.ErrIndex)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for g := range 16 {
		wg.Go(func() {
			for i := range 20 {
				data := text(1000*g + 100*i)
				env, err := envelope.Encode(nil, envelope.Zstd, 1+i%4, []envelope.Block{block(format.Raw, data), block(format.Raw, data)})
				if err != nil {
					errs <- err
					return
				}
				h, err := envelope.Parse(env)
				if err != nil {
					errs <- err
					return
				}
				if got, err := h.DecodeEntry(nil, 1); err != nil || !bytes.Equal(got, data) {
					errs <- fmt.Errorf("decoded %d bytes: %w", len(got), err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
}

func TestAlgorithmNames(t *testing.T) {
	for a := envelope.None; a.Known(); a++ {
		got, err := envelope.ParseAlgorithm(a.String())
		require.NoError(t, err)
		require.Equal(t, a, got)
	}
	_, err := envelope.ParseAlgorithm("gzip")
	require.ErrorIs(t, err, envelope.ErrAlgorithm)
	require.False(t, envelope.Algorithm(5).Known())
}
