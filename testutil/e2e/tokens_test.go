//go:build e2e

package e2e

import (
	"fmt"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/cosmos/cosmos-sdk/types/bech32"
	"github.com/ethereum/go-ethereum/common"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/localnet"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const native = "aipdm"

// ipdms is a number of the chain's coins, in aipdm.
func ipdms(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(1e18)) }

func nativeAsset() wire.Hash { return wire.AssetID(0, wire.DenomToken(native)) }

// tokens is a network with a bridge, somebody on Ethereum, and the chain's coins that are out there.
type tokens struct {
	bridged
	user    *localnet.EthereumUser
	account localnet.KeyEndpoint
}

// TestTokensOnOtherChains moves value between a real network, a real EVM and a real Solana VM, and compares the books of all three after
// each part.
func TestTokensOnOtherChains(t *testing.T) {
	b := newBridged(t)
	user, err := b.EthereumUser(t.Context(), 1)
	require.NoError(t, err)
	t.Cleanup(user.Close)
	x := tokens{bridged: b, user: user, account: b.Endpoints().Client.Key}
	for _, part := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"out and back", x.outAndBack},
		{"a token of Ethereum", x.foreign},
		{"refused", x.refused},
		{"no relayer for long", x.noRelayer},
		{"over the limits", x.overTheLimits},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.run(t)
			x.conserved(t, native, nativeAsset())
		})
	}
}

// send sends value to Ethereum and returns the message's nonce.
func (x tokens) send(t *testing.T, to common.Address, amount *big.Int, denom string, args ...string) uint64 {
	t.Helper()
	args = append([]string{"bridge", "send", strconv.Itoa(localnet.EthereumDomain), to.Hex(), amount.String() + denom}, args...)
	sent, err := x.Tx(t.Context(), x.account, args...)
	require.NoError(t, err)
	nonce, err := strconv.ParseUint(sent.Attribute("ipdm.bridge.v1.EventMessageSent", "nonce"), 10, 64)
	require.NoError(t, err)
	return nonce
}

func (x tokens) address(t *testing.T) []byte {
	t.Helper()
	_, address, err := bech32.DecodeAndConvert(x.account.Address)
	require.NoError(t, err)
	return address
}

func (x tokens) balance(t *testing.T, denom string) *big.Int {
	t.Helper()
	amount, err := x.Balance(t.Context(), x.account.Address, denom)
	require.NoError(t, err)
	return amount
}

type bridgeStatus struct {
	State      string `json:"state"`
	Reason     string `json:"reason"`
	NextAction string `json:"next_action"`
	Who        string `json:"who"`
}

// reaches waits until something on its way is in a state.
func (x tokens) reaches(t *testing.T, id, state string) bridgeStatus {
	t.Helper()
	var status bridgeStatus
	eventually(t, time.Minute, func() error {
		err := x.Query(t.Context(), &status, "bridge", "status", id)
		if err == nil && status.State != state {
			err = fmt.Errorf("%s is %+v", id, status)
		}
		return err
	})
	return status
}

// token returns an asset's token on Ethereum.
func (x tokens) token(t *testing.T, asset wire.Hash) common.Address {
	t.Helper()
	token, err := x.user.Token(t.Context(), asset)
	require.NoError(t, err)
	require.NotZero(t, token)
	return token
}

func (x tokens) onEthereum(t *testing.T, token common.Address) *big.Int {
	t.Helper()
	balance, err := x.user.Balance(t.Context(), token, x.user.Address)
	require.NoError(t, err)
	return balance
}

// conserved waits until nothing is on its way between the chain and Ethereum, and compares what is out with what is there.
func (x tokens) conserved(t *testing.T, denom string, asset wire.Hash) {
	t.Helper()
	var limits struct {
		Lanes []struct {
			Out string `json:"out"`
		} `json:"lanes"`
	}
	eventually(t, time.Minute, func() error {
		if err := x.Query(t.Context(), &limits, "bridge", "limits", "--domain", strconv.Itoa(localnet.EthereumDomain), "--denom", denom); err != nil {
			return err
		}
		supply, err := x.user.Supply(t.Context(), x.token(t, asset))
		if err == nil && supply.String() != limits.Lanes[0].Out {
			err = fmt.Errorf("%s%s are out, there are %s on Ethereum", limits.Lanes[0].Out, denom, supply)
		}
		return err
	})
}

