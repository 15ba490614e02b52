package bloom_test

import (
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/bloom"
)

func item(n int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }

// TestCascadeKeepsItsPromise: what was added is there, and of what was not no more than the rate seems to be, also when
// many times as many items come as the cascade was made for.
func TestCascadeKeepsItsPromise(t *testing.T) {
	const rate = 0.01
	for _, added := range []int{0, 50, 1000, 40_000} {
		c := bloom.New(1000, rate)
		for n := range added {
			c.Add(item(n))
			require.True(t, c.MayHave(item(n)))
		}
		for n := range added {
			require.True(t, c.MayHave(item(n)))
		}
		wrong := 0
		const asked = 100_000
		for n := range asked {
			if c.MayHave(item(1_000_000 + n)) {
				wrong++
			}
		}
		require.LessOrEqual(t, wrong, int(rate*asked), "%d items", added)
	}
}

func TestEncodedForm(t *testing.T) {
	require.Equal(t, "0100", hex.EncodeToString(bloom.New(10, 0.01).Append(nil)))
	small := bloom.New(64, 0.1)
	for n := range 3 {
		small.Add(item(n))
	}
	const golden = "01010500000003000000070000010000000000202000000000000040000000001001000008800000000800000400200000000000000000000100000000002801000000"
	require.Equal(t, golden, hex.EncodeToString(small.Append(nil)), "the form and the hash stay as they are")

	c := bloom.New(1000, 0.01)
	for n := range 1000 {
		c.Add(item(n))
	}
	require.Len(t, c.Append(nil), bloom.EncodedBytes(1000, 0.01))
	for n := range 5000 {
		c.Add(item(n))
	}
	b := c.Append(nil)
	again, err := bloom.Decode(b)
	require.NoError(t, err)
	for n := range 5000 {
		require.True(t, again.MayHave(item(n)))
	}
	require.Equal(t, b, again.Append(nil))
	for _, bad := range []string{"", "01", "0200", "0101", "010107000000010000000200000000000000ff", "010107" + "00000001ffffffff", "010100000000010000000100000000000000ff", "010000", "0119"} {
		raw, err := hex.DecodeString(bad)
		require.NoError(t, err)
		_, err = bloom.Decode(raw)
		require.ErrorIs(t, err, bloom.ErrEncoding, bad)
	}
}

// FuzzDecode: what is accepted is what Append writes.
func FuzzDecode(f *testing.F) {
	c := bloom.New(64, 0.1)
	for n := range 200 {
		c.Add(item(n))
	}
	f.Add(c.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := bloom.Decode(b)
		if err != nil {
			require.ErrorIs(t, err, bloom.ErrEncoding)
			return
		}
		require.Equal(t, b, c.Append(nil))
		c.MayHave(item(1))
	})
}

func BenchmarkMayHave(b *testing.B) {
	c := bloom.New(100_000, 0.01)
	for n := range 100_000 {
		c.Add(item(n))
	}
	raw := item(7_000_000)
	b.ReportAllocs()
	for b.Loop() {
		c.MayHave(raw)
	}
}
