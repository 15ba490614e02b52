package keeper_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/core/address"
	"github.com/cosmos/cosmos-sdk/codec"
	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/runtime"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	"github.com/cosmos/cosmos-sdk/testutil"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/porep/keeper"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

const chainID = "ipdm-test-1"

var (
	errHook  = errors.New("the listener is broken")
	errStore = errors.New("not in the store")
)

// recorder is a listener that writes down what it is told, and can be made to fail.
type recorder struct {
	calls []string
	fail  bool
	// do is run within each call.
	do func(ctx context.Context, hook string, unit types.Unit) error
	// causes are those of terminations, outcomes those of windows, challenger the last one that won.
	causes     []types.TerminationCause
	outcomes   []types.WindowOutcome
	challenger string
	// untold are the units of which a call failed.
	untold []types.Unit
}

func (r *recorder) note(ctx context.Context, hook string, unit types.Unit) error {
	if r.do != nil {
		if err := r.do(ctx, hook, unit); err != nil {
			return err
		}
	}
	if r.fail {
		return errHook
	}
	r.calls = append(r.calls, fmt.Sprintf("%s %d", hook, unit.Id))
	return nil
}

func (r *recorder) UnitActivated(ctx context.Context, u types.Unit) error {
	return r.note(ctx, "activated", u)
}

func (r *recorder) UnitFaulted(ctx context.Context, u types.Unit) error {
	return r.note(ctx, "faulted", u)
}

func (r *recorder) UnitRecovered(ctx context.Context, u types.Unit) error {
	return r.note(ctx, "recovered", u)
}

func (r *recorder) UnitReleased(ctx context.Context, u types.Unit) error {
	return r.note(ctx, "released", u)
}

func (r *recorder) UnitTerminated(ctx context.Context, u types.Unit, cause types.TerminationCause) error {
	r.causes = append(r.causes, cause)
	return r.note(ctx, "terminated", u)
}

func (r *recorder) ChallengeFailed(ctx context.Context, u types.Unit, challenger string) error {
	r.challenger = challenger
	return r.note(ctx, "challenge failed", u)
}

func (r *recorder) CallFailed(_ context.Context, u types.Unit, cause types.TerminationCause) error {
	r.untold = append(r.untold, u)
	if cause != types.TERMINATION_CAUSE_UNSPECIFIED {
		r.causes = append(r.causes, cause)
	}
	return nil
}

func (r *recorder) WindowClosed(_ context.Context, outcome types.WindowOutcome) error {
	r.outcomes = append(r.outcomes, outcome)
	return nil
}

// take returns what was told since the last take.
func (r *recorder) take() []string {
	calls := r.calls
	r.calls = nil
	return calls
}

// disk is a provider's store of encodings.
type disk struct {
	trees     map[format.Digest]*commitment.Tree
	encodings map[format.Digest][]byte
}

func (d *disk) Tree(_ context.Context, commD format.Digest) (*commitment.Tree, error) {
	if tree, ok := d.trees[commD]; ok {
		return tree, nil
	}
	return nil, errStore
}

func (d *disk) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	if b, ok := d.encodings[digest]; ok {
		return b, nil
	}
	return nil, errStore
}

// put stores a unit of encodings of the given sizes.
func (d *disk) put(t testing.TB, seed string, sizes ...int) *commitment.Tree {
	t.Helper()
	return d.fill(seed, sizes...)
}

func (d *disk) fill(seed string, sizes ...int) *commitment.Tree {
	var leaves []commitment.Leaf
	var offset uint64
	for i, size := range sizes {
		b := make([]byte, size)
		hash := sha256.Sum256(fmt.Appendf(nil, "%s/%d", seed, i))
		for j := range b {
			b[j] = hash[j%len(hash)] ^ byte(j/len(hash))
		}
		digest := format.Sum(b)
		d.encodings[digest] = b
		leaves = append(leaves, commitment.Leaf{Digest: digest, Offset: offset, Length: uint32(size)})
		offset += uint64(size)
	}
	tree, err := commitment.NewTree(leaves)
	must(err)
	d.trees[tree.CommD()] = tree
	return tree
}

// lose deletes all encodings of a unit.
func (d *disk) lose(t testing.TB, tree *commitment.Tree) {
	t.Helper()
	for i := range tree.LeafCount() {
		leaf, err := tree.Leaf(i)
		require.NoError(t, err)
		delete(d.encodings, leaf.Digest)
	}
}

