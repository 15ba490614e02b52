package keeper_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/internal/cidtext"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// The sector that the tests of this package share is sealed by one provider, as its sector 1, with the ticket of block 1, over the
// replicas of two deals. Every test that comes to its challenges at the same height has the same ones.
const (
	sealedNumber = 1
	ticketHeight = 1
)

// recordSize is the size of a seal record in the shared sector.
var recordSize = uint64(sdr.RecordSize(types.SECTOR_CLASS_TEST_4MIB.Nodes()))

// replicas are what the shared sector holds: the place of a deal's replica and the sizes of its encodings.
var replicas = []struct {
	replica
	start uint64
	sizes []int
}{
	{replica{101, 2}, 64, []int{30_000, 5_001}},
	{replica{102, 3}, 4096, []int{70_000}},
}

// sealedSector is a sealed sector in memory.
type sealedSector struct {
	*disk
	trees            []*commitment.Tree
	pieces           []sdr.Piece
	labels           [sdr.Layers][]byte
	columns, replica [][]byte // the rows of the trees, leaves first
	statement        sdr.Statement
}

// shared returns the shared sector, which is sealed once.
var shared = sync.OnceValue(func() *sealedSector {
	raw := sha256.Sum256([]byte("sealer"))
	return seal(raw[:20], sealedNumber)
})

