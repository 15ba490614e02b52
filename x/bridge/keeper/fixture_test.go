package keeper_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/bridge/keeper"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	sampleChain = "ipdm-test-1"
	authority   = "authority"
)

var (
	operators = addresscodec.NewBech32Codec("ipdmvaloper")
	consensus = addresscodec.NewBech32Codec("ipdmvalcons")
	accounts  = addresscodec.NewBech32Codec("ipdm")
	start     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// staking has bonded validators by number.
type staking struct {
	validators map[byte]stakingtypes.Validator
	powers     map[byte]int64
}

func (s *staking) GetValidator(_ context.Context, operator sdk.ValAddress) (stakingtypes.Validator, error) {
	for _, v := range s.validators {
		if text, err := operators.BytesToString(operator); err == nil && v.OperatorAddress == text {
			return v, nil
		}
	}
	return stakingtypes.Validator{}, stakingtypes.ErrNoValidatorFound
}

func (s *staking) IterateBondedValidatorsByPower(_ context.Context, each func(int64, stakingtypes.ValidatorI) bool) error {
	numbers := slices.SortedFunc(maps.Keys(s.powers), func(a, b byte) int { return int(s.powers[b] - s.powers[a]) })
	for i, n := range numbers {
		v := s.validators[n]
		v.Status, v.Tokens = stakingtypes.Bonded, sdkmath.NewInt(s.powers[n]*1_000)
		if each(int64(i), v) {
			break
		}
	}
	return nil
}

func (*staking) PowerReduction(context.Context) sdkmath.Int { return sdkmath.NewInt(1_000) }

// punished notes who is punished.
type punished struct {
	jailed     []string
	tombstoned []string
	beyond     bool // out of reach
	inactive   map[string]bool
	heights    []int64 // from which stake is slashed
	staking    *staking
}

func (p *punished) Active(_ context.Context, address sdk.ConsAddress) (bool, error) {
	return !p.inactive[string(address)], nil
}

func (p *punished) Jail(_ context.Context, address sdk.ConsAddress) error {
	p.jailed = append(p.jailed, string(address))
	return nil
}

func (p *punished) Tombstone(_ context.Context, address sdk.ConsAddress, height, _ int64, _ uint32) (bool, error) {
	p.heights = append(p.heights, height)
	if !p.beyond {
		p.tombstoned = append(p.tombstoned, string(address))
	}
	return !p.beyond, nil
}

func (p *punished) TotalPower(context.Context) (int64, error) {
	var sum int64
	for _, power := range p.staking.powers {
		sum += power
	}
	return sum, nil
}

func (p *punished) Power(_ context.Context, address sdk.ConsAddress) (int64, error) {
	for n, power := range p.staking.powers {
		if bytes.Equal(address, consensusAddress(n)) {
			return power, nil
		}
	}
	return 0, nil
}

// anchors has a root that a test sets.
type anchors struct{ root trie.Root }

func (a *anchors) AnchorRoot(context.Context) (trie.Root, error) { return a.root, nil }

// fixture is a keeper on a chain whose blocks it makes, one a second.
type fixture struct {
	testing.TB
	*keeper.Keeper
	ctx      sdk.Context
	msgs     types.MsgServer
	query    types.QueryServer
	staking  *staking
	anchors  *anchors
	punished *punished
	bank     *bank
	keys     map[wire.Address]*ecdsa.PrivateKey
}

func testParams() types.Params {
	return types.Params{
		CheckpointBlocks: 5, Heartbeat: 100 * time.Second, RotationBps: 500, MaxEpoch: 1000 * time.Second, RetainedCheckpoints: 10,
		EvidenceMaxAge: 300 * time.Second, EquivocationSlashBps: 500, MaxMissed: 5,
		PausePeriod: time.Minute, PauseCooldown: time.Minute, MessageTimeout: time.Minute,
	}
}

// newFixture makes a chain at height 1, or above the newest checkpoint, whose validators, numbered from 1, have powers and keys.
func newFixture(t testing.TB, gs *types.GenesisState, powers ...int64) *fixture {
	t.Helper()
	return newFixtureWith(t, newBank(), gs, powers...)
}

// newFixtureWith is newFixture with balances that there are already.
func newFixtureWith(t testing.TB, balances *bank, gs *types.GenesisState, powers ...int64) *fixture {
	t.Helper()
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	key := storetypes.NewKVStoreKey(types.StoreKey)
	tc := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient"))
	f := &fixture{
		TB: t, punished: &punished{inactive: map[string]bool{}}, anchors: &anchors{root: trie.EmptyRoot}, keys: map[wire.Address]*ecdsa.PrivateKey{},
		staking: &staking{validators: map[byte]stakingtypes.Validator{}, powers: map[byte]int64{}}, bank: balances,
	}
	f.punished.staking = f.staking
	var err error
	f.Keeper, err = keeper.New(codec.NewProtoCodec(registry), runtime.NewKVStoreService(key),
		keeper.Deps{Staking: f.staking, Validators: f.punished, Anchors: f.anchors, Bank: f.bank},
		keeper.Addresses{Operators: operators, Consensus: consensus, Accounts: accounts}, authority)
	require.NoError(t, err)
	f.msgs, f.query = keeper.NewMsgServer(f.Keeper), keeper.NewQueryServer(f.Keeper)
	f.ctx = tc.Ctx.WithChainID(sampleChain).WithBlockHeight(1).WithBlockTime(start)
	if n := len(gs.Checkpoints); n > 0 {
		newest, err := gs.Checkpoints[n-1].Decode()
		require.NoError(t, err)
		f.ctx = f.ctx.WithBlockHeight(int64(newest.Height) + 1)
	}
	require.NoError(t, f.InitGenesis(f.ctx, *gs))
	for i, power := range powers {
		f.bond(byte(i+1), power)
		require.NoError(t, f.setKey(byte(i+1), 0))
	}
	return f
}

// newChain is newFixture without a past.
func newChain(t testing.TB, powers ...int64) *fixture {
	t.Helper()
	return newFixture(t, &types.GenesisState{Params: testParams()}, powers...)
}

func consensusKey(n byte) *ed25519.PubKey {
	return ed25519.GenPrivKeyFromSecret([]byte{n}).PubKey().(*ed25519.PubKey)
}

func consensusAddress(n byte) []byte { return consensusKey(n).Address() }

func operator(t testing.TB, n byte) string {
	text, err := operators.BytesToString(bytes.Repeat([]byte{n}, 20))
	require.NoError(t, err)
	return text
}

// bond makes a validator, or gives it another power. A power of 0 unbonds it.
func (f *fixture) bond(n byte, power int64) {
	packed, err := codectypes.NewAnyWithValue(consensusKey(n))
	require.NoError(f, err)
	f.staking.validators[n] = stakingtypes.Validator{OperatorAddress: operator(f, n), ConsensusPubkey: packed}
	f.staking.powers[n] = power
	if power == 0 {
		delete(f.staking.powers, n)
	}
}

// signerKey is the key of a validator; each has as many as it likes.
func (f *fixture) signerKey(n byte, which int) *ecdsa.PrivateKey {
	secret := wire.Sum([]byte(fmt.Sprintf("signer %d %d", n, which)))
	key, err := crypto.ToECDSA(secret[:])
	require.NoError(f, err)
	f.keys[wire.AddressOf(&key.PublicKey)] = key
	return key
}

func (f *fixture) keyOf(s types.Signer) *ecdsa.PrivateKey {
	address, err := wire.ParseAddress(s.Address)
	require.NoError(f, err)
	return f.keys[address]
}

func (f *fixture) setKey(n byte, which int) error {
	key := f.signerKey(n, which)
	address := wire.AddressOf(&key.PublicKey)
	possession, err := wire.Sign(wire.PossessionDigest(sampleChain, consensusAddress(n)), key)
	require.NoError(f, err)
	_, err = f.msgs.SetSignerKey(f.ctx, &types.MsgSetSignerKey{Validator: operator(f, n), Address: address[:], Possession: possession[:]})
	return err
}

// block ends the block and begins the next.
func (f *fixture) block() {
	f.Helper()
	require.NoError(f, f.EndBlock(f.ctx))
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(f.ctx.BlockTime().Add(time.Second))
}

// blocks ends that many.
func (f *fixture) blocks(n int) {
	f.Helper()
	for range n {
		f.block()
	}
}

func (f *fixture) pending() (types.Checkpoint, wire.Checkpoint) {
	f.Helper()
	require.False(f, f.idle(), "no checkpoint waits")
	c, _, err := f.Newest(f.ctx)
	require.NoError(f, err)
	content, err := c.Decode()
	require.NoError(f, err)
	return c, content
}

func (f *fixture) idle() bool {
	c, there, err := f.Newest(f.ctx)
	require.NoError(f, err)
	done, err := f.Checkpoint(f.ctx, 0)
	return !there || err == nil && done.Sequence == c.Sequence
}

// sign has members of the signer set of the pending checkpoint sign it, by their places.
func (f *fixture) sign(members ...int) {
	f.Helper()
	c, content := f.pending()
	epoch, err := f.Epoch(f.ctx, content.Epoch)
	require.NoError(f, err)
	for _, i := range members {
		signature, err := wire.Sign(content.Digest(), f.keyOf(epoch.Signers[i]))
		require.NoError(f, err)
		require.NoError(f, f.Sign(f.ctx, c.Sequence, signature))
	}
}

// signAll has the whole signer set sign the pending checkpoint, and the block end that completes it.
func (f *fixture) signAll() {
	f.Helper()
	_, content := f.pending()
	epoch, err := f.Epoch(f.ctx, content.Epoch)
	require.NoError(f, err)
	for i := range epoch.Signers {
		f.sign(i)
	}
	f.block()
	require.True(f, f.idle())
	require.NoError(f, f.CheckInvariants(f.ctx))
}

// untilPending makes blocks until a checkpoint waits.
func (f *fixture) untilPending(atMost int) wire.Checkpoint {
	f.Helper()
	for range atMost {
		if !f.idle() {
			break
		}
		f.block()
	}
	_, content := f.pending()
	return content
}
