package economics_test

import (
	"context"
	"errors"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	incentivetypes "github.com/ipdm-network/ipdm/x/incentive/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/sealed"
)

// promptly is how long an answer takes whoever has the data.
const promptly = 10 * time.Second

var errGone = errors.New("not on this disk")

// actor is a provider or a client, with what makes it other than an honest one.
type actor struct {
	address sdk.AccAddress
	text    string
	// live is what it does in every block.
	live func(w *world, a *actor)

	// awake tells whether it answers at a time; nil for always.
	awake func(at time.Time) bool
	// has tells whether it keeps a 1/256 part of its data, by the part's number; nil for all of it.
	has func(part int) bool
	// sealedDelay is how long it takes to answer for sealed bytes, which keeps the answer from being in time unless it is short.
	sealedDelay time.Duration
	// forges makes it claim the sealed sector of another as its own.
	forges *actor

	sector *sealed.Sector
	// number counts its sectors.
	number uint64
	// sealing is the sector that waits for its challenges, 0 for none.
	sealing uint64
	// late counts answers that were refused.
	late int
}

func newActor(name string) *actor {
	address := sdk.AccAddress(secp256k1.GenPrivKeyFromSecret([]byte(name)).PubKey().Address())
	return &actor{address: address, text: address.String(), sealedDelay: promptly}
}

// newProvider is an honest provider.
func newProvider(name string) *actor {
	a := newActor(name)
	a.live = (*world).attend
	return a
}

func (a *actor) keeps(part int) bool { return a.has == nil || a.has(part) }

// wealth is what the actor has: balance, pledge, deposits, escrow of its deals, and rewards that are payable or vesting.
func (w *world) wealth(a *actor) sdkmath.Int {
	w.Helper()
	k := &w.app.Keepers
	sum := k.Bank.GetBalance(w.ctx, a.address, params.BaseDenom).Amount
	if p, err := k.Market.Provider(w.ctx, a.text); err == nil {
		sum = sum.Add(p.Pledge)
	}
	if account, err := k.Incentive.Account(w.ctx, a.text); err == nil {
		sum = sum.Add(account.Earned).Sub(account.Paid)
	}
	sectors, err := w.porep.Sectors(w.ctx, &poreptypes.QuerySectorsRequest{Provider: a.text})
	require.NoError(w, err)
	for _, sector := range sectors.Sectors {
		sum = sum.Add(sector.Deposit)
	}
	deals, err := w.market.Deals(w.ctx, &markettypes.QueryDealsRequest{Client: a.text})
	require.NoError(w, err)
	for _, deal := range deals.Deals {
		sum = sum.Add(deal.Remaining())
	}
	return sum
}

// register offers room for so many bytes at a price a GiB-hour of what it stands for.
func (w *world) register(a *actor, price sdkmath.Int, capacity uint64) {
	w.Helper()
	w.do(&markettypes.MsgRegisterProvider{
		Provider: a.text, Ask: markettypes.Ask{PricePerGibHour: price, CapacityBytes: capacity}, Endpoint: endpoint(), Region: "eu",
		Pledge: params.IPDM(pledgeIPDM).Amount,
	}, nil)
}

// stopAccepting leaves the provider with what it has.
func (w *world) stopAccepting(a *actor, price sdkmath.Int, capacity uint64) {
	w.Helper()
	w.do(&markettypes.MsgUpdateProvider{
		Provider: a.text, Ask: markettypes.Ask{PricePerGibHour: price, CapacityBytes: capacity}, Endpoint: endpoint(), Region: "eu",
	}, nil)
}

func endpoint() markettypes.Endpoint {
	return markettypes.Endpoint{
		PeerId: "12D3KooWGRUhVfNuXhSnAdG6vVqY1vJ5xhJZ9bWgEMgbUuTHPYfR", Multiaddrs: []string{"/ip4/192.0.2.1/udp/4001/quic-v1"},
	}
}

// create orders replicas of a content.
func (w *world) create(client *actor, c *content, replicas markettypes.Replicas, price sdkmath.Int, sizeBytes uint64) uint64 {
	w.Helper()
	commD := c.deal.Tree.CommD()
	var created markettypes.MsgCreateDealResponse
	w.do(&markettypes.MsgCreateDeal{
		Client: client.text, Root: format.NodeCID(commD).String(), Manifest: format.CBORCID(commD).String(),
		Layout: format.CBORCID(commD).String(), CommD: commD[:], SizeBytes: sizeBytes, Replicas: replicas,
		Duration: dealDays * 24 * time.Hour, MaxPricePerGibHour: price, Source: endpoint(),
	}, &created)
	w.contents[commD] = c
	return created.DealId
}