// seal seals the replicas for a provider.
func seal(provider []byte, number uint64) *sealedSector {
	s := &sealedSector{disk: &disk{trees: map[format.Digest]*commitment.Tree{}, encodings: map[format.Digest][]byte{}}}
	nodes := types.SECTOR_CLASS_TEST_4MIB.Nodes()
	data := make([]byte, nodes*sdr.NodeSize)
	for _, r := range replicas {
		tree := s.disk.fill(fmt.Sprintf("sealed deal %d", r.deal), r.sizes...)
		s.trees = append(s.trees, tree)
		s.pieces = append(s.pieces, sdr.Piece{
			CommD: tree.CommD(), TotalBytes: tree.TotalLength(), Leaves: tree.LeafCount(), StartNode: r.start,
		})
		for i := range tree.LeafCount() {
			leaf, err := tree.Leaf(i)
			must(err)
			copy(data[(r.start+commitment.AlignedStart(i, leaf.Offset))*sdr.NodeSize:], s.disk.encodings[leaf.Digest])
		}
	}
	replicaID := sdr.ReplicaID(chainID, provider, number, (&beacon{}).of(ticketHeight), sdr.SectorCommD(nodes, s.pieces))
	graph, err := sdr.NewGraph(nodes)
	must(err)
	labeller := sdr.NewLabeller(graph, replicaID)
	var previous []byte
	for layer := range s.labels {
		s.labels[layer] = make([]byte, len(data))
		labeller.Label(uint32(layer)+1, s.labels[layer], previous, 0, nodes)
		previous = s.labels[layer]
	}
	leaves := make([]byte, len(data))
	for v := range nodes {
		hash := s.column(v).Hash()
		copy(leaves[v*sdr.NodeSize:], hash[:])
	}
	s.columns = rows(leaves)
	replica := make([]byte, len(data))
	sdr.Encode(replica, data, previous)
	s.replica = rows(replica)
	s.statement = sdr.Statement{
		Nodes: nodes, ReplicaID: replicaID, Pieces: s.pieces,
		CommC: sdr.Hash(s.columns[len(s.columns)-1]), CommRLast: sdr.Hash(s.replica[len(s.replica)-1]),
	}
	return s
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// rows returns all rows of the tree over the leaves.
func rows(leaves []byte) [][]byte {
	tree := [][]byte{leaves}
	for row := leaves; len(row) > sdr.NodeSize; {
		parents := make([]byte, len(row)/2)
		sdr.HashRow(parents, row)
		tree = append(tree, parents)
		row = parents
	}
	return tree
}

// path appends the siblings of a leaf.
func path(dst []byte, tree [][]byte, at uint64) []byte {
	for _, row := range tree[:len(tree)-1] {
		sibling := (at ^ 1) * sdr.NodeSize
		dst = append(dst, row[sibling:sibling+sdr.NodeSize]...)
		at >>= 1
	}
	return dst
}

func (s *sealedSector) column(v uint64) *sdr.Column {
	var c sdr.Column
	for layer := range c {
		copy(c[layer][:], s.labels[layer][v*sdr.NodeSize:])
	}
	return &c
}

func (s *sealedSector) Column(_ context.Context, v uint64) (*sdr.Column, error) {
	return s.column(v), nil
}

func (s *sealedSector) ColumnPath(_ context.Context, dst []byte, v uint64) ([]byte, error) {
	return path(dst, s.columns, v), nil
}

func (s *sealedSector) ReplicaPath(_ context.Context, dst []byte, v uint64) ([]byte, error) {
	return path(append(dst, s.replica[0][v*sdr.NodeSize:(v+1)*sdr.NodeSize]...), s.replica, v), nil
}

func (s *sealedSector) Data(ctx context.Context, piece sdr.Piece, v uint64) (*commitment.AlignedOpening, error) {
	return commitment.OpenAligned(s.disk.trees[piece.CommD], v, func(digest format.Digest) ([]byte, error) {
		return s.disk.Encoding(ctx, digest)
	})
}

// records returns the seal proof for challenged nodes.
func (s *sealedSector) records(t testing.TB, nodes []uint64) []byte {
	t.Helper()
	graph, err := sdr.NewGraph(s.statement.Nodes)
	require.NoError(t, err)
	var proof []byte
	for _, v := range nodes {
		proof, err = sdr.AppendRecord(context.Background(), proof, graph, s.pieces, v, s)
		require.NoError(t, err)
	}
	return proof
}

// forge returns a copy of the proof whose record at the index names a wrong parent: the columns of two parents have changed places.
func forge(proof []byte, index int) []byte {
	forged := append([]byte{}, proof...)
	record := forged[index*int(recordSize) : (index+1)*int(recordSize)]
	column := (sdr.Layers + sdr.Depth(types.SECTOR_CLASS_TEST_4MIB.Nodes())) * sdr.NodeSize
	a, b := record[column:2*column], record[2*column:3*column]
	for i := range a {
		a[i], b[i] = b[i], a[i]
	}
	return forged
}

// sealer is a provider with the shared sector on its disk, and one that it commits to.
type sealer struct {
	*fixture
	address string
	sector  *sealedSector
	// proof is the seal proof that it commits to.
	proof []byte
}

// newSealer returns a chain with four validators of equal power, and a provider that is assigned the replicas of the shared
// sector.
func newSealer(t testing.TB, edits ...func(*types.Params)) *sealer {
	t.Helper()
	f := newFixture(t, edits...)
	s := &sealer{fixture: f, address: f.address("sealer"), sector: shared()}
	for i := range 4 {
		f.staking.power[string(validator(i))] = 10
	}
	f.assign(s.address, s.sector)
	f.fund(s.address)
	f.tick()
	return s
}

// ipdm is one IPDM in aipdm.
var ipdm = sdkmath.NewIntWithDecimal(1, 18)

// fund gives an account 100 IPDM.
func (f *fixture) fund(account string) { f.bank.set(f.ctx, f.raw(account), ipdm.MulRaw(100)) }

// has returns the balance of an account.
func (f *fixture) has(account string) sdkmath.Int { return f.bank.of(f.ctx, f.raw(account)) }

// locked returns the balance of the account of deposits and bonds.
func (f *fixture) locked() sdkmath.Int { return f.bank.of(f.ctx, moduleAddress(types.DepositAccount)) }

func (f *fixture) raw(account string) sdk.AccAddress {
	f.Helper()
	raw, err := f.addresses.StringToBytes(account)
	require.NoError(f, err)
	return raw
}

func (f *fixture) assign(provider string, sector *sealedSector) {
	for i, r := range replicas {
		commD := sector.trees[i].CommD()
		f.market.assigned[r.replica] = assignment{provider, commD[:], sector.trees[i].TotalLength()}
	}
}

// tick executes a block a millisecond later.
func (f *fixture) tick() { f.block(f.ctx.BlockTime().Add(tick)) }

// tx executes a message: it leaves nothing behind when it fails.
func (f *fixture) tx(do func(ctx sdk.Context) error) error {
	f.Helper()
	ctx, write := f.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).CacheContext()
	err := do(ctx)
	if err == nil {
		write()
	}
	require.NoError(f, f.keeper.Invariants(f.ctx))
	return err
}

func (f *fixture) sector(id uint64) types.Sector {
	f.Helper()
	r, err := f.queries.Sector(f.ctx, &types.QuerySectorRequest{Id: id})
	require.NoError(f, err)
	return r.Sector
}

