package network_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/network"
)

func TestKeyFileRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "peer.key")
	created, err := network.CreateKey(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	loaded, err := network.LoadKey(path)
	require.NoError(t, err)
	require.True(t, created.Equals(loaded))

	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestCreateKeyNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "peer.key")
	first, err := network.CreateKey(path)
	require.NoError(t, err)
	_, err = network.CreateKey(path)
	require.ErrorIs(t, err, network.ErrKeyExists)
	loaded, err := network.LoadKey(path)
	require.NoError(t, err)
	require.True(t, first.Equals(loaded))
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestLoadKeyRefusesLoosePermissions(t *testing.T) {
	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o644, 0o610} {
		path := filepath.Join(t.TempDir(), "peer.key")
		_, err := network.CreateKey(path)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(path, mode))
		_, err = network.LoadKey(path)
		require.ErrorIs(t, err, network.ErrKeyPermissions)
		require.ErrorContains(t, err, "chmod 600")
	}
}

func TestLoadKeyRefusesWhatIsNotAKey(t *testing.T) {
	secp, _, err := crypto.GenerateSecp256k1Key(bytes.NewReader(bytes.Repeat([]byte{7}, 64)))
	require.NoError(t, err)
	otherType, err := crypto.MarshalPrivateKey(secp)
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"empty":           {},
		"text":            []byte("hello"),
		"other key type":  otherType,
		"too long":        bytes.Repeat([]byte{8}, 10_000),
		"truncated":       golden(t)[:40],
		"public half off": append(golden(t)[:67:67], 0xff),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "peer.key")
			require.NoError(t, os.WriteFile(path, content, 0o600))
			_, err := network.LoadKey(path)
			require.ErrorIs(t, err, network.ErrKeyFormat)
		})
	}
	_, err = network.LoadKey(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = network.LoadKey(t.TempDir())
	require.ErrorIs(t, err, network.ErrKeyFormat)
}

// golden is a key file made once, for the private key seed 00 01 .. 1f.
func golden(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "peer.key.hex"))
	require.NoError(t, err)
	raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
	require.NoError(t, err)
	return raw
}

func TestKeyFileFormatIsStable(t *testing.T) {
	key, err := network.DecodeKey(golden(t))
	require.NoError(t, err)
	id, err := peer.IDFromPrivateKey(key)
	require.NoError(t, err)
	require.Equal(t, "12D3KooWA4Xop1JaT3MHxwYMkCepYsv4iPVopMXwCz5iHYdBfeSB", id.String())
	again, err := network.EncodeKey(key)
	require.NoError(t, err)
	require.Equal(t, golden(t), again)
}

func FuzzDecodeKey(f *testing.F) {
	f.Add(golden(f))
	f.Add([]byte{})
	f.Add([]byte{8, 1, 18, 4, 1, 2, 3, 4})
	f.Fuzz(func(t *testing.T, raw []byte) {
		key, err := network.DecodeKey(raw)
		if err != nil {
			require.ErrorIs(t, err, network.ErrKeyFormat)
			return
		}
		encoded, err := network.EncodeKey(key)
		require.NoError(t, err)
		again, err := network.DecodeKey(encoded)
		require.NoError(t, err)
		require.True(t, key.Equals(again))
	})
}
