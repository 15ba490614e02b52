package beaconkey_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/app/beaconkey"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

func TestRingKeepsOlderKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), beaconkey.FileName)
	_, err := beaconkey.Load(path)
	require.ErrorIs(t, err, fs.ErrNotExist)

	var ring *beaconkey.Ring
	alpha := []byte("alpha")
	_, err = ring.Prove(make([]byte, 32), alpha)
	require.ErrorIs(t, err, beaconkey.ErrNoKey)

	var publics [][]byte
	for range 2 {
		ring, err = ring.Generate()
		require.NoError(t, err)
		require.NoError(t, ring.Save(path))
		publics = append(publics, ring.Newest().Public())
		ring, err = beaconkey.Load(path)
		require.NoError(t, err)
	}
	require.NotEqual(t, publics[0], publics[1])
	require.Equal(t, publics[1], ring.Newest().Public())
	for _, public := range publics {
		proof, err := ring.Prove(public, alpha)
		require.NoError(t, err)
		_, err = vrf.Verify(public, proof, alpha)
		require.NoError(t, err)
	}

	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
}

func TestRingIsBounded(t *testing.T) {
	var ring *beaconkey.Ring
	var err error
	for range 16 {
		ring, err = ring.Generate()
		require.NoError(t, err)
	}
	path := filepath.Join(t.TempDir(), beaconkey.FileName)
	require.NoError(t, ring.Save(path))
	_, err = beaconkey.Load(path)
	require.NoError(t, err)
	_, err = ring.Generate()
	require.ErrorIs(t, err, beaconkey.ErrFile)
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "good")
	var none *beaconkey.Ring
	ring, err := none.Generate()
	require.NoError(t, err)
	require.NoError(t, ring.Save(path))
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	seed, err := json.Marshal(ring.Newest().Seed())
	require.NoError(t, err)
	good := string(raw)

	for name, text := range map[string]string{
		"empty":             "",
		"no JSON":           "key",
		"other version":     strings.Replace(good, `"version": 1`, `"version": 2`, 1),
		"unknown field":     strings.Replace(good, `"version"`, `"more": 1, "version"`, 1),
		"no keys":           `{"version":1,"keys":[]}`,
		"too large":         good + strings.Repeat(" ", 16<<10),
		"another's private": strings.Replace(good, string(seed), `"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`, 1),
		"short private":     strings.Replace(good, string(seed), `"AAAA"`, 1),
	} {
		bad := filepath.Join(dir, "bad")
		require.NoError(t, os.WriteFile(bad, []byte(text), 0o600))
		_, err := beaconkey.Load(bad)
		require.ErrorIs(t, err, beaconkey.ErrFile, name)
	}
}
