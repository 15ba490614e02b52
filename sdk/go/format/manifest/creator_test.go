package manifest_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"math/big"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/sha3"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// signer signs as the keys of nodes and accounts do; package interop tests against those keys themselves.
type signer struct {
	creator manifest.Creator
	sign    func([]byte) ([]byte, error)
}

// seed makes the keys of these tests, so that golden files stay the same.
var seed = bytes.Repeat([]byte{42}, 32)

func ed25519Signer(testing.TB) signer {
	key := ed25519.NewKeyFromSeed(seed)
	return signer{
		manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)},
		func(message []byte) ([]byte, error) { return ed25519.Sign(key, message), nil },
	}
}

func secp256k1Signer(testing.TB) signer {
	key := secp256k1.PrivKeyFromBytes(seed)
	return signer{
		manifest.Creator{Kind: manifest.Secp256k1, Key: key.PubKey().SerializeCompressed()},
		func(message []byte) ([]byte, error) {
			hash := sha256.Sum256(message)
			return ecdsa.SignCompact(key, hash[:], false)[1:], nil
		},
	}
}

// ethSigner returns r, s and the recovery byte behind them.
func ethSigner(testing.TB) signer {
	key := secp256k1.PrivKeyFromBytes(seed)
	return signer{
		manifest.Creator{Kind: manifest.EthSecp256k1, Key: key.PubKey().SerializeCompressed()},
		func(message []byte) ([]byte, error) {
			hash := sha3.NewLegacyKeccak256()
			_, _ = hash.Write(message)
			sig := ecdsa.SignCompact(key, hash.Sum(nil), false)
			return append(sig[1:], sig[0]-27), nil
		},
	}
}

func signers(t testing.TB) map[string]signer {
	return map[string]signer{"ed25519": ed25519Signer(t), "secp256k1": secp256k1Signer(t), "eth_secp256k1": ethSigner(t)}
}

func TestWrongSignaturesAreRefused(t *testing.T) {
	for name, s := range signers(t) {
		t.Run(name, func(t *testing.T) {
			_, _, h := build(t, rawEntries(10), nil)
			h.Creator = s.creator
			require.NoError(t, h.Sign(s.sign))
			good := bytes.Clone(h.Signature)

			for i := range good {
				bad := bytes.Clone(good)
				bad[i] ^= 1
				require.ErrorIs(t, h.Attach(bad), manifest.ErrSignature)
				require.Equal(t, good, h.Signature, "a refused signature changes nothing")
			}
			for _, bad := range [][]byte{nil, good[:63], append(bytes.Clone(good), 0, 0), make([]byte, 64)} {
				require.ErrorIs(t, h.Attach(bad), manifest.ErrSignature)
			}
			h.UnixMilli++
			require.ErrorIs(t, h.Verify(), manifest.ErrSignature, "another time")
			h.UnixMilli--
			h.Tags = []string{"a=2"}
			require.ErrorIs(t, h.Verify(), manifest.ErrSignature, "other tags")
			h.Tags = []string{"a=1", "b=2"}
			h.Pages[0][0]++
			require.ErrorIs(t, h.Verify(), manifest.ErrSignature, "another page")
			h.Pages[0][0]--
			require.NoError(t, h.Verify())
			h.Signature = nil
			require.ErrorIs(t, h.Verify(), manifest.ErrUnsigned)
			_, err := h.Encode()
			require.ErrorIs(t, err, manifest.ErrUnsigned)
		})
	}
}

func TestTheSecondFormOfAnECDSASignatureIsRefused(t *testing.T) {
	order, ok := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
	require.True(t, ok)
	for _, s := range []signer{secp256k1Signer(t), ethSigner(t)} {
		message := []byte("message")
		sig, err := s.sign(message)
		require.NoError(t, err)
		sig = sig[:64]
		require.NoError(t, s.creator.Verify(message, sig))
		high := new(big.Int).Sub(order, new(big.Int).SetBytes(sig[32:]))
		high.FillBytes(sig[32:])
		require.ErrorIs(t, s.creator.Verify(message, sig), manifest.ErrSignature)
	}
}

func TestMalformedKeysAreRefused(t *testing.T) {
	good := secp256k1Signer(t).creator.Key
	noPoint := bytes.Repeat([]byte{0xff}, 33)
	noPoint[0] = 2
	for name, c := range map[string]manifest.Creator{
		"no kind":            {Kind: 0, Key: good},
		"unknown kind":       {Kind: 4, Key: good},
		"no key":             {Kind: manifest.Secp256k1},
		"short":              {Kind: manifest.Secp256k1, Key: good[:32]},
		"long":               {Kind: manifest.EthSecp256k1, Key: append(bytes.Clone(good), 0)},
		"not on the curve":   {Kind: manifest.EthSecp256k1, Key: noPoint},
		"prefix":             {Kind: manifest.Secp256k1, Key: append([]byte{5}, good[1:]...)},
		"ed25519 of 33":      {Kind: manifest.Ed25519, Key: good},
		"ed25519 without":    {Kind: manifest.Ed25519},
		"uncompressed point": {Kind: manifest.Secp256k1, Key: append([]byte{4}, make([]byte, 64)...)},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, c.Validate(), manifest.ErrCreator)
			sig := make([]byte, 64)
			_, _ = rand.Read(sig)
			sig[0], sig[32] = 1, 1
			require.Error(t, c.Verify([]byte("m"), sig))
			b := manifest.NewBuilder(func(format.Block) error { return nil })
			require.NoError(t, b.Append(rawEntries(1)[0]))
			_, err := b.Finish(manifest.Meta{Creator: c})
			require.ErrorIs(t, err, manifest.ErrCreator)
		})
	}
}