// fixture is a chain with nothing but x/porep, whose time the test sets.
type fixture struct {
	testing.TB
	keeper    *keeper.Keeper
	msgs      types.MsgServer
	queries   types.QueryServer
	hooks     *recorder
	beacon    *beacon
	bank      *bank
	rewards   *rewards
	staking   *validators
	market    *market
	addresses address.Codec
	disk      *disk
	ctx       sdk.Context
	// commit writes the state to disk, as at the end of a block.
	commit func()
	deals  uint64
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newFixture starts a chain with the localnet's parameters, changed by edit.
func newFixture(t testing.TB, edits ...func(*types.Params)) *fixture {
	t.Helper()
	f := emptyFixture(t)
	gs := types.DefaultGenesis()
	gs.Params = types.LocalnetParams()
	for _, edit := range edits {
		edit(&gs.Params)
	}
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	return f
}

func emptyFixture(t testing.TB) *fixture {
	t.Helper()
	key := storetypes.NewKVStoreKey(types.StoreKey)
	tc := testutil.DefaultContextWithDB(t, key, storetypes.NewTransientStoreKey("transient"))
	f := &fixture{
		TB: t, hooks: &recorder{}, beacon: &beacon{}, addresses: addresscodec.NewBech32Codec("ipdm"),
		disk:   &disk{trees: map[format.Digest]*commitment.Tree{}, encodings: map[format.Digest][]byte{}},
		ctx:    tc.Ctx.WithBlockHeight(1).WithBlockTime(start).WithChainID(chainID),
		commit: func() { tc.CMS.Commit() },
	}
	f.bank = &bank{key: key}
	f.rewards = &rewards{bank: f.bank, bytes: map[string]uint64{}}
	f.staking = &validators{power: map[string]int64{}, punished: map[string]int{}}
	f.market = &market{assigned: map[replica]assignment{}, ended: map[uint64]bool{}}
	var err error
	f.keeper, err = keeper.New(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()), runtime.NewKVStoreService(key),
		f.addresses, keeper.Deps{
			Beacon: f.beacon, Bank: f.bank, Rewards: f.rewards, Validators: f.staking, Accounts: f.bank,
		}, f.address("authority"))
	require.NoError(t, err)
	f.keeper.SetHooks(f.hooks, f.market)
	f.msgs, f.queries = keeper.NewMsgServer(f.keeper), keeper.NewQueryServer(f.keeper)
	return f
}

func (f *fixture) address(name string) string {
	hash := sha256.Sum256([]byte(name))
	text, err := f.addresses.BytesToString(hash[:20])
	require.NoError(f, err)
	return text
}

// block executes the beginning of a block at the given time.
func (f *fixture) block(at time.Time) {
	f.Helper()
	f.ctx = f.ctx.WithBlockHeight(f.ctx.BlockHeight() + 1).WithBlockTime(at).WithEventManager(sdk.NewEventManager())
	require.NoError(f, f.keeper.BeginBlock(f.ctx))
	require.NoError(f, f.keeper.Invariants(f.ctx))
}

func (f *fixture) state(provider string) types.ProviderState {
	f.Helper()
	r, err := f.queries.Provider(f.ctx, &types.QueryProviderRequest{Provider: provider})
	require.NoError(f, err)
	return r.State
}

func (f *fixture) unit(id uint64) types.Unit {
	f.Helper()
	r, err := f.queries.Unit(f.ctx, &types.QueryUnitRequest{Id: id})
	require.NoError(f, err)
	return r.Unit
}

// add makes a provider prove a new unit of encodings of the given sizes.
func (f *fixture) add(provider string, sizes ...int) (uint64, *commitment.Tree) {
	f.Helper()
	f.deals++
	tree := f.disk.put(f, fmt.Sprintf("deal %d", f.deals), sizes...)
	id, err := f.keeper.AddUnit(f.ctx, f.newUnit(provider, tree))
	require.NoError(f, err)
	require.NoError(f, f.keeper.Invariants(f.ctx))
	return id, tree
}

func (f *fixture) newUnit(provider string, tree *commitment.Tree) types.NewUnit {
	commD := tree.CommD()
	return types.NewUnit{
		Provider: provider, Class: types.CLASS_OPEN, DealID: f.deals, ReplicaIndex: 1, CommD: commD[:], SizeBytes: tree.TotalLength(),
	}
}