// outAndBack: the chain's own coins are minted on Ethereum, and burned when they go back.
func (x tokens) outAndBack(t *testing.T) {
	before := x.balance(t, native)
	nonce := x.send(t, x.user.Address, ipdms(50), native)
	x.reaches(t, strconv.FormatUint(nonce, 10), "delivered")
	require.Equal(t, ipdms(50), x.onEthereum(t, x.token(t, nativeAsset())))
	require.Equal(t, new(big.Int).Sub(before, ipdms(50)), x.balance(t, native))
	event, err := x.user.Send(t.Context(), nativeAsset(), ipdms(20), x.address(t))
	require.NoError(t, err)
	x.reaches(t, fmt.Sprintf("ethereum/%d", event), "arrived")
	require.Equal(t, ipdms(30), x.onEthereum(t, x.token(t, nativeAsset())))
	require.Equal(t, new(big.Int).Sub(before, ipdms(30)), x.balance(t, native))
}

// foreign: a token of Ethereum is locked there and made here, and the other way round.
func (x tokens) foreign(t *testing.T) {
	const supply, sent, back = 1_000_000, 400_000, 150_000
	token, err := x.user.Mint(t.Context(), "USD", 6, big.NewInt(supply))
	require.NoError(t, err)
	party, err := wire.PartyOf(token.Bytes())
	require.NoError(t, err)
	asset := wire.AssetID(localnet.EthereumDomain, party)
	denom := "bridge/" + asset.String()[2:]
	require.NoError(t, x.Govern(t.Context(), "Let USD come from Ethereum", map[string]any{
		"@type": "/ipdm.bridge.v1.MsgRegisterAsset", "domain": localnet.EthereumDomain, "token": token.Hex(), "symbol": "USD", "decimals": 6,
	}, map[string]any{
		"@type": "/ipdm.bridge.v1.MsgSetLimits", "domain": localnet.EthereumDomain, "denom": denom, "there": "1000000", "here": "1000000",
		"window_seconds": localnet.WindowSeconds,
	}))
	eventually(t, time.Minute, func() error {
		_, err := x.user.Send(t.Context(), asset, big.NewInt(sent), x.address(t)) // once the gateway has heard of it
		return err
	})
	eventually(t, time.Minute, func() error {
		if has := x.balance(t, denom); has.Int64() != sent {
			return fmt.Errorf("%s%s have arrived", has, denom)
		}
		return nil
	})
	require.EqualValues(t, supply-sent, x.onEthereum(t, token).Int64())
	nonce := x.send(t, x.user.Address, big.NewInt(back), denom)
	x.reaches(t, strconv.FormatUint(nonce, 10), "delivered")
	require.EqualValues(t, supply-sent+back, x.onEthereum(t, token).Int64())
	require.EqualValues(t, sent-back, x.balance(t, denom).Int64())
}

// refused: what a gateway refuses comes back by itself.
func (x tokens) refused(t *testing.T) {
	before := x.balance(t, native)
	nonce := x.send(t, x.token(t, nativeAsset()), ipdms(7), native) // a token cannot hold itself
	status := x.reaches(t, strconv.FormatUint(nonce, 10), "refused")
	require.Contains(t, status.Reason, "went back")
	require.Equal(t, before, x.balance(t, native))
}

