package cidtext_test

import (
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/internal/cidtext"
)

var digest = [32]byte{1, 2, 3, 31: 0xff}

func TestNewEqualsTheReferenceImplementation(t *testing.T) {
	mh, err := multihash.Encode(digest[:], multihash.BLAKE3)
	require.NoError(t, err)
	for codec, code := range map[cidtext.Codec]uint64{
		cidtext.Raw: cid.Raw, cidtext.DagPB: cid.DagProtobuf, cidtext.DagCBOR: cid.DagCBOR,
	} {
		text := cidtext.New(codec, digest)
		require.Equal(t, cid.NewCidV1(code, mh).String(), text)
		require.Len(t, text, cidtext.Size)
		require.NoError(t, cidtext.Check(text, codec))
	}
}

func TestCheckRefuses(t *testing.T) {
	good := cidtext.New(cidtext.Raw, digest)
	sha, err := multihash.Sum([]byte("x"), multihash.SHA2_256, -1)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"empty":           "",
		"short":           good[:len(good)-1],
		"long":            good + "a",
		"huge":            strings.Repeat("b", 1<<20),
		"upper case":      strings.ToUpper(good),
		"other base":      "z" + good[1:],
		"not base32":      good[:10] + "1" + good[11:],
		"stray bits":      good[:len(good)-1] + "z",
		"newline":         good[:10] + "\n" + good[11:],
		"version 0":       cid.NewCidV0(sha).String(),
		"other hash":      cid.NewCidV1(cid.Raw, sha).String(),
		"unwanted codec":  cidtext.New(cidtext.DagCBOR, digest),
		"unknown codec":   cidtext.New(0x12, digest),
		"trailing spaces": good[:len(good)-1] + " ",
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, cidtext.Check(text, cidtext.Raw, cidtext.DagPB), cidtext.ErrInvalid)
		})
	}
}

func FuzzCheck(f *testing.F) {
	f.Add(cidtext.New(cidtext.Raw, digest))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if cidtext.Check(text, cidtext.Raw, cidtext.DagPB, cidtext.DagCBOR) != nil {
			return
		}
		parsed, err := cid.Decode(text)
		require.NoError(t, err)
		require.Equal(t, text, parsed.String())
	})
}
