package envelope_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// FuzzParse feeds arbitrary bytes to the decoder; what it accepts must hold what its header says.
func FuzzParse(f *testing.F) {
	for _, blocks := range [][]envelope.Block{small(1), small(4), {block(format.DagPB, text(500))}} {
		for _, m := range methods() {
			env, err := envelope.Encode(nil, m.alg, m.params, blocks)
			require.NoError(f, err)
			f.Add(env)
		}
	}
	f.Fuzz(func(t *testing.T, env []byte) {
		table, tableErr := envelope.ParseTable(env)
		h, err := envelope.Parse(env)
		if err != nil {
			return
		}
		require.NoError(t, tableErr)
		require.Equal(t, h.Entries, table)
		table, err = envelope.ParseTable(env[:envelope.TableSize(len(table))])
		require.NoError(t, err)
		require.Equal(t, h.Entries, table)
		length, err := envelope.Length(env)
		require.NoError(t, err)
		require.Equal(t, len(env), length)
		plain, err := h.Decode(nil)
		if err != nil {
			return
		}
		require.Equal(t, int(h.PlainSize), len(plain))
		var blocks []envelope.Block
		for i, e := range h.Entries {
			one, err := h.DecodeEntry(nil, i)
			require.NoError(t, err)
			require.Equal(t, e.Digest, format.Sum(one))
			blocks = append(blocks, envelope.Block{Codec: e.Codec, Digest: e.Digest, Data: one})
		}
		if h.Algorithm == envelope.None {
			again, err := envelope.Encode(nil, envelope.None, 0, blocks)
			require.NoError(t, err)
			require.Equal(t, env, again, "an uncompressed envelope has one form")
		}
	})
}

// FuzzRoundTrip cuts arbitrary bytes into blocks, encodes and decodes them.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("hello hello hello hello hello hello hello hello hello hello hello hello"), uint16(7), byte(1))
	f.Add(counters(800), uint16(300), byte(7))
	f.Add([]byte{}, uint16(0), byte(0))
	f.Fuzz(func(t *testing.T, data []byte, size uint16, which byte) {
		var blocks []envelope.Block
		for rest := data; len(blocks) == 0 || len(rest) > 0; {
			n := min(int(size)+1, len(rest))
			blocks = append(blocks, block(format.Raw, rest[:n]))
			rest = rest[n:]
		}
		if len(blocks) > envelope.MaxBlocks || len(data) > envelope.MaxPlainSize {
			return
		}
		m := methods()[int(which)%len(methods())]
		env, err := envelope.Encode(nil, m.alg, m.params, blocks)
		require.NoError(t, err)
		h, err := envelope.Parse(env)
		require.NoError(t, err)
		plain, err := h.Decode(nil)
		require.NoError(t, err)
		require.Equal(t, string(data), string(plain))
	})
}
