package solana

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
)

func TestNewRefuses(t *testing.T) {
	good := Config{URLs: []string{"http://127.0.0.1:8899"}, Program: newKey(t).PublicKey(), Payer: newKey(t)}
	client, err := New(good)
	require.NoError(t, err)
	require.Equal(t, "solana", client.Name())
	for name, change := range map[string]func(*Config){
		"no URL":        func(c *Config) { c.URLs = nil },
		"not a URL":     func(c *Config) { c.URLs = []string{"http://127.0.0.1:1", "%secret"} },
		"not HTTP":      func(c *Config) { c.URLs = []string{"ws://secret"} },
		"no program":    func(c *Config) { c.Program = solanago.PublicKey{} },
		"no payer":      func(c *Config) { c.Payer = nil },
		"no public key": func(c *Config) { c.Payer = c.Payer[:32] },
	} {
		bad := good
		change(&bad)
		_, err := New(bad)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "secret", name)
	}
}

func TestNewReaderNeedsNoPayer(t *testing.T) {
	reader, err := NewReader(ReaderConfig{Name: "other", URLs: []string{"http://127.0.0.1:8899"}, Program: newKey(t).PublicKey()})
	require.NoError(t, err)
	require.Equal(t, "other", reader.Name())
	_, err = NewReader(ReaderConfig{})
	require.Error(t, err)
}

func TestLoadKey(t *testing.T) {
	key := newKey(t)
	write := func(content any, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "key.json")
		raw, err := json.Marshal(content)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, raw, mode))
		return path
	}
	numbers := func(raw []byte) (out []int) {
		for _, b := range raw {
			out = append(out, int(b))
		}
		return out
	}
	loaded, err := LoadKey(write(numbers(key), 0o600))
	require.NoError(t, err)
	require.Equal(t, key, loaded)

	_, err = LoadKey(write(numbers(key), 0o640))
	require.ErrorContains(t, err, "chmod 600")
	_, err = LoadKey("missing.json")
	require.ErrorIs(t, err, os.ErrNotExist)
	mixed := append(append([]byte{}, key[:32]...), newKey(t)[32:]...)
	for name, content := range map[string]any{
		"too short":          numbers(key[:32]),
		"not bytes":          []int{1000},
		"text":               key.String(),
		"another public key": numbers(mixed),
		"empty":              nil,
		"endless":            make([]int, 10_000),
	} {
		_, err := LoadKey(write(content, 0o600))
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), key.String(), name)
	}
}
