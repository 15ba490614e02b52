package chain_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/testutil/fakechain"
)

// fixture is a chain with one funded key, and a client of it.
type fixture struct {
	chain  *fakechain.Chain
	node   *fakechain.Node
	client *chain.Client
	keys   *chain.Keyring
	signer *chain.Signer
}

const funds = 1_000_000

func newFixture(t *testing.T) *fixture {
	t.Helper()
	keys := newKeyring(t)
	address, _, err := keys.NewKey("alice")
	require.NoError(t, err)
	c := fakechain.New(t, fakechain.Options{Funds: map[string]sdkmath.Int{address: sdkmath.NewInt(funds)}})
	node := c.Node(t)
	client := newClient(t, c.ChainID(), node.Addr())
	signer, err := chain.NewSigner(client, keys, "alice")
	require.NoError(t, err)
	require.Equal(t, address, signer.Address())
	return &fixture{c, node, client, keys, signer}
}

func newKeyring(t *testing.T) *chain.Keyring {
	t.Helper()
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	keys, err := chain.OpenKeyring(t.TempDir(), "test", nil, encoding)
	require.NoError(t, err)
	return keys
}

func newClient(t *testing.T, chainID string, endpoints ...string) *chain.Client {
	t.Helper()
	cfg := chain.DefaultConfig(chainID, endpoints...)
	cfg.PollInterval = time.Millisecond
	client, err := chain.New(cfg, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

// send is a message that moves amount from the signer to another account.
func (f *fixture) send(t *testing.T, amount int64) sdk.Msg {
	t.Helper()
	to, err := chain.FormatAddress(make([]byte, 20))
	require.NoError(t, err)
	return &banktypes.MsgSend{
		FromAddress: f.signer.Address(), ToAddress: to,
		Amount: sdk.NewCoins(sdk.NewInt64Coin(chain.BaseDenom, amount)),
	}
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}