// commitment is the honest message that commits to the shared sector.
func (s *sealer) commitment() *types.MsgPreCommitSector {
	s.Helper()
	msg := &types.MsgPreCommitSector{
		Provider: s.address, Number: sealedNumber, Class: types.SECTOR_CLASS_TEST_4MIB, TicketHeight: ticketHeight,
		CommC: s.sector.statement.CommC[:], CommRLast: s.sector.statement.CommRLast[:],
	}
	for i, r := range replicas {
		tree := s.sector.trees[i]
		last, err := tree.Prove(tree.LeafCount() - 1)
		require.NoError(s, err)
		leaf, err := last.AppendBinary(nil)
		require.NoError(s, err)
		msg.Pieces = append(msg.Pieces, types.PieceCommitment{
			DealId: r.deal, ReplicaIndex: r.index, StartNode: r.start, LastLeaf: leaf,
		})
	}
	return msg
}

func (s *sealer) preCommit(msg *types.MsgPreCommitSector) (id uint64, err error) {
	err = s.tx(func(ctx sdk.Context) error {
		r, err := s.msgs.PreCommitSector(ctx, msg)
		if err == nil {
			id = r.SectorId
		}
		return err
	})
	return id, err
}

// committed returns the id of the shared sector, committed to, at the height of its challenges.
func (s *sealer) committed() uint64 {
	s.Helper()
	id, err := s.preCommit(s.commitment())
	require.NoError(s, err)
	s.market.take()
	for s.ctx.BlockHeight() < s.fixture.sector(id).ChallengeHeight {
		s.tick()
	}
	return id
}

// makeProof returns the honest seal proof of a committed sector, as a provider makes it from what the chain says.
func (s *sealer) makeProof(id uint64) []byte {
	s.Helper()
	r, err := s.queries.SealChallenges(s.ctx, &types.QuerySealChallengesRequest{Id: id})
	require.NoError(s, err)
	return s.sector.records(s, r.Nodes)
}

// claim is the message that commits to a seal proof.
func (s *sealer) claim(id uint64, proof []byte) *types.MsgProveSeal {
	root := sdr.ProofRoot(proof)
	return &types.MsgProveSeal{
		Provider: s.address, SectorId: id, Records: cidtext.New(cidtext.DagPB, root), Root: root[:], LengthBytes: uint64(len(proof)),
	}
}

func (s *sealer) proveSeal(msg *types.MsgProveSeal) (sealID uint64, err error) {
	err = s.tx(func(ctx sdk.Context) error {
		r, err := s.msgs.ProveSeal(ctx, msg)
		if err == nil {
			sealID = r.SealId
		}
		return err
	})
	return sealID, err
}

// submitted returns the ids of the shared sector and of its seal proof, which edit may change.
func (s *sealer) submitted(edit func(proof []byte) []byte) (id, sealID uint64) {
	s.Helper()
	id = s.committed()
	s.proof = s.makeProof(id)
	if edit != nil {
		s.proof = edit(s.proof)
	}
	sealID, err := s.proveSeal(s.claim(id, s.proof))
	require.NoError(s, err)
	return id, sealID
}

// vote records the verdicts of validators.
func (s *sealer) vote(sealID uint64, valid bool, voters ...int) {
	s.Helper()
	for _, i := range voters {
		require.NoError(s, s.keeper.RecordVerdict(s.ctx, validator(i), 10, s.ctx.BlockHeight(), sealID, valid))
	}
}

// accepted returns the id of the shared sector, accepted by three of four validators.
func (s *sealer) accepted(edit func(proof []byte) []byte) uint64 {
	s.Helper()
	id, sealID := s.submitted(edit)
	s.vote(sealID, true, 0, 1, 2)
	s.tick()
	require.Equal(s, types.SECTOR_STATUS_DISPUTABLE, s.fixture.sector(id).Status)
	return id
}

// mapState is the provider's state of a class.
func (s *sealer) mapState(class types.Class) types.ProviderState {
	s.Helper()
	r, err := s.queries.Provider(s.ctx, &types.QueryProviderRequest{Provider: s.address, Class: class})
	require.NoError(s, err)
	return r.State
}

// slice shows a record of the proof that was committed to.
func (s *sealer) slice(index uint32) []byte {
	s.Helper()
	slice, err := sdr.MakeRecordSlice(types.SECTOR_CLASS_TEST_4MIB.Nodes(), s.proof, index)
	require.NoError(s, err)
	return slice
}
