package keeper_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	sdkmath "cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/runtime"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/market/types"
	porepkeeper "github.com/ipdm-network/ipdm/x/porep/keeper"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// disk is a provider's store of the encodings of one layout.
type disk struct {
	tree      *commitment.Tree
	encodings map[format.Digest][]byte
}

func (d *disk) Tree(context.Context, format.Digest) (*commitment.Tree, error) { return d.tree, nil }

func (d *disk) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	if encoding, found := d.encodings[digest]; found {
		return encoding, nil
	}
	return nil, errBroken
}

// fullDisk returns a disk with eight encodings of 20,000 bytes.
func fullDisk(t *testing.T) *disk {
	t.Helper()
	d := &disk{encodings: map[format.Digest][]byte{}}
	var leaves []commitment.Leaf
	for i := range uint64(8) {
		encoding := make([]byte, 20_000)
		seed := sha256.Sum256(fmt.Appendf(nil, "encoding %d", i))
		for j := range encoding {
			encoding[j] = seed[j%32] ^ byte(j>>5)
		}
		digest := format.Sum(encoding)
		d.encodings[digest] = encoding
		leaves = append(leaves, commitment.Leaf{Digest: digest, Offset: i * 20_000, Length: 20_000})
	}
	tree, err := commitment.NewTree(leaves)
	require.NoError(t, err)
	d.tree = tree
	return d
}

// network is a market and a real x/porep, with providers that activate and prove like agents do.
type network struct {
	*fixture
	proofs  *porepkeeper.Keeper
	submits poreptypes.MsgServer
	windows poreptypes.QueryServer
	disks   map[string]*disk
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	f := newBase(t)
	proofs, err := porepkeeper.New(f.cdc, runtime.NewKVStoreService(f.keys[poreptypes.StoreKey]),
		f.accounts.AddressCodec(), porepkeeper.Deps{
			Beacon: f.beacon, Bank: f.bank, Rewards: f.incentive, Accounts: f.accounts,
		}, authority.String())
	require.NoError(t, err)
	f.build(t, proofs)
	proofs.SetHooks(f.keeper, f.keeper)
	gs := types.DefaultGenesis()
	gs.Params = testParams()
	require.NoError(t, f.keeper.InitGenesis(f.ctx, *gs))
	pgs := poreptypes.DefaultGenesis()
	pgs.Params = poreptypes.LocalnetParams()
	require.NoError(t, proofs.InitGenesis(f.ctx, *pgs))
	return &network{
		fixture: f, proofs: proofs, submits: porepkeeper.NewMsgServer(proofs), windows: porepkeeper.NewQueryServer(proofs),
		disks: map[string]*disk{},
	}
}

// second runs one block: what is due, then what every provider's agent does.
func (n *network) second(t *testing.T, dealID uint64) {
	t.Helper()
	n.ctx = n.ctx.WithBlockHeight(n.ctx.BlockHeight() + 1).WithBlockTime(n.ctx.BlockTime().Add(time.Second)).
		WithEventManager(sdk.NewEventManager())
	require.NoError(t, n.proofs.BeginBlock(n.ctx))
	require.NoError(t, n.keeper.BeginBlock(n.ctx))
	for _, event := range n.ctx.EventManager().Events() {
		require.NotContains(t, event.Type, "Failed")
	}
	_, replicas := n.deal(t, dealID)
	for _, replica := range replicas {
		if replica.Status == types.REPLICA_STATUS_ASSIGNED {
			n.activate(t, replica)
		}
	}
	for index := range len(n.disks) {
		n.prove(t, providerAddress(index).String())
	}
	require.NoError(t, n.keeper.CheckInvariants(n.ctx))
	require.NoError(t, n.proofs.Invariants(n.ctx))
}

func (n *network) activate(t *testing.T, replica types.Replica) {
	t.Helper()
	source := n.disks[replica.Provider]
	size := source.tree.TotalLength()
	offsets := proof.Offsets([32]byte(replica.Seed), testParams().ActivationOpenings, size)
	made, err := proof.ProveActivation(n.ctx, proof.ClassOpen, source.tree.CommD(), size, offsets, source)
	require.NoError(t, err)
	encoded, err := made.MarshalBinary()
	require.NoError(t, err)
	msg := &types.MsgActivateReplica{Provider: replica.Provider, DealId: replica.DealId, Index: replica.Index, Proof: encoded}

	wrong := *msg
	wrong.Proof = append([]byte(nil), encoded...)
	wrong.Proof[len(wrong.Proof)-1] ^= 1
	cached, _ := n.ctx.CacheContext()
	_, err = n.msgs.ActivateReplica(cached, &wrong)
	require.ErrorIs(t, err, types.ErrProof)

	_, err = n.msgs.ActivateReplica(n.ctx, msg)
	require.NoError(t, err)
}

