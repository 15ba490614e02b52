package chain_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
)

// knownMnemonic and knownAddress are those of the first account of the well-known test wallet of Ethereum's development tools,
// 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266.
const knownMnemonic = "test test test test test test test test test test test junk"

var knownAddress = []byte{
	0xf3, 0x9f, 0xd6, 0xe5, 0x1a, 0xad, 0x88, 0xf6, 0xf4, 0xce, 0x6a, 0xb8, 0x82, 0x72, 0x79, 0xcf, 0xff, 0xb9, 0x22, 0x66,
}

func TestAMnemonicGivesTheAddressOfAnEthereumWallet(t *testing.T) {
	address, err := newKeyring(t).ImportKey("known", knownMnemonic)
	require.NoError(t, err)
	raw, err := chain.ParseAddress(address)
	require.NoError(t, err)
	require.Equal(t, knownAddress, raw)
}

func TestKeysAreKeptAndNeverOverwritten(t *testing.T) {
	keys := newKeyring(t)
	address, mnemonic, err := keys.NewKey("alice")
	require.NoError(t, err)
	again, err := keys.Address("alice")
	require.NoError(t, err)
	require.Equal(t, address, again)

	_, _, err = keys.NewKey("alice")
	require.ErrorIs(t, err, chain.ErrKeyExists)
	_, err = keys.ImportKey("alice", knownMnemonic)
	require.ErrorIs(t, err, chain.ErrKeyExists)
	_, err = keys.ImportKey("bob", "not a mnemonic")
	require.Error(t, err)
	names, err := keys.Names()
	require.NoError(t, err)
	require.Equal(t, []string{"alice"}, names)

	restored, err := newKeyring(t).ImportKey("other", mnemonic)
	require.NoError(t, err)
	require.Equal(t, address, restored)

	public, kind, err := keys.PublicKey("alice")
	require.NoError(t, err)
	require.Len(t, public, 33)
	require.Equal(t, "eth_secp256k1", kind)
}

func TestMissingKeysAndBackendsAreTold(t *testing.T) {
	keys := newKeyring(t)
	_, err := keys.Address("nobody")
	require.ErrorIs(t, err, chain.ErrNoKey)
	require.ErrorContains(t, err, "nobody")
	_, err = keys.Sign("nobody", []byte("x"))
	require.ErrorIs(t, err, chain.ErrNoKey)
	encoding, err := chain.NewEncoding()
	require.NoError(t, err)
	_, err = chain.OpenKeyring(t.TempDir(), "cloud", nil, encoding)
	require.ErrorIs(t, err, chain.ErrConfig)
}

func TestAddressesOfOtherChainsAreRefused(t *testing.T) {
	for _, text := range []string{"", "ipdm", "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a", "ipdmvaloper1qqqq"} {
		_, err := chain.ParseAddress(text)
		require.Error(t, err, text)
	}
}
