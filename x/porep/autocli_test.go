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
	for _, name := range []string{
		"params", "provider", "challenges", "units", "faults", "unit", "sector", "sectors", "seal-challenges", "pending-seals",
		"seal-votes", "demands", "unit-challenges",
	} {
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
	msg, ok := generate(t, "recover-faults", "sealed", "3", recovery("7"), recovery("8")).(*types.MsgRecoverFaults)
	require.True(t, ok)
	require.Equal(t, uint64(3), msg.Window)
	require.Equal(t, types.CLASS_SEALED, msg.Class)
	require.Equal(t, []types.UnitRecovery{{UnitId: 7, Proof: []byte{9, 9}}, {UnitId: 8, Proof: []byte{9, 9}}}, msg.Recoveries)
}

// Each of the other messages can be written on the command line.
func TestTxCommands(t *testing.T) {
	slice := filepath.Join(t.TempDir(), "slice.bin")
	require.NoError(t, os.WriteFile(slice, []byte{4, 5, 6}, 0o600))
	hash := bytes.Repeat([]byte{3}, 32)
	text := base64.StdEncoding.EncodeToString(hash)
	for _, tt := range []struct {
		args  []string
		check func(msg any)
	}{
		{[]string{"declare-faults", "sealed", "7", "8"}, func(msg any) {
			m := msg.(*types.MsgDeclareFaults)
			require.Equal(t, types.CLASS_SEALED, m.Class)
			require.Equal(t, []uint64{7, 8}, m.UnitIds)
		}},
		{[]string{"terminate-units", "open", "7"}, func(msg any) {
			m := msg.(*types.MsgTerminateUnits)
			require.Equal(t, types.CLASS_OPEN, m.Class)
			require.Equal(t, []uint64{7}, m.UnitIds)
		}},
		{[]string{"challenge", "7"}, func(msg any) { require.Equal(t, uint64(7), msg.(*types.MsgChallenge).UnitId) }},
		{[]string{"answer-challenge", "4", slice}, func(msg any) {
			require.Equal(t, uint64(4), msg.(*types.MsgAnswerChallenge).ChallengeId)
			require.Equal(t, []byte{4, 5, 6}, msg.(*types.MsgAnswerChallenge).Proof)
		}},
		{[]string{
			"precommit-sector", "1", "test-4-mib", "12", text, text,
			`{"deal_id":9,"replica_index":2,"start_node":64,"last_leaf":"` + text + `"}`,
		}, func(msg any) {
			m := msg.(*types.MsgPreCommitSector)
			require.Equal(t, types.SECTOR_CLASS_TEST_4MIB, m.Class)
			require.Equal(t, int64(12), m.TicketHeight)
			require.Equal(t, []types.PieceCommitment{{DealId: 9, ReplicaIndex: 2, StartNode: 64, LastLeaf: hash}}, m.Pieces)
			require.Equal(t, hash, m.CommRLast)
		}},
		{[]string{"prove-seal", "3", "bafkr4i", text, "360"}, func(msg any) {
			m := msg.(*types.MsgProveSeal)
			require.Equal(t, "bafkr4i", m.Records)
			require.Equal(t, hash, m.Root)
			require.Equal(t, uint64(360), m.LengthBytes)
		}},
		{[]string{"prove-seal-fraud", "3", "41", slice}, func(msg any) {
			require.Equal(t, uint32(41), msg.(*types.MsgProveSealFraud).Index)
			require.Equal(t, []byte{4, 5, 6}, msg.(*types.MsgProveSealFraud).Slice)
		}},
		{[]string{"demand-seal-record", "3", "41"}, func(msg any) {
			require.Equal(t, uint64(3), msg.(*types.MsgDemandSealRecord).SectorId)
		}},
		{[]string{"reveal-seal-record", "3", "41", slice}, func(msg any) {
			require.Equal(t, uint64(3), msg.(*types.MsgRevealSealRecord).SectorId)
		}},
	} {
		t.Run(tt.args[0], func(t *testing.T) { tt.check(generate(t, tt.args...)) })
	}
}