func (n *network) prove(t *testing.T, provider string) {
	t.Helper()
	state, err := n.windows.Provider(n.ctx, &poreptypes.QueryProviderRequest{Provider: provider})
	if err != nil || !state.State.Window.Open || state.State.Window.Submitted || state.State.Window.Openings == 0 {
		return
	}
	asked, err := n.windows.Challenges(n.ctx, &poreptypes.QueryChallengesRequest{Provider: provider})
	require.NoError(t, err)
	var challenges []proof.Challenge
	for _, c := range asked.Challenges {
		challenges = append(challenges, proof.Challenge{CommD: format.Digest(c.CommD), TotalBytes: c.SizeBytes, Offset: c.Offset})
	}
	made, _, err := proof.Prove(n.ctx, proof.ClassOpen, asked.Window.Index, challenges, n.disks[provider])
	require.NoError(t, err)
	encoded, err := made.MarshalBinary()
	require.NoError(t, err)
	_, err = n.submits.SubmitWindowProof(n.ctx, &poreptypes.MsgSubmitWindowProof{
		Provider: provider, Class: poreptypes.CLASS_OPEN, Window: asked.Window.Index, Proof: encoded,
	})
	require.NoError(t, err)
}

// until runs blocks until done holds, at most limit of them.
func (n *network) until(t *testing.T, dealID uint64, limit int, what string, done func(types.Deal, []types.Replica) bool) {
	t.Helper()
	for range limit {
		n.second(t, dealID)
		if done(n.deal(t, dealID)) {
			return
		}
	}
	deal, replicas := n.deal(t, dealID)
	require.Fail(t, "did not happen: "+what, "%s %v", deal.Status, replicas)
}

func TestMarketOverRealProofs(t *testing.T) {
	n := newNetwork(t)
	const price = 1_000_000_000_000
	for index := range 4 {
		account := n.register(t, index, price/2)
		n.disks[account.String()] = fullDisk(t)
	}
	tree := fullDisk(t).tree
	commD := tree.CommD()
	msg := order(3)
	msg.CommD, msg.SizeBytes, msg.Duration = commD[:], tree.TotalLength(), 5*time.Minute
	msg.MaxPricePerGibHour = sdkmath.NewInt(price)
	id := n.create(t, msg)

	n.until(t, id, 10, "every replica becomes active", func(deal types.Deal, _ []types.Replica) bool {
		return deal.Status == types.DEAL_STATUS_ACTIVE
	})
	for range 45 {
		n.second(t, id)
	}
	_, err := n.msgs.Settle(n.ctx, &types.MsgSettle{Sender: client.String(), DealIds: []uint64{id}})
	require.NoError(t, err)
	_, replicas := n.deal(t, id)
	for _, replica := range replicas {
		require.True(t, n.provider(t, replica.Provider).Earned.IsPositive())
		state, err := n.windows.Provider(n.ctx, &poreptypes.QueryProviderRequest{Provider: replica.Provider})
		require.NoError(t, err)
		require.GreaterOrEqual(t, state.State.ProvenWindows, uint64(3))
	}

	// One provider loses everything: it is caught, stops earning, is slashed and replaced by the fourth.
	cheater := replicas[1].Provider
	n.disks[cheater].encodings = nil
	n.until(t, id, 20, "the loss is caught", func(_ types.Deal, replicas []types.Replica) bool {
		return replicas[1].Status == types.REPLICA_STATUS_FAULTY
	})
	earned := n.provider(t, cheater).Earned
	n.until(t, id, 40, "the unit is terminated", func(_ types.Deal, replicas []types.Replica) bool {
		return replicas[1].Repairs == 1
	})
	require.True(t, n.provider(t, cheater).Slashed.IsPositive())
	require.Equal(t, earned, n.provider(t, cheater).Earned, "a faulty replica earned nothing")
	n.until(t, id, 20, "the replica is repaired", func(_ types.Deal, replicas []types.Replica) bool {
		return replicas[1].Status == types.REPLICA_STATUS_ACTIVE && replicas[1].Accruing
	})
	_, replicas = n.deal(t, id)
	require.NotEqual(t, cheater, replicas[1].Provider)
	repairer := replicas[1].Provider

	n.until(t, id, 300, "the deal ends", func(deal types.Deal, _ []types.Replica) bool {
		return deal.Status == types.DEAL_STATUS_ENDED
	})
	deal, _ := n.deal(t, id)
	require.True(t, n.provider(t, repairer).Earned.IsPositive())
	require.True(t, deal.Refunded.IsPositive())
	require.Equal(t, deal.Deposited, deal.Paid.Add(deal.Refunded))
	require.Equal(t, int64(wealth)-deal.Paid.Int64(), n.balance(client))
	left, err := n.proofs.ExportGenesis(n.ctx)
	require.NoError(t, err)
	require.Empty(t, left.Units)
}