// open goes to the next window of a provider, by the end of the one that is open.
func (f *fixture) open(provider string) types.Window {
	f.Helper()
	if f.state(provider).Window.Open {
		f.close(provider)
	}
	at := f.state(provider).NextOpenAt
	for f.ctx.BlockTime().Before(at.Add(-time.Second)) {
		f.block(f.ctx.BlockTime().Add(time.Second))
	}
	f.block(at)
	w := f.state(provider).Window
	require.True(f, w.Open)
	return w
}

// close goes to the end of the provider's open window.
func (f *fixture) close(provider string) types.ProviderState {
	f.Helper()
	f.block(*f.state(provider).Window.ClosesAt)
	require.False(f, f.state(provider).Window.Open)
	return f.state(provider)
}

// challenges returns what the open window asks for, as a provider reads it from the chain.
func (f *fixture) challenges(provider string) []proof.Challenge {
	f.Helper()
	r, err := f.queries.Challenges(f.ctx, &types.QueryChallengesRequest{Provider: provider})
	require.NoError(f, err)
	var challenges []proof.Challenge
	for _, c := range r.Challenges {
		challenges = append(challenges, proof.Challenge{CommD: format.Digest(c.CommD), TotalBytes: c.SizeBytes, Offset: c.Offset})
	}
	return challenges
}

// prove makes the proof of the provider's open window from its disk.
func (f *fixture) prove(provider string) *types.MsgSubmitWindowProof {
	f.Helper()
	w := f.state(provider).Window
	wp, _, err := proof.Prove(context.Background(), proof.ClassOpen, w.Index, f.challenges(provider), f.disk)
	require.NoError(f, err)
	b, err := wp.MarshalBinary()
	require.NoError(f, err)
	return &types.MsgSubmitWindowProof{Provider: provider, Class: types.CLASS_OPEN, Window: w.Index, Proof: b}
}

// recovery makes the proof that a unit is there again, in the provider's open window.
func (f *fixture) recovery(provider string, id uint64) types.UnitRecovery {
	f.Helper()
	w, unit := f.state(provider).Window, f.unit(id)
	params, err := f.keeper.Params(f.ctx)
	require.NoError(f, err)
	var challenges []proof.Challenge
	for _, offset := range proof.Offsets(proof.RecoverySeed([32]byte(w.Seed), id), params.RecoveryOpenings, unit.SizeBytes) {
		challenges = append(challenges, proof.Challenge{CommD: format.Digest(unit.CommD), TotalBytes: unit.SizeBytes, Offset: offset})
	}
	wp, _, err := proof.Prove(context.Background(), proof.ClassOpen, w.Index, challenges, f.disk)
	require.NoError(f, err)
	b, err := wp.MarshalBinary()
	require.NoError(f, err)
	return types.UnitRecovery{UnitId: id, Proof: b}
}

// submit executes a window proof as a transaction: it leaves nothing behind when it fails.
func (f *fixture) submit(msg *types.MsgSubmitWindowProof) (*types.MsgSubmitWindowProofResponse, error) {
	ctx, write := f.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).CacheContext()
	r, err := f.msgs.SubmitWindowProof(ctx, msg)
	if err == nil {
		write()
	}
	return r, err
}

// recoverFaults executes a recovery as a transaction.
func (f *fixture) recoverFaults(provider string, window uint64, recoveries ...types.UnitRecovery) error {
	ctx, write := f.ctx.CacheContext()
	_, err := f.msgs.RecoverFaults(ctx, &types.MsgRecoverFaults{Provider: provider, Class: types.CLASS_OPEN, Window: window, Recoveries: recoveries})
	if err == nil {
		write()
	}
	return err
}

// window opens the provider's next window, proves it from the disk, and closes it.
func (f *fixture) window(provider string) types.ProviderState {
	f.Helper()
	f.open(provider)
	_, err := f.submit(f.prove(provider))
	require.NoError(f, err)
	return f.close(provider)
}

// events returns the names of the typed events of the block so far.
func (f *fixture) events() map[string]int {
	counts := map[string]int{}
	for _, e := range f.ctx.EventManager().Events() {
		counts[e.Type]++
	}
	return counts
}
