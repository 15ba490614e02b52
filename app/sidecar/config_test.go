package sidecar_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cometbft/cometbft/privval"
	"github.com/spf13/viper"
	"github.com/stretchr/testify/require"

	"github.com/cosmos/cosmos-sdk/client/flags"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/sidecar"
)

func TestConfig(t *testing.T) {
	opts := viper.New()
	cfg, err := sidecar.ReadConfig(opts)
	require.NoError(t, err)
	require.Equal(t, sidecar.DefaultConfig(), cfg)

	opts.Set(sidecar.KeyAddress, "127.0.0.1:5001")
	opts.Set(sidecar.KeyTimeout, "2s")
	cfg, err = sidecar.ReadConfig(opts)
	require.NoError(t, err)
	require.Equal(t, sidecar.Config{Address: "127.0.0.1:5001", Timeout: 2 * time.Second}, cfg)

	for key, values := range map[string][]string{
		sidecar.KeyAddress:   {"127.0.0.1", "127.0.0.1:0", ":5001", "192.0.2.1:5001", "example.org:5001"},
		sidecar.KeyTimeout:   {"soon", "0s", "-1s", "11s"},
		sidecar.KeyValidator: {"x", "cosmos1"},
	} {
		for _, value := range values {
			opts := viper.New()
			opts.Set(key, value)
			_, err := sidecar.ReadConfig(opts)
			require.ErrorIs(t, err, sidecar.ErrConfig, "%s = %s", key, value)
		}
	}
}

func TestValidatorAddress(t *testing.T) {
	home := t.TempDir()
	opts := viper.New()
	opts.Set(flags.FlagHome, home)
	_, err := sidecar.DefaultConfig().ValidatorAddress(opts)
	require.ErrorIs(t, err, sidecar.ErrConfig, "there is no key")

	require.NoError(t, os.Mkdir(filepath.Join(home, "config"), 0o700))
	path := filepath.Join(home, "config", "priv_validator_key.json")
	for _, text := range []string{"", "{}", "no JSON"} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = sidecar.DefaultConfig().ValidatorAddress(opts)
		require.ErrorIs(t, err, sidecar.ErrConfig, "%q", text)
	}
	key := privval.GenFilePV(path, filepath.Join(home, "state.json"))
	key.Save()
	want := sdk.ConsAddress(key.GetAddress())
	got, err := sidecar.DefaultConfig().ValidatorAddress(opts)
	require.NoError(t, err)
	require.Equal(t, want, got)

	other := sdk.ConsAddress(make([]byte, 20))
	got, err = sidecar.Config{Validator: other.String()}.ValidatorAddress(opts)
	require.NoError(t, err)
	require.Equal(t, other, got)
}
