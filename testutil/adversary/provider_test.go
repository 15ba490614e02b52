package adversary_test

import (
	"context"
	"slices"
	"time"

	cmtabci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/sealed"
)

const (
	pledgeIPDM = 1_000
	capacity   = uint64(1) << 30
	dealTime   = 24 * time.Hour
)

// Prices in aipdm a GiB-hour. A deal at the price of a rogue is beyond what an honest provider works for.
const (
	honestPrice = 1_000_000_000_000_000
	roguePrice  = 1_000_000_000_000
)

// ownSector is a sector that a provider has committed to.
type ownSector struct {
	*sealed.Sector
	number, id uint64
	proven     bool
	// proof is the seal proof that the provider has committed to.
	proof []byte
}

// provider does what an honest one does, but for what its fields change.
type provider struct {
	*account
	sectors []*ownSector
	number  uint64
	// wakes tells that something was assigned.
	wakes bool

	// drops tells which parts of a content, by their number, are neither among the open bytes nor in the replicas on the disk; nil for none.
	drops func(c *content, part int) bool
	// answers replaces the answer to a window; what it returns is not sent when it is nil.
	answers func(class poreptypes.Class, asked *poreptypes.QueryChallengesResponse) *poreptypes.MsgSubmitWindowProof
	// makes replaces sealing.
	makes func(identity func(commD sdr.Hash) sdr.Hash, deals ...*sealed.Deal) *sealed.Sector
	// tampers changes a seal proof before it is committed to.
	tampers func(s *sealed.Sector, seed sdr.Hash, proof []byte) []byte
	// hides keeps seal records from the data plane.
	hides bool
	// refused are its reasons for refusing replicas, in their order.
	refused []markettypes.RefusalReason
}

func newProvider(name string) *provider { return &provider{account: newAccount(name)} }

func (p *provider) lost(c *content, part int) bool { return p.drops != nil && p.drops(c, part) }

// join registers a provider.
func (w *world) join(p *provider, price int64) {
	w.Helper()
	w.do(p.account, &markettypes.MsgRegisterProvider{
		Provider: p.text, Ask: markettypes.Ask{PricePerGibHour: sdkmath.NewInt(price), CapacityBytes: capacity},
		Endpoint: endpoint(), Region: "eu", Pledge: params.IPDM(pledgeIPDM).Amount,
	}, nil)
	w.providers = append(w.providers, p)
}

func endpoint() markettypes.Endpoint {
	return markettypes.Endpoint{
		PeerId: "12D3KooWGRUhVfNuXhSnAdG6vVqY1vJ5xhJZ9bWgEMgbUuTHPYfR", Multiaddrs: []string{"/ip4/192.0.2.1/udp/4001/quic-v1"},
	}
}

// dealOf is a client's order of one replica of a content.
func dealOf(client *account, c *content, class poreptypes.Class, price int64) *markettypes.MsgCreateDeal {
	commD := c.Tree.CommD()
	msg := &markettypes.MsgCreateDeal{
		Client: client.text, Root: format.NodeCID(commD).String(), Manifest: format.CBORCID(commD).String(),
		Layout: format.CBORCID(commD).String(), CommD: commD[:], SizeBytes: c.Tree.TotalLength(),
		Replicas: markettypes.Replicas{Open: 1}, Duration: dealTime, MaxPricePerGibHour: sdkmath.NewInt(price), Source: endpoint(),
	}
	if class == poreptypes.CLASS_SEALED {
		msg.Replicas = markettypes.Replicas{Sealed: 1}
	}
	return msg
}

// order creates a deal and returns its id.
func (w *world) order(client *account, c *content, class poreptypes.Class, price int64) uint64 {
	w.Helper()
	w.contents[c.Tree.CommD()] = c
	var created markettypes.MsgCreateDealResponse
	w.do(client, dealOf(client, c, class, price), &created)
	return created.DealId
}

// replica is the one replica of a deal.
func (w *world) replica(dealID uint64) markettypes.Replica {
	w.Helper()
	deal, err := w.market().Deal(w.state(), &markettypes.QueryDealRequest{Id: dealID})
	require.NoError(w, err)
	require.Len(w, deal.Replicas, 1)
	return deal.Replicas[0]
}

// untilActive waits until the replica of a deal is proven.
func (w *world) untilActive(dealID uint64) {
	w.Helper()
	w.until("the replica is active", time.Minute, func() bool {
		return w.replica(dealID).Status == markettypes.REPLICA_STATUS_ACTIVE
	})
}

