package simulation_test

import (
	"bytes"
	"context"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	protoio "github.com/cosmos/gogoproto/io"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/sealed"
)

const (
	// maxSeals is how many sectors a history seals: each takes a second or two.
	maxSeals = 6
	// maxPieces is how many replicas a provider packs into one of them.
	maxPieces = 3
)

// sectorOnDisk is a sector that a provider has sealed.
type sectorOnDisk struct {
	*sealed.Sector
	number uint64
	proven bool
	lost   bool
}

// sealProof is what a provider has committed to, for the validator to fetch.
type sealProof struct {
	statement sdr.Statement
	seed      sdr.Hash
	records   []byte
}

// dealOf is a content as it is sealed.
func (l *library) dealOf(h *history, commD format.Digest) *sealed.Deal {
	h.Helper()
	var encodings [][]byte
	for _, digest := range l.digests(commD) {
		encodings = append(encodings, l.encodings[digest])
	}
	deal, err := sealed.NewDeal(encodings...)
	require.NoError(h, err)
	return deal
}

// takeOnSealed seals replicas that the provider was assigned, several of them in one sector, or refuses one.
func (p *provider) takeOnSealed(h *history, assigned []markettypes.Assignment) {
	h.Helper()
	if len(assigned) == 0 || h.one(2) {
		return
	}
	var deals []*sealed.Deal
	var replicas []markettypes.Replica
	for _, a := range assigned {
		deal := h.library.dealOf(h, format.Digest(a.Deal.CommD))
		if deal.Tree.TotalLength() != a.Deal.SizeBytes || h.seals == maxSeals {
			h.order("refuse sealed", p.account, &markettypes.MsgRefuseReplica{
				Provider: p.text, DealId: a.Replica.DealId, Index: a.Replica.Index, Reason: markettypes.REFUSAL_REASON_MISMATCH,
			}, anyOutcome, markettypes.ErrDealState, markettypes.ErrNotAssigned)
			return
		}
		if len(deals) < maxPieces && !p.holds(replicas, a.Deal.CommD, deals) {
			deals, replicas = append(deals, deal), append(replicas, a.Replica)
		}
	}
	ticket, err := h.app.Keepers.Beacon.At(h.state(), h.height)
	require.NoError(h, err)
	h.seals++
	number := uint64(h.seals)
	sector, err := sealed.New(poreptypes.SECTOR_CLASS_TEST_4MIB.Nodes(), func(commD sdr.Hash) sdr.Hash {
		return sdr.ReplicaID(chainID, p.address, number, ticket, commD)
	}, deals...)
	require.NoError(h, err)
	msg := &poreptypes.MsgPreCommitSector{
		Provider: p.text, Number: number, Class: poreptypes.SECTOR_CLASS_TEST_4MIB, TicketHeight: h.height,
		CommC: sector.Statement.CommC[:], CommRLast: sector.Statement.CommRLast[:],
	}
	for i, deal := range deals {
		last, err := deal.Tree.Prove(deal.Tree.LeafCount() - 1)
		require.NoError(h, err)
		leaf, err := last.AppendBinary(nil)
		require.NoError(h, err)
		msg.Pieces = append(msg.Pieces, poreptypes.PieceCommitment{
			DealId: replicas[i].DealId, ReplicaIndex: replicas[i].Index, StartNode: sector.Statement.Pieces[i].StartNode, LastLeaf: leaf,
		})
	}
	p.sectors = append(p.sectors, &sectorOnDisk{Sector: sector, number: number})
	h.order("precommit", p.account, msg, anyOutcome, poreptypes.ErrNotAssigned, poreptypes.ErrTerminating)
}

// holds tells whether one of the replicas is of the same content: the sealed sectors of the tests know a content once.
func (p *provider) holds(replicas []markettypes.Replica, commD []byte, deals []*sealed.Deal) bool {
	for i := range replicas {
		if own := deals[i].Tree.CommD(); bytes.Equal(own[:], commD) {
			return true
		}
	}
	return false
}

// proveSeals commits to the records of sectors whose challenges are drawn. A lying provider damages them, a sleepy one may forget.
func (p *provider) proveSeals(h *history) {
	h.Helper()
	res, err := h.porep().Sectors(h.state(), &poreptypes.QuerySectorsRequest{Provider: p.text})
	require.NoError(h, err)
	for _, sector := range res.Sectors {
		own := p.sectorWith(sector.Number)
		if own == nil || own.proven || sector.Status != poreptypes.SECTOR_STATUS_PRECOMMITTED || h.height <= sector.ChallengeHeight {
			continue
		}
		if p.character == sleepy && h.one(2) {
			continue
		}
		drawn, err := h.porep().SealChallenges(h.state(), &poreptypes.QuerySealChallengesRequest{Id: sector.Id})
		require.NoError(h, err)
		records, err := own.Proof(sdr.Hash(drawn.Seed), sector.SealChallenges)
		require.NoError(h, err)
		if p.character == lying {
			records[h.rng.IntN(len(records))] ^= 1
		}
		own.proven = true
		root := sdr.ProofRoot(records)
		h.records[root] = sealProof{own.Statement, sdr.Hash(drawn.Seed), records}
		h.order("prove seal", p.account, &poreptypes.MsgProveSeal{
			Provider: p.text, SectorId: sector.Id, Records: format.NodeCID(root).String(), Root: root[:], LengthBytes: uint64(len(records)),
		}, anyOutcome, poreptypes.ErrSectorStatus, poreptypes.ErrTooLate, poreptypes.ErrUnknownSector)
	}
}