// attend looks after what the provider was assigned, as the agent of a data node does. It does nothing when it is asleep.
func (w *world) attend(a *actor) {
	w.Helper()
	if a.awake != nil && !a.awake(w.now()) {
		return
	}
	if a.sealing != 0 {
		w.proveSeal(a)
	}
	if w.assigning(a) {
		w.takeOn(a)
	}
	if w.challenged[a.text] {
		w.answerChallenges(a)
	}
}

// assigning tells whether assignments may wait for the provider: draws are told by events.
func (w *world) assigning(a *actor) bool {
	due := w.assigned[a.text]
	delete(w.assigned, a.text)
	return due
}

// takeOn activates, seals or refuses what the provider was assigned.
func (w *world) takeOn(a *actor) {
	w.Helper()
	owed, err := w.market.Assignments(w.ctx, &markettypes.QueryAssignmentsRequest{Provider: a.text})
	require.NoError(w, err)
	for _, assignment := range owed.Assignments {
		if assignment.Replica.Status != markettypes.REPLICA_STATUS_ASSIGNED {
			continue
		}
		c := w.contents[format.Digest(assignment.Deal.CommD)]
		switch {
		case c.deal.Tree.TotalLength() != assignment.Deal.SizeBytes:
			w.do(&markettypes.MsgRefuseReplica{
				Provider: a.text, DealId: assignment.Replica.DealId, Index: assignment.Replica.Index,
				Reason: markettypes.REFUSAL_REASON_MISMATCH,
			}, nil)
		case assignment.Replica.Class == poreptypes.CLASS_SEALED:
			w.seal(a, c, assignment.Replica)
		default:
			w.activate(a, assignment)
		}
	}
}

func (w *world) activate(a *actor, assignment markettypes.Assignment) {
	w.Helper()
	marketParams, err := w.app.Keepers.Market.Params(w.ctx)
	require.NoError(w, err)
	offsets := proof.Offsets([32]byte(assignment.Replica.Seed), marketParams.ActivationOpenings, assignment.Deal.SizeBytes)
	made, err := proof.ProveActivation(context.Background(), proof.ClassOpen, format.Digest(assignment.Deal.CommD),
		assignment.Deal.SizeBytes, offsets, disk{w, nil})
	require.NoError(w, err)
	encoded, err := made.MarshalBinary()
	require.NoError(w, err)
	w.do(&markettypes.MsgActivateReplica{
		Provider: a.text, DealId: assignment.Replica.DealId, Index: assignment.Replica.Index, Proof: encoded,
	}, nil)
}

// seal commits to a sector with the replica. A forger takes the sector of another.
func (w *world) seal(a *actor, c *content, replica markettypes.Replica) {
	w.Helper()
	if a.forges != nil && a.forges.sector == nil {
		w.assigned[a.text] = true // wait until there is something to copy
		return
	}
	a.number++
	ticketHeight := w.ctx.BlockHeight() - 1
	ticket, err := w.app.Keepers.Beacon.At(w.ctx, ticketHeight)
	require.NoError(w, err)
	identity := func(commD sdr.Hash) sdr.Hash { return sdr.ReplicaID(chainID, a.address, a.number, ticket, commD) }
	if a.forges != nil {
		a.sector = a.forges.sector
	} else {
		a.sector, err = sealed.New(poreptypes.SECTOR_CLASS_TEST_4MIB.Nodes(), identity, c.deal)
		require.NoError(w, err)
	}
	tree := c.deal.Tree
	last, err := tree.Prove(tree.LeafCount() - 1)
	require.NoError(w, err)
	leaf, err := last.AppendBinary(nil)
	require.NoError(w, err)
	var committed poreptypes.MsgPreCommitSectorResponse
	w.do(&poreptypes.MsgPreCommitSector{
		Provider: a.text, Number: a.number, Class: poreptypes.SECTOR_CLASS_TEST_4MIB, TicketHeight: ticketHeight,
		CommC: a.sector.Statement.CommC[:], CommRLast: a.sector.Statement.CommRLast[:],
		Pieces: []poreptypes.PieceCommitment{{DealId: replica.DealId, ReplicaIndex: replica.Index, LastLeaf: leaf}},
	}, &committed)
	a.sealing = committed.SectorId
}

// sealProof is what a provider has committed to, for the validator to fetch.
type sealProof struct {
	id        uint64
	statement sdr.Statement
	seed      sdr.Hash
	records   []byte
}