// attend looks after what a block has told the provider, for the next one.
func (p *provider) attend(w *world, events []cmtabci.Event) {
	w.Helper()
	for _, assigned := range parse[*markettypes.EventReplicaAssigned](w, events) {
		p.wakes = p.wakes || assigned.Provider == p.text
	}
	if p.wakes {
		p.wakes = false
		p.takeOn(w)
	}
	for _, s := range p.sectors {
		p.proveSeal(w, s)
	}
	for _, opened := range parse[*poreptypes.EventWindowOpened](w, events) {
		if opened.Provider == p.text && opened.Openings > 0 {
			p.answer(w, opened.Class)
		}
	}
}

// takeOn activates, seals or refuses what the provider was assigned. What it seals comes into one sector.
func (p *provider) takeOn(w *world) {
	w.Helper()
	owed, err := w.market().Assignments(w.state(), &markettypes.QueryAssignmentsRequest{Provider: p.text})
	require.NoError(w, err)
	var toSeal []markettypes.Assignment
	for _, a := range owed.Assignments {
		if a.Replica.Status != markettypes.REPLICA_STATUS_ASSIGNED {
			continue
		}
		c, known := w.contents[format.Digest(a.Deal.CommD)]
		switch {
		case !known:
			p.refuse(w, a.Replica, markettypes.REFUSAL_REASON_UNREACHABLE)
		case c.Tree.TotalLength() != a.Deal.SizeBytes:
			p.refuse(w, a.Replica, markettypes.REFUSAL_REASON_MISMATCH)
		case a.Replica.Class == poreptypes.CLASS_SEALED:
			toSeal = append(toSeal, a)
		default:
			p.activate(w, a)
		}
	}
	if len(toSeal) > 0 {
		p.preCommit(w, toSeal)
	}
}

func (p *provider) refuse(w *world, replica markettypes.Replica, reason markettypes.RefusalReason) {
	p.refused = append(p.refused, reason)
	w.mempool = append(w.mempool, queued{p.account, &markettypes.MsgRefuseReplica{
		Provider: p.text, DealId: replica.DealId, Index: replica.Index, Reason: reason,
	}})
}

func (p *provider) activate(w *world, a markettypes.Assignment) {
	w.Helper()
	marketParams, err := w.app.Keepers.Market.Params(w.state())
	require.NoError(w, err)
	offsets := proof.Offsets([32]byte(a.Replica.Seed), marketParams.ActivationOpenings, a.Deal.SizeBytes)
	made, err := proof.ProveActivation(context.Background(), proof.ClassOpen, format.Digest(a.Deal.CommD), a.Deal.SizeBytes, offsets,
		disk{w, p})
	require.NoError(w, err)
	encoded, err := made.MarshalBinary()
	require.NoError(w, err)
	w.mempool = append(w.mempool, queued{p.account, &markettypes.MsgActivateReplica{
		Provider: p.text, DealId: a.Replica.DealId, Index: a.Replica.Index, Proof: encoded,
	}})
}

// preCommit seals replicas and commits to the sector.
func (p *provider) preCommit(w *world, assigned []markettypes.Assignment) {
	w.Helper()
	p.number++
	ticket, err := w.app.Keepers.Beacon.At(w.state(), w.height)
	require.NoError(w, err)
	number := p.number
	identity := func(commD sdr.Hash) sdr.Hash { return sdr.ReplicaID(chainID, p.address, number, ticket, commD) }
	var deals []*sealed.Deal
	for _, a := range assigned {
		deals = append(deals, w.contents[format.Digest(a.Deal.CommD)].Deal)
	}
	var made *sealed.Sector
	if p.makes != nil {
		made = p.makes(identity, deals...)
	} else {
		made = seal(w, identity, deals...)
	}
	p.sectors = append(p.sectors, &ownSector{Sector: made, number: number})
	msg := &poreptypes.MsgPreCommitSector{
		Provider: p.text, Number: number, Class: poreptypes.SECTOR_CLASS_TEST_4MIB, TicketHeight: w.height,
		CommC: made.Statement.CommC[:], CommRLast: made.Statement.CommRLast[:],
	}
	for i, a := range assigned {
		last, err := deals[i].Tree.Prove(deals[i].Tree.LeafCount() - 1)
		require.NoError(w, err)
		leaf, err := last.AppendBinary(nil)
		require.NoError(w, err)
		msg.Pieces = append(msg.Pieces, poreptypes.PieceCommitment{
			DealId: a.Replica.DealId, ReplicaIndex: a.Replica.Index, StartNode: made.Statement.Pieces[i].StartNode, LastLeaf: leaf,
		})
	}
	w.mempool = append(w.mempool, queued{p.account, msg})
}

