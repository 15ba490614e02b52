package porep_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"cosmossdk.io/client/v2/autocli"
	"cosmossdk.io/core/appmodule"
	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	"github.com/cosmos/cosmos-sdk/x/tx/signing"
	"github.com/cosmos/gogoproto/proto"
	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestMain(m *testing.M) {
	// The client reads --from with the prefix of the process.
	sdk.GetConfig().SetBech32PrefixForAccount("ipdm", "ipdmpub")
	os.Exit(m.Run())
}

// generate runs a tx command of the module and returns the message it would sign.
func generate(t *testing.T, args ...string) any {
	t.Helper()
	addresses := address.NewBech32Codec("ipdm")
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles:     proto.HybridResolver,
		SigningOptions: signing.Options{AddressCodec: addresses, ValidatorAddressCodec: address.NewBech32Codec("ipdmvaloper")},
	})
	require.NoError(t, err)
	types.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)
	txConfig := authtx.NewTxConfig(cdc, authtx.DefaultSignModes)
	sender, err := addresses.BytesToString(bytes.Repeat([]byte{7}, 20))
	require.NoError(t, err)

	var out bytes.Buffer
	clientCtx := client.Context{}.WithCodec(cdc).WithInterfaceRegistry(registry).WithTxConfig(txConfig).
		WithKeyring(keyring.NewInMemory(cdc)).WithOutput(&out).WithHomeDir(t.TempDir())
	root := &cobra.Command{Use: "ipdmd"}
	root.SetContext(context.WithValue(context.Background(), client.ClientContextKey, &clientCtx))
	am := porep.NewAppModule(nil)
	options := autocli.AppOptions{
		Modules:               map[string]appmodule.AppModule{types.ModuleName: am},
		AddressCodec:          addresses,
		ValidatorAddressCodec: address.NewBech32Codec("ipdmvaloper"),
		ConsensusAddressCodec: address.NewBech32Codec("ipdmvalcons"),
		ClientCtx:             clientCtx,
	}
	require.NoError(t, options.EnhanceRootCommand(root))
	for _, name := range []string{"params", "provider", "challenges", "units", "faults", "unit"} {
		found, _, err := root.Find([]string{"query", "porep", name})
		require.NoError(t, err)
		require.Equal(t, name, found.Name())
		require.NotEmpty(t, found.Example)
	}
	root.SetOut(&out)
	root.SetArgs(append(append([]string{"tx", "porep"}, args...),
		"--from", sender, "--generate-only", "--offline", "--account-number", "1", "--sequence", "1"))
	require.NoError(t, root.Execute(), out.String())
	tx, err := txConfig.TxJSONDecoder()(out.Bytes())
	require.NoError(t, err, out.String())
	require.Len(t, tx.GetMsgs(), 1)
	return tx.GetMsgs()[0]
}

func TestSubmitWindowProofCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "proof.bin")
	require.NoError(t, os.WriteFile(file, []byte{1, 2, 0, 255}, 0o600))
	msg, ok := generate(t, "submit-window-proof", "open", "12", file).(*types.MsgSubmitWindowProof)
	require.True(t, ok)
	require.NotEmpty(t, msg.Provider)
	require.Equal(t, types.CLASS_OPEN, msg.Class)
	require.Equal(t, uint64(12), msg.Window)
	require.Equal(t, []byte{1, 2, 0, 255}, msg.Proof)
}

func TestRecoverFaultsCommand(t *testing.T) {
	recovery := func(id string) string {
		return `{"unit_id":` + id + `,"proof":"` + base64.StdEncoding.EncodeToString([]byte{9, 9}) + `"}`
	}
	msg, ok := generate(t, "recover-faults", "3", recovery("7"), recovery("8")).(*types.MsgRecoverFaults)
	require.True(t, ok)
	require.Equal(t, uint64(3), msg.Window)
	require.Equal(t, []types.UnitRecovery{{UnitId: 7, Proof: []byte{9, 9}}, {UnitId: 8, Proof: []byte{9, 9}}}, msg.Recoveries)
}