// noRelayer: for 1,000 blocks no relayer runs. What times out meanwhile is refunded and can be delivered no more; what does not is delivered,
// and what was sent here arrives, once one runs again.
func (x tokens) noRelayer(t *testing.T) {
	require.NoError(t, x.Bridge().Relayer.Kill())
	began, err := localnet.Height(t.Context(), x.Endpoints().Nodes[0].RPC)
	require.NoError(t, err)
	before, there := x.balance(t, native), x.onEthereum(t, x.token(t, nativeAsset()))
	lost := x.send(t, x.user.Address, ipdms(3), native, "--timeout", "5s")
	kept := x.send(t, x.user.Address, ipdms(4), native)
	event, err := x.user.Send(t.Context(), nativeAsset(), ipdms(1), x.address(t))
	require.NoError(t, err)
	x.reaches(t, fmt.Sprintf("ethereum/%d", event), "attested")
	status := x.reaches(t, strconv.FormatUint(lost, 10), "expiring")
	require.Contains(t, status.NextAction, "refunded")
	_, err = x.Tx(t.Context(), x.account, "bridge", "refund", strconv.FormatUint(lost, 10))
	require.ErrorContains(t, err, "can be delivered until", "an event is attested that nobody has handed in")
	eventually(t, 3*time.Minute, func() error {
		height, err := localnet.Height(t.Context(), x.Endpoints().Nodes[0].RPC)
		if err == nil && height < began+1_000 {
			err = fmt.Errorf("block %d of %d", height, began+1_000)
		}
		return err
	})
	once := x.relayer("once")
	require.Zero(t, once.code, once.stderr)
	x.reaches(t, fmt.Sprintf("ethereum/%d", event), "arrived")
	x.reaches(t, strconv.FormatUint(lost, 10), "refundable")
	_, err = x.Tx(t.Context(), x.account, "bridge", "refund", strconv.FormatUint(lost, 10))
	require.NoError(t, err)
	require.NoError(t, x.Bridge().Relayer.Start())
	x.reaches(t, strconv.FormatUint(kept, 10), "delivered")
	require.Equal(t, new(big.Int).Sub(before, ipdms(4-1)), x.balance(t, native), "less what was delivered, with what arrived")
	require.Equal(t, new(big.Int).Add(there, ipdms(4-1)), x.onEthereum(t, x.token(t, nativeAsset())))
}

// overTheLimits: what is over a limit is not lost. Both sides release the rest when it allows.
func (x tokens) overTheLimits(t *testing.T) {
	here, before := x.account, x.onEthereum(t, x.token(t, nativeAsset()))
	sent := runProgram(t, x.Binary("ipdmd"), "tx", "bridge", "send", "1", x.user.Address.Hex(), ipdms(1_500).String()+native, "--from", here.Name,
		"--keyring-dir", here.KeyringDir, "--keyring-backend", here.KeyringBackend, "--chain-id", x.Endpoints().ChainID,
		"--node", x.Endpoints().Nodes[0].RPC, "--gas", "auto", "--yes")
	require.NotZero(t, sent.code)
	require.Contains(t, sent.stderr, "--accept-delay sends")
	nonce := x.send(t, x.user.Address, ipdms(1_500), native, "--accept-delay")
	x.reaches(t, strconv.FormatUint(nonce, 10), "delivered")
	owed, err := x.user.Owed(t.Context(), nonce)
	require.NoError(t, err)
	require.Positive(t, owed.Sign())
	eventually(t, 2*time.Minute, func() error {
		_ = x.user.Claim(t.Context(), nonce) // it reverts while the window is full
		if has := x.onEthereum(t, x.token(t, nativeAsset())); has.Cmp(new(big.Int).Add(before, ipdms(1_500))) != 0 {
			return fmt.Errorf("%s of %s and 1,500 IPDM are there", has, before)
		}
		return nil
	})

	has := x.balance(t, native)
	event, err := x.user.Send(t.Context(), nativeAsset(), ipdms(1_400), x.address(t))
	require.NoError(t, err)
	id := fmt.Sprintf("ethereum/%d", event)
	status := x.reaches(t, id, "owed")
	require.Contains(t, status.NextAction, "redeem")
	eventually(t, 2*time.Minute, func() error {
		_, _ = x.Tx(t.Context(), x.account, "bridge", "redeem", "1", strconv.FormatUint(event, 10)) // refused while the window is full
		if got := x.balance(t, native); got.Cmp(new(big.Int).Add(has, ipdms(1_400))) != 0 {
			return fmt.Errorf("%s of %s and 1,400 IPDM are here", got, has)
		}
		return nil
	})
	x.reaches(t, id, "arrived")
}