// proveSeal commits to the records of a sector as soon as its challenges are drawn.
func (p *provider) proveSeal(w *world, s *ownSector) {
	w.Helper()
	if s.proven {
		return
	}
	sector, found := w.sectorOf(p, s.number)
	if !found || sector.Status != poreptypes.SECTOR_STATUS_PRECOMMITTED || w.height < sector.ChallengeHeight {
		return
	}
	drawn, err := w.porep().SealChallenges(w.state(), &poreptypes.QuerySealChallengesRequest{Id: sector.Id})
	require.NoError(w, err)
	records, err := s.Proof(sdr.Hash(drawn.Seed), sector.SealChallenges)
	require.NoError(w, err)
	if p.tampers != nil {
		records = p.tampers(s.Sector, sdr.Hash(drawn.Seed), records)
	}
	root := sdr.ProofRoot(records)
	if !p.hides {
		w.records[root] = records
	}
	s.id, s.proven, s.proof = sector.Id, true, records
	w.mempool = append(w.mempool, queued{p.account, &poreptypes.MsgProveSeal{
		Provider: p.text, SectorId: sector.Id, Records: format.NodeCID(root).String(), Root: root[:], LengthBytes: uint64(len(records)),
	}})
}

// sectorOf returns what the chain knows of a provider's sector.
func (w *world) sectorOf(p *provider, number uint64) (poreptypes.Sector, bool) {
	w.Helper()
	res, err := w.porep().Sectors(w.state(), &poreptypes.QuerySectorsRequest{Provider: p.text})
	require.NoError(w, err)
	i := slices.IndexFunc(res.Sectors, func(s poreptypes.Sector) bool { return s.Number == number })
	if i < 0 {
		return poreptypes.Sector{}, false
	}
	return res.Sectors[i], true
}

// answer answers the open window of a class.
func (p *provider) answer(w *world, class poreptypes.Class) {
	w.Helper()
	asked := w.asked(p, class)
	if p.answers != nil {
		if msg := p.answers(class, asked); msg != nil {
			w.mempool = append(w.mempool, queued{p.account, msg})
		}
		return
	}
	w.mempool = append(w.mempool, queued{p.account, w.proofOf(p, class, asked)})
}

// silent answers no window.
func silent(poreptypes.Class, *poreptypes.QueryChallengesResponse) *poreptypes.MsgSubmitWindowProof {
	return nil
}

// asked is what the provider's window of a class asks for.
func (w *world) asked(p *provider, class poreptypes.Class) *poreptypes.QueryChallengesResponse {
	w.Helper()
	asked, err := w.porep().Challenges(w.state(), &poreptypes.QueryChallengesRequest{Provider: p.text, Class: class})
	require.NoError(w, err)
	return asked
}

// proofOf is the provider's answer to a window: what is not on its disk is declared missing.
func (w *world) proofOf(
	p *provider, class poreptypes.Class, asked *poreptypes.QueryChallengesResponse,
) *poreptypes.MsgSubmitWindowProof {
	w.Helper()
	return &poreptypes.MsgSubmitWindowProof{
		Provider: p.text, Class: class, Window: asked.Window.Index,
		Proof: w.openings(p, class, asked.Window.Index, asked.Challenges),
	}
}

// openings makes a proof of what is asked for in a window, or by a challenge whose id takes the window's place.
func (w *world) openings(p *provider, class poreptypes.Class, window uint64, asked []poreptypes.Challenge) []byte {
	w.Helper()
	encoded, _, err := sealed.Answer(class, window, asked, disk{w, p}, disk{w, p})
	require.NoError(w, err)
	return encoded
}

// proving is the provider's state in a class, the zero value when there is none.
func (w *world) proving(p *provider, class poreptypes.Class) poreptypes.ProviderState {
	res, err := w.porep().Provider(w.state(), &poreptypes.QueryProviderRequest{Provider: p.text, Class: class})
	if err != nil {
		return poreptypes.ProviderState{}
	}
	return res.State
}

// untilWindow waits until a window of the provider's class is open, and returns what it asks for.
func (w *world) untilWindow(p *provider, class poreptypes.Class) *poreptypes.QueryChallengesResponse {
	w.Helper()
	after := w.proving(p, class).Window.Index
	w.until("the next window opens", time.Minute, func() bool {
		window := w.proving(p, class).Window
		return window.Open && window.Index > after
	})
	return w.asked(p, class)
}

// untilClosed waits until the provider's open window of a class has closed.
func (w *world) untilClosed(p *provider, class poreptypes.Class) {
	w.Helper()
	w.until("the window closes", time.Minute, func() bool { return !w.proving(p, class).Window.Open })
}
