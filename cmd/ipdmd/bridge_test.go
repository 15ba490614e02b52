package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/bridgesign"
	"github.com/ipdm-network/ipdm/app/keyfile"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func TestBridgeKeyCommands(t *testing.T) {
	home := t.TempDir()
	_, err := run(t, "bridge", "show-key", "--home", home)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = run(t, "init", "me", "--chain-id", "one-1", "--home", home)
	require.NoError(t, err)
	info, err := os.Stat(bridgesign.Path(home))
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	show := func() bridgeKeyText {
		out, err := run(t, "bridge", "show-key", "--home", home)
		require.NoError(t, err)
		var text bridgeKeyText
		require.NoError(t, json.Unmarshal([]byte(out), &text))
		return text
	}
	first := show()
	consensus, err := sdk.ConsAddressFromBech32(first.ConsensusAddress)
	require.NoError(t, err)
	possession, err := hex.DecodeString(first.Possession)
	require.NoError(t, err)
	signer, err := wire.Signature(possession).Signer(wire.PossessionDigest("one-1", consensus))
	require.NoError(t, err)
	require.Equal(t, "0x"+first.Address, signer.String())

	made, err := run(t, "bridge", "gen-key", "--home", home)
	require.NoError(t, err)
	second := show()
	require.Equal(t, strings.TrimSpace(made), "0x"+second.Address)
	require.NotEqual(t, first.Address, second.Address)
	keys, err := keyfile.Load(bridgesign.Path(home))
	require.NoError(t, err)
	require.Len(t, keys, 2, "the older key stays while it is in the signer set")

	line, err := run(t, "bridge", "register-command", "--home", home)
	require.NoError(t, err)
	require.Equal(t, "ipdmd tx bridge set-signer-key "+second.Address+" "+second.Possession+
		" --chain-id one-1 --from OPERATOR_KEY\n", line)

	require.NoError(t, os.WriteFile(bridgesign.Path(home), []byte("{}"), 0o600))
	for _, sub := range []string{"show-key", "gen-key", "register-command"} {
		_, err = run(t, "bridge", sub, "--home", home)
		require.ErrorIs(t, err, keyfile.ErrFile, sub)
	}
}

func TestEnsureBridgeKeyLeavesAKeyAlone(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, "config"), 0o755))
	var out bytes.Buffer
	require.NoError(t, bridgeKind.ensure(home, &out))
	require.Contains(t, out.String(), "register-command")
	before, err := os.ReadFile(bridgesign.Path(home))
	require.NoError(t, err)
	out.Reset()
	require.NoError(t, bridgeKind.ensure(home, &out))
	after, err := os.ReadFile(bridgesign.Path(home))
	require.NoError(t, err)
	require.Equal(t, before, after)
	require.Empty(t, out.String())
}
