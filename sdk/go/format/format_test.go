package format_test

import (
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	_ "github.com/multiformats/go-multihash/register/blake3"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

func TestCIDsEqualThoseOfTheMultiformatsLibraries(t *testing.T) {
	data := []byte("the same bytes")
	for _, codec := range []uint64{format.Raw, format.DagPB, format.DagCBOR} {
		want, err := cid.Prefix{Version: 1, Codec: codec, MhType: multihash.BLAKE3, MhLength: 32}.Sum(data)
		require.NoError(t, err)
		got := format.BlockCID(codec, format.Sum(data))
		require.True(t, want.Equals(got))

		d, err := format.DigestOf(got)
		require.NoError(t, err)
		require.Equal(t, format.Sum(data), d)

		parsed, err := format.ParseCID(got.String())
		require.NoError(t, err)
		require.True(t, parsed.Equals(got))

		cast, err := format.CIDFromBytes(got.Bytes())
		require.NoError(t, err)
		require.True(t, cast.Equals(got))
	}
}

func TestKnownCIDs(t *testing.T) {
	// BLAKE3 of the empty input, from the BLAKE3 test vectors.
	require.Equal(t, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262", format.Sum(nil).String())
	require.Equal(t, "bafkr4ifpcne3t5pzugtkaqcn5i3nzskjtpfslsnnyejlpte2spfoihzsmi", format.RawCID(format.Sum(nil)).String())
	d := format.Sum([]byte("x"))
	require.Equal(t, format.RawCID(d), format.EncodingCID(d))
	require.Equal(t, format.NodeCID(d), format.BlockCID(format.DagPB, d))
	require.Equal(t, format.CBORCID(d), format.BlockCID(format.DagCBOR, d))
}

func TestDigestOfRefusesForeignCIDs(t *testing.T) {
	sum := func(p cid.Prefix) cid.Cid {
		c, err := p.Sum([]byte("x"))
		require.NoError(t, err)
		return c
	}
	for name, tc := range map[string]struct {
		c    cid.Cid
		want error
	}{
		"undefined": {cid.Undef, format.ErrCID},
		"version 0": {sum(cid.Prefix{Version: 0, Codec: cid.DagProtobuf, MhType: multihash.SHA2_256, MhLength: 32}), format.ErrCIDVersion},
		"sha2-256":  {sum(cid.Prefix{Version: 1, Codec: cid.Raw, MhType: multihash.SHA2_256, MhLength: 32}), format.ErrCIDHash},
		"short":     {sum(cid.Prefix{Version: 1, Codec: cid.Raw, MhType: multihash.BLAKE3, MhLength: 20}), format.ErrCIDHash},
		"long":      {sum(cid.Prefix{Version: 1, Codec: cid.Raw, MhType: multihash.BLAKE3, MhLength: 64}), format.ErrCIDHash},
		"codec":     {format.BlockCID(cid.DagJSON, format.Sum(nil)), format.ErrCIDCodec},
		"libp2p":    {format.BlockCID(cid.Libp2pKey, format.Sum(nil)), format.ErrCIDCodec},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := format.DigestOf(tc.c)
			require.ErrorIs(t, err, tc.want)
			if tc.c.Defined() {
				_, err = format.ParseCID(tc.c.String())
				require.ErrorIs(t, err, tc.want)
			}
		})
	}
}

func TestParseCIDAcceptsOneTextOnly(t *testing.T) {
	c := format.RawCID(format.Sum([]byte("x")))
	text := c.String()
	base58, err := c.StringOfBase('z')
	require.NoError(t, err)
	for name, s := range map[string]string{
		"empty":       "",
		"upper case":  "B" + strings.ToUpper(text[1:]),
		"mixed case":  text[:10] + strings.ToUpper(text[10:]),
		"base58":      base58,
		"space":       " " + text,
		"cut":         text[:len(text)-1],
		"path":        "/ipfs/" + text,
		"trailing":    text + "aa",
		"huge":        strings.Repeat("b", 1<<20),
		"not base32":  "b0189",
		"only prefix": "b",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := format.ParseCID(s)
			require.ErrorIs(t, err, format.ErrCID)
		})
	}
}

func TestParseDigest(t *testing.T) {
	d := format.Sum([]byte("x"))
	got, err := format.ParseDigest(d.String())
	require.NoError(t, err)
	require.Equal(t, d, got)
	require.False(t, d.IsZero())
	require.True(t, format.Digest{}.IsZero())

	_, err = format.ParseDigest(d.String()[2:])
	require.ErrorIs(t, err, format.ErrDigestSize)
	_, err = format.ParseDigest("zz" + d.String()[2:])
	require.Error(t, err)
	_, err = format.DigestFromBytes(d[:31])
	require.ErrorIs(t, err, format.ErrDigestSize)
	got, err = format.DigestFromBytes(d[:])
	require.NoError(t, err)
	require.Equal(t, d, got)
}

func FuzzParseCID(f *testing.F) {
	f.Add(format.RawCID(format.Sum(nil)).String())
	f.Add("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := format.ParseCID(s)
		if err != nil {
			return
		}
		require.Equal(t, s, c.String())
		d, err := format.DigestOf(c)
		require.NoError(t, err)
		require.True(t, c.Equals(format.BlockCID(c.Prefix().Codec, d)))
	})
}

func FuzzCIDFromBytes(f *testing.F) {
	f.Add(format.NodeCID(format.Sum(nil)).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := format.CIDFromBytes(b)
		if err == nil {
			require.Equal(t, b, c.Bytes())
		}
	})
}