func (p *provider) sectorWith(number uint64) *sectorOnDisk {
	for _, sector := range p.sectors {
		if sector.number == number {
			return sector
		}
	}
	return nil
}

// OpenNode implements proof.SealedSource.
func (p *provider) OpenNode(ctx context.Context, c proof.SealedChallenge) (*proof.NodeOpening, error) {
	for _, sector := range p.sectors {
		if sector.Statement.CommRLast != c.CommRLast || sector.lost {
			continue
		}
		return sector.OpenNode(ctx, c.Node)
	}
	return nil, errLost
}

// judgeSeals is the validator's vote extension: its verdicts on the seal proofs that wait for one and that it could fetch.
func (h *history) judgeSeals() []byte {
	h.Helper()
	pending, err := h.porep().PendingSeals(h.state(), &poreptypes.QueryPendingSealsRequest{
		Validator: sdk.ConsAddress(h.validator.PubKey().Address()).String(),
	})
	require.NoError(h, err)
	var verdicts []poreptypes.Verdict
	for _, seal := range pending.Seals {
		p, known := h.records[format.Digest(seal.Sector.Proof.Root)]
		if !known {
			continue
		}
		failure := sdr.VerifySeal(&p.statement, p.seed, seal.Sector.SealChallenges, p.records)
		verdicts = append(verdicts, poreptypes.Verdict{SealID: seal.SealId, Valid: failure == nil})
	}
	section, err := poreptypes.EncodeVerdicts(verdicts)
	require.NoError(h, err)
	if len(section) == 0 {
		return nil
	}
	extension, err := abci.EncodePayload([]abci.Section{{Kind: abci.KindSealVerdicts, Data: section}})
	require.NoError(h, err)
	return extension
}

// entries are the validator's vote extension with what proves it, as the injection of the next block carries it.
func (c *chain) entries(extension []byte) []abci.Entry {
	c.Helper()
	if len(extension) == 0 {
		return nil
	}
	var signed bytes.Buffer
	require.NoError(c, protoio.NewDelimitedWriter(&signed).WriteMsg(&cmtproto.CanonicalVoteExtension{
		Extension: extension, Height: c.height - 1, ChainId: chainID,
	}))
	signature, err := c.validator.Sign(signed.Bytes())
	require.NoError(c, err)
	return []abci.Entry{{Validator: c.validator.PubKey().Address(), Signature: signature, Extension: extension}}
}

// pester challenges a random unit alone.
func (h *history) pester() {
	h.Helper()
	p := h.providers[h.rng.IntN(len(h.providers))]
	class := []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED}[h.rng.IntN(2)]
	units, err := h.porep().Units(h.state(), &poreptypes.QueryUnitsRequest{Provider: p.text, Class: class})
	if err != nil || len(units.Units) == 0 {
		return
	}
	challenger := h.clients[h.rng.IntN(len(h.clients))]
	h.order("challenge", challenger.account, &poreptypes.MsgChallenge{
		Challenger: challenger.text, UnitId: units.Units[h.rng.IntN(len(units.Units))].Id,
	}, anyOutcome, poreptypes.ErrNotActive, poreptypes.ErrChallenged, poreptypes.ErrChallenges, poreptypes.ErrUnknownUnit)
}

// answerChallenges answers what is demanded of single units, as far as the provider has it.
func (p *provider) answerChallenges(h *history, at time.Time) {
	h.Helper()
	res, err := h.porep().UnitChallenges(h.state(), &poreptypes.QueryUnitChallengesRequest{Provider: p.text})
	require.NoError(h, err)
	for _, open := range res.Challenges {
		if len(open.Openings) == 0 || !at.Before(open.Challenge.AnswerBy) {
			continue
		}
		encoded, missing := p.make(h, open.Class, open.Challenge.Id, open.Openings)
		if missing {
			continue
		}
		h.order("answer", p.account, &poreptypes.MsgAnswerChallenge{Provider: p.text, ChallengeId: open.Challenge.Id, Proof: encoded},
			anyOutcome, poreptypes.ErrUnknownChallenge, poreptypes.ErrTooLate, poreptypes.ErrUnknownUnit)
	}
}

// make proves what is asked for in a class, and tells whether something is missing.
func (p *provider) make(h *history, class poreptypes.Class, window uint64, asked []poreptypes.Challenge) (encoded []byte, lacking bool) {
	h.Helper()
	encoded, missing, err := sealed.Answer(class, window, asked, p.disk, p)
	require.NoError(h, err)
	return encoded, missing > 0
}

// recoveryOf lists what a faulty unit is asked for in a window, to recover.
func (p *provider) recoveryOf(h *history, w poreptypes.Window, unit poreptypes.Unit, count uint32) (asked []poreptypes.Challenge) {
	h.Helper()
	for _, offset := range proof.Offsets(proof.RecoverySeed([32]byte(w.Seed), unit.Id), count, unit.SizeBytes) {
		c := poreptypes.Challenge{CommD: unit.CommD, SizeBytes: unit.SizeBytes, Offset: offset}
		if unit.Class == poreptypes.CLASS_SEALED {
			sector, err := h.porep().Sector(h.state(), &poreptypes.QuerySectorRequest{Id: unit.SectorId})
			require.NoError(h, err)
			c.Nodes, c.Node = sector.Sector.Class.Nodes(), unit.StartNode+offset/poreptypes.NodeSizeBytes
			c.CommRLast = sector.Sector.CommRLast
		}
		asked = append(asked, c)
	}
	return asked
}
