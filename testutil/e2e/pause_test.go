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

// held is value that pauses hold back: that of a message on Ethereum, that of an event on the chain.
type held struct {
	tokens
	nonce, event uint64
}

// pause has the guardians of Ethereum and of the chain hold back the release of value. What arrives then is taken and owed, whoever asks for
// it. The one who pauses is Ethereum's guardian, the one whose value it is somebody else.
func (x tokens) pause(t *testing.T, somebody tokens) held {
	require.ErrorContains(t, somebody.user.Pause(t.Context()), "revert", "not the guardian")
	_, err := x.Tx(t.Context(), somebody.account, "bridge", "pause")
	require.ErrorContains(t, err, "the guardian is")
	require.NoError(t, x.user.Pause(t.Context()))
	_, err = x.Tx(t.Context(), x.Endpoints().FaucetKey, "bridge", "pause")
	require.NoError(t, err)
	_, err = x.Tx(t.Context(), x.Endpoints().FaucetKey, "bridge", "pause")
	require.ErrorContains(t, err, "the next one may begin at")

	nonce := somebody.send(t, somebody.user.Address, ipdms(6), native)
	event, err := x.user.Send(t.Context(), nativeAsset(), ipdms(2), somebody.address(t))
	require.NoError(t, err)
	h := held{somebody, nonce, event}
	h.reaches(t, strconv.FormatUint(nonce, 10), "delivered")
	owed, err := h.user.Owed(t.Context(), nonce)
	require.NoError(t, err)
	require.Equal(t, ipdms(6), owed)
	require.ErrorContains(t, h.user.Claim(t.Context(), nonce), "revert")
	status := h.reaches(t, fmt.Sprintf("ethereum/%d", event), "owed")
	require.Contains(t, status.Reason, "pause")
	require.ErrorContains(t, h.redeem(t), "pause")
	return h
}

func (h held) redeem(t *testing.T) error {
	_, err := h.Tx(t.Context(), h.account, "bridge", "redeem", strconv.Itoa(localnet.EthereumDomain), strconv.FormatUint(h.event, 10))
	return err
}

// released: the pauses end by themselves, and what was held back is released in full.
func (h held) released(t *testing.T) {
	here, there := h.balance(t, native), h.onEthereum(t, h.token(t, nativeAsset()))
	eventually(t, patience, func() error { return h.user.Claim(t.Context(), h.nonce) })
	eventually(t, patience, func() error { return h.redeem(t) })
	require.Equal(t, new(big.Int).Add(there, ipdms(6)), h.onEthereum(t, h.token(t, nativeAsset())))
	require.Equal(t, new(big.Int).Add(here, ipdms(2)), h.balance(t, native))
	h.reaches(t, fmt.Sprintf("ethereum/%d", h.event), "arrived")
}
