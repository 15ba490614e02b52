package envelope_test

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden holds the format still: envelopes written by any earlier release stay readable, and with our own
// algorithms the bytes written stay the same. (A zstd or s2 payload may change with the compressor and remain valid.)
func TestGolden(t *testing.T) {
	for name, tc := range map[string]struct {
		alg    envelope.Algorithm
		params int
		blocks []envelope.Block
	}{
		"single-none":    {envelope.None, 0, []envelope.Block{block(format.Raw, []byte("hello, world\n"))}},
		"single-zstd":    {envelope.Zstd, envelope.LevelDefault, []envelope.Block{block(format.DagPB, text(400))}},
		"single-s2":      {envelope.S2, envelope.LevelFastest, []envelope.Block{block(format.Raw, text(400))}},
		"single-bitpack": {envelope.Bitpack, 0x0e, []envelope.Block{block(format.Raw, counters(2999))}},
		"single-rle":     {envelope.RLE, 0, []envelope.Block{block(format.Raw, counters(2999))}},
		"pack-none":      {envelope.None, 0, append(small(2), block(format.DagCBOR, []byte{0xa0}))},
		"pack-zstd":      {envelope.Zstd, envelope.LevelDefault, small(12)},
		"pack-bitpack":   {envelope.Bitpack, 0x2a, []envelope.Block{block(format.Raw, counters(2002)), block(format.Raw, counters(1000))}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name+".hex")
			env, err := envelope.Encode(nil, tc.alg, tc.params, tc.blocks)
			require.NoError(t, err)
			if *update {
				require.NoError(t, os.MkdirAll("testdata", 0o755))
				require.NoError(t, os.WriteFile(path, []byte(wrap(hex.EncodeToString(env))), 0o644))
			}
			file, err := os.ReadFile(path)
			require.NoError(t, err)
			golden, err := hex.DecodeString(strings.ReplaceAll(string(file), "\n", ""))
			require.NoError(t, err)
			if tc.alg != envelope.Zstd && tc.alg != envelope.S2 {
				require.Equal(t, golden, env)
			}
			h, err := envelope.Parse(golden)
			require.NoError(t, err)
			require.Equal(t, tc.alg, h.Algorithm)
			require.Len(t, h.Entries, len(tc.blocks))
			_, err = h.Decode(nil)
			require.NoError(t, err)
			for i, b := range tc.blocks {
				got, err := h.DecodeEntry(nil, i)
				require.NoError(t, err)
				require.Equal(t, b.Data, got)
				require.Equal(t, b.Codec, h.Entries[i].Codec)
			}
		})
	}
}

// wrap breaks hexadecimal text into lines of 64 digits.
func wrap(digits string) string {
	var b strings.Builder
	for len(digits) > 64 {
		b.WriteString(digits[:64] + "\n")
		digits = digits[64:]
	}
	return b.String() + digits + "\n"
}
