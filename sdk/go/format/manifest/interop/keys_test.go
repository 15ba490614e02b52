package interop_test

import (
	"bytes"
	"testing"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/evm/crypto/ethsecp256k1"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

type signer struct {
	creator manifest.Creator
	sign    func([]byte) ([]byte, error)
}

// seed makes the keys of these tests, so that golden files stay the same.
var seed = bytes.Repeat([]byte{42}, 32)

func ed25519Signer(t testing.TB) signer {
	t.Helper()
	private, public, err := crypto.GenerateEd25519Key(bytes.NewReader(seed))
	require.NoError(t, err)
	raw, err := public.Raw()
	require.NoError(t, err)
	return signer{manifest.Creator{Kind: manifest.Ed25519, Key: raw}, private.Sign}
}

func secp256k1Signer(testing.TB) signer {
	key := &secp256k1.PrivKey{Key: seed}
	return signer{manifest.Creator{Kind: manifest.Secp256k1, Key: key.PubKey().Bytes()}, key.Sign}
}

func ethSigner(testing.TB) signer {
	key := &ethsecp256k1.PrivKey{Key: seed}
	return signer{manifest.Creator{Kind: manifest.EthSecp256k1, Key: key.PubKey().Bytes()}, key.Sign}
}

func signers(t testing.TB) map[string]signer {
	return map[string]signer{"ed25519": ed25519Signer(t), "secp256k1": secp256k1Signer(t), "eth_secp256k1": ethSigner(t)}
}

func TestSignaturesOfTheNodesAndAccountsKeysVerify(t *testing.T) {
	for name, s := range signers(t) {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, name, s.creator.Kind.String())
			require.NoError(t, s.creator.Validate())
			c, store, h := build(t, sampleDAG(t).entries, nil)
			h.Creator = s.creator
			if s.creator.Kind != manifest.Ed25519 {
				require.ErrorIs(t, h.Verify(), manifest.ErrSignature, "the signature of another key")
			}
			require.NoError(t, h.Sign(s.sign))
			require.Len(t, h.Signature, 64)
			require.NoError(t, h.Verify())

			block, err := h.Encode()
			require.NoError(t, err)
			require.Equal(t, s.creator.Kind == manifest.Ed25519, c.Equals(block.CID()), "the creator is part of the manifest")
			require.NoError(t, store.put(block))
			r, err := manifest.Open(t.Context(), block.CID(), store.fetch)
			require.NoError(t, err)
			require.True(t, r.Header().Creator.Equal(s.creator))
		})
	}
}
