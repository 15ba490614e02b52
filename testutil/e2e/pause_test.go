//go:build e2e

package e2e

import (
	"fmt"
	"math/big"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// held is value that pauses hold back: of messages on Ethereum and on Solana, and of an event here.
type held struct {
	tokens
	wallet                  *localnet.SolanaUser
	ethereum, solana, event uint64 // their nonces
}

// pause has the guardians of all three hold back the release of value. What arrives then is taken and owed, whoever asks for it. The guardian
// of Ethereum pauses, and the value is somebody else's.
func (x tokens) pause(t *testing.T, somebody tokens) held {
	require.ErrorContains(t, somebody.user.Pause(t.Context()), "revert", "not the guardian")
	_, err := x.Tx(t.Context(), somebody.account, "bridge", "pause")
	require.ErrorContains(t, err, "the guardian is")
	require.NoError(t, x.user.Pause(t.Context()))
	require.ErrorContains(t, x.user.Pause(t.Context()), "revert", "a cool-down")
	wallet, err := x.SolanaUser()
	require.NoError(t, err)
	t.Cleanup(wallet.Close)
	require.NoError(t, wallet.Pause(t.Context()))
	require.ErrorContains(t, wallet.Pause(t.Context()), "cool-down")
	faucet := x.Endpoints().FaucetKey
	_, err = x.Tx(t.Context(), faucet, "bridge", "pause")
	require.NoError(t, err)
	_, err = x.Tx(t.Context(), faucet, "bridge", "pause")
	require.ErrorContains(t, err, "the next one may begin at")

	h := held{tokens: somebody, wallet: wallet}
	h.ethereum = somebody.send(t, localnet.EthereumDomain, somebody.user.Address.Hex(), ipdms(6), native)
	h.solana = somebody.send(t, localnet.SolanaDomain, wallet.Wallet.String(), ipdms(5), native)
	h.event, err = x.user.Send(t.Context(), nativeAsset(), ipdms(2), somebody.address(t))
	require.NoError(t, err)
	h.reaches(t, text(h.ethereum), "delivered")
	owed, err := h.user.Owed(t.Context(), h.ethereum)
	require.NoError(t, err)
	require.Equal(t, ipdms(6), owed)
	require.ErrorContains(t, h.user.Claim(t.Context(), h.ethereum), "revert")
	h.reaches(t, text(h.solana), "delivered")
	units, err := wallet.Owed(t.Context(), h.solana)
	require.NoError(t, err)
	require.EqualValues(t, 5_000_000_000, units)
	require.ErrorContains(t, wallet.Claim(t.Context(), h.solana), "paused")
	status := h.reaches(t, "ethereum/"+text(h.event), "owed")
	require.Contains(t, status.Reason, "pause")
	require.ErrorContains(t, h.redeem(t), "pause")
	return h
}

func (h held) redeem(t *testing.T) error {
	_, err := h.Tx(t.Context(), h.account, "bridge", "redeem", strconv.Itoa(localnet.EthereumDomain), text(h.event))
	return err
}

// released: the pauses end by themselves, and what was held back is released in full.
func (h held) released(t *testing.T) {
	here, there := h.balance(t, native), h.onEthereum(t, h.token(t, nativeAsset()))
	before, err := h.wallet.Units(t.Context(), nativeAsset())
	require.NoError(t, err)
	eventually(t, patience, func() error { return h.user.Claim(t.Context(), h.ethereum) })
	eventually(t, patience, func() error { return h.wallet.Claim(t.Context(), h.solana) })
	eventually(t, patience, func() error { return h.redeem(t) })
	require.Equal(t, new(big.Int).Add(there, ipdms(6)), h.onEthereum(t, h.token(t, nativeAsset())))
	require.Equal(t, new(big.Int).Add(here, ipdms(2)), h.balance(t, native))
	h.reaches(t, "ethereum/"+text(h.event), "arrived")
	eventually(t, patience, func() error {
		units, err := h.wallet.Units(t.Context(), nativeAsset())
		if err == nil && units != before+5_000_000_000 {
			err = fmt.Errorf("%d units, before the pause %d", units, before)
		}
		return err
	})
}
