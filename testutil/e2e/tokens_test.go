//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"testing"
	"time"

	"github.com/cosmos/cosmos-sdk/types/bech32"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/ethereum/go-ethereum/common"
	"github.com/gagliardetto/solana-go/rpc"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/testutil/localnet"
	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	native = "aipdm"
	// patience is for what has to become final on another chain, and be attested.
	patience = 3 * time.Minute
)

// ipdms is a number of the chain's coins, in aipdm.
func ipdms(n int64) *big.Int { return new(big.Int).Mul(big.NewInt(n), big.NewInt(1e18)) }

func nativeAsset() wire.Hash { return wire.AssetID(0, wire.DenomToken(native)) }

// tokens is somebody on the chain, who is somebody on Ethereum as well.
type tokens struct {
	bridged
	user    *localnet.EthereumUser
	account localnet.KeyEndpoint
}

// somebody makes an account on the chain with 10,000 coins, and takes a numbered one on Ethereum.
func (b bridged) somebody(name string, number int) tokens {
	b.Helper()
	account, err := b.NewAccount(b.Context(), name, ipdms(10_000).String()+native)
	require.NoError(b, err)
	user, err := b.EthereumUser(b.Context(), number)
	require.NoError(b, err)
	b.Cleanup(user.Close)
	return tokens{b, user, account}
}

// TestOnOtherChains proves anchors and moves value between a real network, a real EVM and a real Solana VM, and compares the books of all
// three after each part.
func TestOnOtherChains(t *testing.T) {
	b := newBridged(t, "")
	alice, bob, carol := b.somebody("alice", 1), b.somebody("bob", 2), b.somebody("carol", 3)
	t.Run("at once", func(t *testing.T) {
		for name, run := range map[string]func(*testing.T){
			"anchors":                 b.anchors,
			"to Ethereum and back":    alice.outAndBack,
			"a token, and its limits": bob.foreign,
			"to Solana and back":      carol.toSolana,
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(t)
			})
		}
	})
	alice.conserved(t)
	t.Run("how long it takes", alice.howLong)
	t.Run("a pause, and no relayer for long", func(t *testing.T) {
		held := alice.pause(t, bob)
		alice.noRelayer(t, func() { held.released(t) })
	})
	alice.conserved(t)
}

func text(nonce uint64) string { return strconv.FormatUint(nonce, 10) }

