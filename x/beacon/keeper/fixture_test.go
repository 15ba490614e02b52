package keeper_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

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

	"github.com/ipdm-network/ipdm/x/beacon/keeper"
	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

const (
	sampleChain = "ipdm-test-1"
	authority   = "authority"
)

var (
	operators = addresscodec.NewBech32Codec("ipdmvaloper")
	consensus = addresscodec.NewBech32Codec("ipdmvalcons")
)

// validator is one with both of its keys.
type validator struct {
	operator  string
	address   []byte // consensus address
	text      string // the same in bech32
	consensus *ed25519.PubKey
	key       vrf.PrivateKey
}

// staking knows validators by operator.
type staking map[string]stakingtypes.Validator

func (s staking) GetValidator(_ context.Context, operator sdk.ValAddress) (stakingtypes.Validator, error) {
	v, ok := s[string(operator)]
	if !ok {
		return stakingtypes.Validator{}, stakingtypes.ErrNoValidatorFound
	}
	return v, nil
}

// fixture is a keeper on a chain whose blocks it makes.
type fixture struct {
	testing.TB
	*keeper.Keeper
	ctx     sdk.Context
	staking staking
	height  int64
}

// newFixture makes a chain that begins with the given genesis at the given height.
func newFixture(t testing.TB, gs *types.GenesisState, initialHeight int64) *fixture {
	t.Helper()
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	key := storetypes.NewKVStoreKey(types.StoreKey)
	tc := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient"))
	f := &fixture{TB: t, staking: staking{}, height: initialHeight - 1}
	var err error
	f.Keeper, err = keeper.New(codec.NewProtoCodec(registry), runtime.NewKVStoreService(key), f.staking, operators, consensus, authority)
	require.NoError(t, err)
	f.ctx = tc.Ctx.WithChainID(sampleChain)
	if initialHeight > 1 {
		f.ctx = f.ctx.WithBlockHeight(initialHeight)
	}
	require.NoError(t, f.InitGenesis(f.ctx, *gs))
	return f
}

// newChain makes a chain with short epochs and history.
func newChain(t testing.TB, keys ...types.Key) *fixture {
	t.Helper()
	return newFixture(t, &types.GenesisState{Params: types.Params{KeyEpochBlocks: 10, HistoryBlocks: 100}, Keys: keys}, 1)
}

// validator makes a validator, and puts it into state.
func (f *fixture) validator(n byte) validator {
	f.Helper()
	v := newValidator(f, n)
	packed, err := codectypes.NewAnyWithValue(v.consensus)
	require.NoError(f, err)
	f.staking[string(bytes.Repeat([]byte{n}, 20))] = stakingtypes.Validator{OperatorAddress: v.operator, ConsensusPubkey: packed}
	return v
}

func newValidator(t testing.TB, n byte) validator {
	t.Helper()
	v := validator{consensus: ed25519.GenPrivKeyFromSecret([]byte{n}).PubKey().(*ed25519.PubKey)}
	v.address = v.consensus.Address()
	var err error
	v.operator, err = operators.BytesToString(bytes.Repeat([]byte{n}, 20))
	require.NoError(t, err)
	v.text, err = consensus.BytesToString(v.address)
	require.NoError(t, err)
	v.key = vrfKey(t, n)
	return v
}

func vrfKey(t testing.TB, n byte) vrf.PrivateKey {
	t.Helper()
	key, err := vrf.NewPrivateKey(bytes.Repeat([]byte{n}, vrf.SeedSizeBytes))
	require.NoError(t, err)
	return key
}

// genesisKey is the validator's key as genesis has it.
func (v validator) genesisKey() types.Key {
	return types.Key{ConsensusAddress: v.text, PublicKey: v.key.Public()}
}

// prove makes a proof for the next block.
func (f *fixture) prove(key vrf.PrivateKey) []byte {
	f.Helper()
	alpha, err := f.Alpha(f.ctx, f.height+1)
	require.NoError(f, err)
	proof, err := key.Prove(alpha)
	require.NoError(f, err)
	return proof
}

// advance makes the next block, and returns the error of its PreBlock.
func (f *fixture) advance(proposer, proof []byte) error {
	f.Helper()
	ctx := f.ctx.WithBlockHeight(f.height + 1)
	checked := f.CheckProof(ctx, f.height+1, proposer, proof)
	err := f.Advance(ctx, f.height+1, proposer, proof)
	require.Equal(f, checked == nil, err == nil, "a proposal is judged by the rule of its block")
	if err == nil {
		f.height++
		f.ctx = ctx
	}
	return err
}

// skipTo makes blocks without proof up to the given height.
func (f *fixture) skipTo(height int64) {
	f.Helper()
	for f.height < height {
		require.NoError(f, f.advance([]byte("nobody"), nil))
	}
}

// setKey registers a key with a proof of possession by another, normally the same.
func (f *fixture) setKey(v validator, key, possessor vrf.PrivateKey) (int64, error) {
	f.Helper()
	possession, err := possessor.Prove(vrf.PossessionAlpha(sampleChain, v.address))
	require.NoError(f, err)
	resp, err := keeper.NewMsgServer(f.Keeper).SetBeaconKey(f.ctx, &types.MsgSetBeaconKey{
		Validator: v.operator, PublicKey: key.Public(), Possession: possession,
	})
	if err != nil {
		return 0, err
	}
	return resp.EffectiveHeight, nil
}