// proveSeal commits to the records of a sector once its challenges are drawn.
func (w *world) proveSeal(a *actor) {
	w.Helper()
	res, err := w.porep.SealChallenges(w.ctx, &poreptypes.QuerySealChallengesRequest{Id: a.sealing})
	if err != nil {
		return
	}
	sector, err := w.porep.Sector(w.ctx, &poreptypes.QuerySectorRequest{Id: a.sealing})
	require.NoError(w, err)
	if w.ctx.BlockHeight() <= sector.Sector.ChallengeHeight {
		return
	}
	records, err := a.sector.Proof(sdr.Hash(res.Seed), sector.Sector.SealChallenges)
	require.NoError(w, err)
	root := sdr.ProofRoot(records)
	var proven poreptypes.MsgProveSealResponse
	w.do(&poreptypes.MsgProveSeal{
		Provider: a.text, SectorId: a.sealing, Records: format.NodeCID(root).String(), Root: root[:], LengthBytes: uint64(len(records)),
	}, &proven)
	statement := a.sector.Statement
	statement.ReplicaID = sdr.Hash(sector.Sector.ReplicaId)
	w.proofs = append(w.proofs, sealProof{proven.SealId, statement, sdr.Hash(res.Seed), records})
	a.sealing = 0
}

// judgeSeals has the validator verify the seal proofs that wait for it, and say what it found.
func (w *world) judgeSeals() {
	w.Helper()
	for _, p := range w.proofs {
		verdict := sdr.VerifySeal(&p.statement, p.seed, sdr.SealChallenges, p.records)
		require.NoError(w, w.app.Keepers.Porep.RecordVerdict(w.ctx, sdk.ConsAddress(w.validator.PubKey().Address()), stakeIPDM,
			w.ctx.BlockHeight()-1, p.id, verdict == nil))
		w.verdicts[verdict == nil]++
	}
	w.proofs = nil
}

// answerWindow answers the open window of a map, as far as the provider has what is asked for.
func (w *world) answerWindow(a *actor, class poreptypes.Class) {
	w.Helper()
	if a.awake != nil && !a.awake(w.now()) {
		return
	}
	asked, err := w.porep.Challenges(w.ctx, &poreptypes.QueryChallengesRequest{Provider: a.text, Class: class})
	require.NoError(w, err)
	msg := &poreptypes.MsgSubmitWindowProof{Provider: a.text, Class: class, Window: asked.Window.Index}
	if !asked.Window.Open || !w.now().Before(*asked.Window.ClosesAt) {
		_, err := w.try(msg)
		require.Error(w, err, "a late answer is refused")
		a.late++
		return
	}
	if asked.Window.Openings == 0 {
		return
	}
	msg.Proof = w.open(a, class, asked.Window.Index, asked.Challenges)
	w.do(msg, nil)
}

// open makes a proof of what is asked for, with real openings.
func (w *world) open(a *actor, class poreptypes.Class, window uint64, asked []poreptypes.Challenge) []byte {
	w.Helper()
	encoded, _, err := sealed.Answer(class, window, asked, disk{w, a}, a)
	require.NoError(w, err)
	return encoded
}

// OpenNode implements proof.SealedSource.
func (a *actor) OpenNode(ctx context.Context, c proof.SealedChallenge) (*proof.NodeOpening, error) {
	if a.sector == nil || !a.keeps(int(c.Node*256/c.Nodes)) {
		return nil, errGone
	}
	return a.sector.OpenNode(ctx, c.Node)
}

// answerChallenges answers what somebody demands of single units.
func (w *world) answerChallenges(a *actor) {
	w.Helper()
	res, err := w.porep.UnitChallenges(w.ctx, &poreptypes.QueryUnitChallengesRequest{Provider: a.text})
	require.NoError(w, err)
	w.challenged[a.text] = len(res.Challenges) > 0
	for _, open := range res.Challenges {
		if len(open.Openings) == 0 {
			continue
		}
		w.do(&poreptypes.MsgAnswerChallenge{
			Provider: a.text, ChallengeId: open.Challenge.Id, Proof: w.open(a, open.Class, open.Challenge.Id, open.Openings),
		}, nil)
	}
}

// content is what a deal is about.
type content struct {
	deal  *sealed.Deal
	parts map[format.Digest]int
}

// disk is what a provider keeps of all contents; nobody's is whole.
type disk struct {
	w *world
	a *actor
}

// Tree implements proof.Source.
func (d disk) Tree(_ context.Context, commD format.Digest) (*commitment.Tree, error) {
	if c, known := d.w.contents[commD]; known {
		return c.deal.Tree, nil
	}
	return nil, errGone
}

// Encoding implements proof.Source.
func (d disk) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	for _, c := range d.w.contents {
		if part, known := c.parts[digest]; known && (d.a == nil || d.a.keeps(part)) {
			return c.deal.Encoding(digest)
		}
	}
	return nil, errGone
}

// account is a provider's account of rewards.
func (w *world) account(a *actor) incentivetypes.Account {
	account, err := w.app.Keepers.Incentive.Account(w.ctx, a.text)
	if errors.Is(err, incentivetypes.ErrNoAccount) {
		return incentivetypes.NewAccount(a.text, sdkmath.ZeroInt())
	}
	require.NoError(w, err)
	return account
}