// send sends value to another chain and returns the message's nonce.
func (x tokens) send(t *testing.T, domain int, to string, amount *big.Int, denom string, args ...string) uint64 {
	t.Helper()
	args = append([]string{"bridge", "send", strconv.Itoa(domain), to, amount.String() + denom}, args...)
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
	eventually(t, patience, func() error {
		err := x.Get(t.Context(), &status, "/ipdm/bridge/v1/status/"+id)
		if err == nil && status.State != state {
			err = fmt.Errorf("%s is %+v", id, status)
		}
		return err
	})
	require.NoError(t, x.Query(t.Context(), &status, "bridge", "status", id))
	require.Equal(t, state, status.State, "what the command says")
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

// conserved waits until nothing is on its way, and compares what of the chain's own is out with what is on the other chains.
func (x tokens) conserved(t *testing.T) {
	t.Helper()
	wallet, err := x.SolanaUser()
	require.NoError(t, err)
	defer wallet.Close()
	eventually(t, patience, func() error {
		supply, err := x.user.Supply(t.Context(), x.token(t, nativeAsset()))
		if err != nil {
			return err
		}
		if out := x.out(t, localnet.EthereumDomain); out.Cmp(supply) != 0 {
			return fmt.Errorf("%s are out on Ethereum, there are %s", out, supply)
		}
		units, err := wallet.Supply(t.Context(), nativeAsset())
		if err != nil {
			return err
		}
		there := new(big.Int).Mul(new(big.Int).SetUint64(units), big.NewInt(1e9))
		if out := x.out(t, localnet.SolanaDomain); out.Cmp(there) != 0 {
			return fmt.Errorf("%s are out on Solana, there are %s", out, there)
		}
		return nil
	})
	locked := new(big.Int).Add(x.out(t, localnet.EthereumDomain), x.out(t, localnet.SolanaDomain))
	module := authtypes.NewModuleAddress("bridge").String()
	held, err := x.Balance(t.Context(), module, native)
	require.NoError(t, err)
	require.Equal(t, locked, held, "what is out is locked here")
}

// out is how much of the chain's own is out on a domain.
func (x tokens) out(t *testing.T, domain int) *big.Int {
	t.Helper()
	var limits struct {
		Lanes []struct {
			Out string `json:"out"`
		} `json:"lanes"`
	}
	require.NoError(t, x.Get(t.Context(), &limits, fmt.Sprintf("/ipdm/bridge/v1/limits?domain=%d&denom=%s", domain, native)))
	out, ok := new(big.Int).SetString(limits.Lanes[0].Out, 10)
	require.True(t, ok)
	return out
}

// anchors: what is anchored is proven by the contract and the program.
func (b bridged) anchors(t *testing.T) {
	manifest := b.anchor(t, "proven on other chains")
	var record bindings.AnchorRecord
	eventually(t, patience, func() (err error) { record, err = b.ProveOnEthereum(t.Context(), manifest); return err })
	require.EqualValues(t, len("proven on other chains"), record.Size)
	require.EqualValues(t, 1, record.Version)
	require.False(t, record.Tombstoned)
	var value trie.Value
	eventually(t, patience, func() (err error) { value, err = b.ProveOnSolana(t.Context(), manifest); return err })
	require.EqualValues(t, record.Size, value.SizeBytes)
	require.Equal(t, record.ContentDigest, value.RootDigest)
}

// outAndBack: the chain's own coins are minted on Ethereum, and burned when they go back. What the gateway refuses comes back by itself.
func (x tokens) outAndBack(t *testing.T) {
	before := x.balance(t, native)
	nonce := x.send(t, localnet.EthereumDomain, x.user.Address.Hex(), ipdms(50), native)
	x.reaches(t, text(nonce), "delivered")
	require.Equal(t, ipdms(50), x.onEthereum(t, x.token(t, nativeAsset())))
	require.Equal(t, new(big.Int).Sub(before, ipdms(50)), x.balance(t, native))
	event, err := x.user.Send(t.Context(), nativeAsset(), ipdms(20), x.address(t))
	require.NoError(t, err)
	refused := x.send(t, localnet.EthereumDomain, x.token(t, nativeAsset()).Hex(), ipdms(7), native) // a token cannot hold itself
	x.reaches(t, "ethereum/"+text(event), "arrived")
	status := x.reaches(t, text(refused), "refused")
	require.Contains(t, status.Reason, "went back")
	require.Equal(t, ipdms(30), x.onEthereum(t, x.token(t, nativeAsset())))
	require.Equal(t, new(big.Int).Sub(before, ipdms(30)), x.balance(t, native))
}

// foreign: a token of Ethereum is locked there and made here, and the other way round. What is over a limit is not lost: both sides release
// the rest when it allows.
func (x tokens) foreign(t *testing.T) {
	const supply, limit, sent, back = 1_000_000, 300_000, 400_000, 350_000
	token, err := x.user.Mint(t.Context(), "USD", 6, big.NewInt(supply))
	require.NoError(t, err)
	party, err := wire.PartyOf(token.Bytes())
	require.NoError(t, err)
	asset := wire.AssetID(localnet.EthereumDomain, party)
	denom := "bridge/" + asset.String()[2:]
	require.NoError(t, x.Govern(t.Context(), "Let USD come from Ethereum", map[string]any{
		"@type": "/ipdm.bridge.v1.MsgRegisterAsset", "domain": localnet.EthereumDomain, "token": token.Hex(), "symbol": "USD", "decimals": 6,
	}, map[string]any{
		"@type": "/ipdm.bridge.v1.MsgSetLimits", "domain": localnet.EthereumDomain, "denom": denom,
		"there": strconv.Itoa(limit), "here": strconv.Itoa(limit), "window_seconds": localnet.WindowSeconds,
	}))
	var event uint64
	eventually(t, patience, func() (err error) {
		event, err = x.user.Send(t.Context(), asset, big.NewInt(sent), x.address(t)) // once the gateway has heard of it
		return err
	})
	status := x.reaches(t, "ethereum/"+text(event), "owed")
	require.Contains(t, status.NextAction, "redeem")
	require.EqualValues(t, limit, x.balance(t, denom).Int64())
	eventually(t, patience, func() error {
		_, _ = x.Tx(t.Context(), x.account, "bridge", "redeem", "1", text(event)) // refused while the window is full
		if got := x.balance(t, denom).Int64(); got != sent {
			return fmt.Errorf("%d of %d have arrived", got, sent)
		}
		return nil
	})
	require.EqualValues(t, supply-sent, x.onEthereum(t, token).Int64())

	args := []string{"bridge", "send", "1", x.user.Address.Hex(), strconv.Itoa(back) + denom}
	_, err = x.Tx(t.Context(), x.account, args...)
	require.ErrorContains(t, err, "--accept-delay sends")
	nonce := x.send(t, localnet.EthereumDomain, x.user.Address.Hex(), big.NewInt(back), denom, "--accept-delay")
	x.reaches(t, text(nonce), "delivered")
	owed, err := x.user.Owed(t.Context(), nonce)
	require.NoError(t, err)
	require.EqualValues(t, back-limit, owed.Int64())
	eventually(t, patience, func() error {
		_ = x.user.Claim(t.Context(), nonce) // it reverts while the window is full
		if got := x.onEthereum(t, token).Int64(); got != supply-sent+back {
			return fmt.Errorf("%d of %d are there", got, supply-sent+back)
		}
		return nil
	})
	require.EqualValues(t, sent-back, x.balance(t, denom).Int64())
}

// toSolana: the chain's own coins are minted on Solana, to a wallet that has no account for them, and burned when they go back.
func (x tokens) toSolana(t *testing.T) {
	wallet, err := x.SolanaUser()
	require.NoError(t, err)
	defer wallet.Close()
	before := x.balance(t, native)
	sent := x.send(t, localnet.SolanaDomain, wallet.Wallet.String(), ipdms(9), native)
	x.reaches(t, text(sent), "delivered")
	units, err := wallet.Units(t.Context(), nativeAsset())
	require.NoError(t, err)
	require.EqualValues(t, 9_000_000_000, units)
	event, err := wallet.Send(t.Context(), nativeAsset(), 4_000_000_000, x.address(t))
	require.NoError(t, err)
	x.reaches(t, "solana/"+text(event), "arrived")
	require.Equal(t, new(big.Int).Sub(before, ipdms(5)), x.balance(t, native))
}

// howLong tells how long the chain's newest checkpoint takes until it is accepted, from when the chain says that it is complete.
func (x tokens) howLong(t *testing.T) {
	wallet, err := x.SolanaUser()
	require.NoError(t, err)
	defer wallet.Close()
	var before, newest struct {
		Content struct {
			Height uint64 `json:"height,string"`
		} `json:"content"`
	}
	require.NoError(t, x.Get(t.Context(), &before, "/ipdm/bridge/v1/checkpoint"))
	x.anchor(t, "how long")
	eventually(t, patience, func() error {
		if err := x.Get(t.Context(), &newest, "/ipdm/bridge/v1/checkpoint"); err != nil || newest.Content.Height == before.Content.Height {
			return fmt.Errorf("the newest is of height %d: %w", newest.Content.Height, err)
		}
		return nil
	})
	complete := time.Now()
	_, first, err := x.user.LightClient(t.Context())
	require.NoError(t, err)
	var blocks uint64
	var onEthereum, confirmed, finalized time.Duration
	eventually(t, patience, func() error {
		since := time.Since(complete)
		height, block, err := x.user.LightClient(t.Context())
		if err == nil && height >= newest.Content.Height && onEthereum == 0 {
			onEthereum, blocks = since, block-first
		}
		for at, level := range map[*time.Duration]rpc.CommitmentType{&confirmed: rpc.CommitmentConfirmed, &finalized: rpc.CommitmentFinalized} {
			known, failure := wallet.LightClient(t.Context(), level)
			if err = errors.Join(err, failure); failure == nil && known >= newest.Content.Height && *at == 0 {
				*at = since
			}
		}
		if onEthereum == 0 || finalized == 0 || confirmed == 0 {
			return fmt.Errorf("height %d is not known everywhere: %w", newest.Content.Height, err)
		}
		return nil
	})
	t.Logf("accepted on Ethereum %d blocks (%s) after it was complete, on Solana confirmed after %s, final after %s, of slots of %s",
		blocks, onEthereum.Round(time.Millisecond), confirmed.Round(time.Millisecond), finalized.Round(time.Millisecond), localnet.SolanaSlotTime)
}

// noRelayer: for 1,000 blocks no relayer runs. What times out meanwhile comes back and can be delivered no more; what does not is delivered,
// and what was sent here arrives, once one runs again. Something else happens after the blocks.
func (x tokens) noRelayer(t *testing.T, meanwhile func()) {
	require.NoError(t, x.Bridge().Relayer.Kill())
	manifest := x.anchor(t, "anchored while no relayer runs")
	began, err := localnet.Height(t.Context(), x.Endpoints().Nodes[0].RPC)
	require.NoError(t, err)
	before, there := x.balance(t, native), x.onEthereum(t, x.token(t, nativeAsset()))
	lost := x.send(t, localnet.EthereumDomain, x.user.Address.Hex(), ipdms(3), native, "--timeout", "5s")
	kept := x.send(t, localnet.EthereumDomain, x.user.Address.Hex(), ipdms(4), native)
	event, err := x.user.Send(t.Context(), nativeAsset(), ipdms(1), x.address(t))
	require.NoError(t, err)
	x.reaches(t, "ethereum/"+text(event), "attested")
	status := x.reaches(t, text(lost), "expiring")
	require.Contains(t, status.NextAction, "refunded")
	_, err = x.Tx(t.Context(), x.account, "bridge", "refund", text(lost))
	require.ErrorContains(t, err, "can be delivered until", "an event is attested that nobody has handed in")
	eventually(t, patience, func() error {
		height, err := localnet.Height(t.Context(), x.Endpoints().Nodes[0].RPC)
		if err == nil && height < began+1_000 {
			err = fmt.Errorf("block %d of %d", height, began+1_000)
		}
		return err
	})
	meanwhile()
	x.requireBehind(t)
	_, err = x.ProveOnEthereum(t.Context(), manifest)
	require.ErrorIs(t, err, localnet.ErrNotProven)
	once := x.relayer(t, "once")
	require.Zero(t, once.code, once.stderr)
	_, err = x.ProveOnEthereum(t.Context(), manifest)
	require.NoError(t, err)
	_, err = x.ProveOnSolana(t.Context(), manifest)
	require.NoError(t, err)
	x.reaches(t, "ethereum/"+text(event), "arrived")
	status = x.reaches(t, text(lost), "timed-out")
	require.Contains(t, status.Reason, "went back", "nobody had to ask for it")
	require.NoError(t, x.Bridge().Relayer.Start())
	x.reaches(t, text(kept), "delivered")
	require.Equal(t, new(big.Int).Sub(before, ipdms(4-1)), x.balance(t, native), "less what was delivered, with what arrived")
	require.Equal(t, new(big.Int).Add(there, ipdms(4-1)), x.onEthereum(t, x.token(t, nativeAsset())))
}
