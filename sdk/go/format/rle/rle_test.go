package rle_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/rle"
)

func TestBytesComeBack(t *testing.T) {
	for name, c := range map[string]struct {
		plain string
		form  string
	}{
		"nothing":         {"", ""},
		"one byte":        {"a", "\x00a"},
		"too short a run": {"aaa", "\x04aaa"},
		"shortest run":    {"aaaa", "\x01a"},
		"run of nine":     {"aaaaaaaaa", "\x0ba"},
		"mixed":           {"xyzzzzzzab", "\x02xy\x05z\x02ab"},
		"two runs":        {"aaaabbbbb", "\x01a\x03b"},
		"many":            {string(make([]byte, 1000)), "\xc9\x0f\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			form := rle.Append([]byte("before"), []byte(c.plain))
			require.Equal(t, "before"+c.form, string(form))
			require.Equal(t, len(c.form), rle.Size([]byte(c.plain)))
			got, err := rle.Decode([]byte("kept"), form[6:], len(c.plain))
			require.NoError(t, err)
			require.Equal(t, "kept"+c.plain, string(got))
		})
	}
}

func TestDamagedFormsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		form       string
		plainBytes int
	}{
		"nothing":          {"", 1},
		"run too long":     {"\x01a", 3},
		"run too short":    {"\x01a", 5},
		"run of nothing":   {"\x01", 4},
		"enormous run":     {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a", 4},
		"enormous literal": {"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01a", 1},
		"literal too long": {"\x02ab", 1},
		"literal cut":      {"\x04ab", 3},
		"varint cut":       {"\x80", 1},
		"varint too long":  {"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01a", 4},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := rle.Decode([]byte("kept"), []byte(c.form), c.plainBytes)
			require.ErrorIs(t, err, rle.ErrCorrupt)
			require.Equal(t, "kept", string(got))
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x02xy\x05z\x02ab"), uint16(10))
	f.Fuzz(func(t *testing.T, form []byte, plainBytes uint16) {
		plain, err := rle.Decode(nil, form, int(plainBytes))
		if err == nil {
			require.Len(t, plain, int(plainBytes))
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("aaaaaaabcddddd"))
	f.Fuzz(func(t *testing.T, plain []byte) {
		form := rle.Append(nil, plain)
		require.Equal(t, len(form), rle.Size(plain))
		got, err := rle.Decode(nil, form, len(plain))
		require.NoError(t, err)
		require.True(t, bytes.Equal(plain, got))
	})
}

func BenchmarkRuns(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	sparse := make([]byte, 512<<10)
	for range len(sparse) / 200 {
		sparse[rng.IntN(len(sparse))] = byte(1 << rng.IntN(8))
	}
	random := make([]byte, 512<<10)
	for i := range random {
		random[i] = byte(rng.Uint32())
	}
	for name, plain := range map[string][]byte{"sparse": sparse, "random": random} {
		form := rle.Append(nil, plain)
		b.Run("append/"+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(plain)))
			for b.Loop() {
				form = rle.Append(form[:0], plain)
			}
		})
		b.Run("decode/"+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(plain)))
			out := make([]byte, 0, len(plain))
			for b.Loop() {
				if _, err := rle.Decode(out, form, len(plain)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
