package simulation_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// character is how a provider behaves.
type character int

const (
	// honest proves everything in time.
	honest character = iota
	// careless loses data, admits it, and heals some of it.
	careless
	// sleepy is silent for minutes.
	sleepy
	// lying sends proofs that are damaged, old, or another's.
	lying
)

type provider struct {
	*account
	character   character
	disk        *disk
	sleepsUntil time.Time
	// proofs are those of earlier windows.
	proofs [][]byte
	// sectors are those that it has sealed.
	sectors []*sectorOnDisk
}

func testEndpoint() markettypes.Endpoint {
	return markettypes.Endpoint{
		PeerId: "12D3KooWGRUhVfNuXhSnAdG6vVqY1vJ5xhJZ9bWgEMgbUuTHPYfR", Multiaddrs: []string{"/ip4/192.0.2.1/udp/4001/quic-v1"},
	}
}

// act orders what the provider does in the block at the given time.
func (p *provider) act(h *history, at time.Time) {
	h.Helper()
	if at.Before(p.sleepsUntil) {
		return
	}
	switch {
	case p.character == sleepy && h.one(60):
		p.sleepsUntil = at.Add(time.Duration(h.rng.Int64N(int64(3 * time.Minute))))
		return
	case p.character == careless && h.one(8):
		p.disk.lose(h.library.contents[h.rng.IntN(contentCount)])
	case p.character == careless && h.one(12):
		p.disk.heal(h.library.contents[h.rng.IntN(contentCount)])
	case p.character == careless && len(p.sectors) > 0 && h.one(20):
		sector := p.sectors[h.rng.IntN(len(p.sectors))]
		sector.lost = !sector.lost
	}
	state, err := h.app.Keepers.Market.Provider(h.state(), p.text)
	if errors.Is(err, markettypes.ErrProviderNotFound) {
		if h.one(4) {
			p.register(h)
		}
		return
	}
	require.NoError(h, err)
	p.attend(h, at)
	p.proveSeals(h)
	p.answerChallenges(h, at)
	p.prove(h, at, poreptypes.CLASS_OPEN)
	p.prove(h, at, poreptypes.CLASS_SEALED)
	p.trade(h, state)
}

func (p *provider) register(h *history) {
	h.order("register", p.account, &markettypes.MsgRegisterProvider{
		Provider: p.text, Ask: h.ask(), Endpoint: testEndpoint(), Region: "eu", Pledge: h.coins(5, 40),
	}, anyOutcome, markettypes.ErrPledge)
}

// coins is a random amount of aipdm worth least to most IPDM.
func (h *history) coins(least, most int64) sdkmath.Int {
	return params.OneIPDM().MulRaw(least + h.rng.Int64N(most-least)).AddRaw(h.rng.Int64N(1 << 40))
}

// ask is an offer for up to a few contents.
func (h *history) ask() markettypes.Ask {
	ask := markettypes.Ask{
		PricePerGibHour: params.OneIPDM().MulRaw(int64(h.rng.IntN(1_000_000))), CapacityBytes: 5_000 + uint64(h.rng.IntN(60_000)),
	}
	if h.one(4) {
		ask.MaxDealBytes = 2_000
	}
	if h.one(4) {
		ask.MaxDuration = time.Minute
	}
	return ask
}

// attend activates, refuses or ignores what the provider was assigned.
func (p *provider) attend(h *history, at time.Time) {
	h.Helper()
	owed, err := h.market().Assignments(h.state(), &markettypes.QueryAssignmentsRequest{Provider: p.text})
	require.NoError(h, err)
	marketParams, err := h.app.Keepers.Market.Params(h.state())
	require.NoError(h, err)
	var toSeal []markettypes.Assignment
	for _, a := range owed.Assignments {
		replica := a.Replica
		if replica.Status != markettypes.REPLICA_STATUS_ASSIGNED || !at.Before(*replica.Deadline) {
			continue
		}
		if replica.Class == poreptypes.CLASS_SEALED {
			toSeal = append(toSeal, a)
			continue
		}
		urgent := replica.Deadline.Sub(at) < 2*maxStep
		if !(p.character == honest && urgent) && h.one(2) {
			continue
		}
		offsets := proof.Offsets([32]byte(replica.Seed), marketParams.ActivationOpenings, a.Deal.SizeBytes)
		made, err := proof.ProveActivation(context.Background(), proof.ClassOpen, format.Digest(a.Deal.CommD), a.Deal.SizeBytes,
			offsets, p.disk)
		if err != nil || h.one(15) {
			h.order("refuse", p.account, &markettypes.MsgRefuseReplica{
				Provider: p.text, DealId: replica.DealId, Index: replica.Index, Reason: markettypes.REFUSAL_REASON_MISMATCH,
			}, anyOutcome, markettypes.ErrDealState, markettypes.ErrNotAssigned)
			continue
		}
		encoded, err := made.MarshalBinary()
		require.NoError(h, err)
		msg := &markettypes.MsgActivateReplica{Provider: p.text, DealId: replica.DealId, Index: replica.Index, Proof: encoded}
		if p.character == lying && h.one(2) {
			msg.Proof = h.damaged(encoded)
			h.order("activate falsely", p.account, msg, markettypes.ErrProof, markettypes.ErrDealState, markettypes.ErrNotAssigned)
			continue
		}
		h.order("activate", p.account, msg, anyOutcome, markettypes.ErrDealState, markettypes.ErrNotAssigned, poreptypes.ErrTerminating)
	}
	p.takeOnSealed(h, toSeal)
}

// damaged is a proof with one bit changed, or cut.
func (h *history) damaged(encoded []byte) []byte {
	damaged := slices.Clone(encoded)
	if h.one(4) {
		return damaged[:h.rng.IntN(len(damaged))]
	}
	damaged[h.rng.IntN(len(damaged))] ^= 1 << h.rng.IntN(8)
	return damaged
}

// prove answers the provider's open window of a class.
func (p *provider) prove(h *history, at time.Time, class poreptypes.Class) {
	h.Helper()
	asked, err := h.porep().Challenges(h.state(), &poreptypes.QueryChallengesRequest{Provider: p.text, Class: class})
	if err != nil || !asked.Window.Open || !at.Before(*asked.Window.ClosesAt) {
		return
	}
	if asked.Window.Openings > 0 && !asked.Window.Submitted {
		p.submit(h, class, asked)
	}
	if !h.one(3) {
		p.recover(h, class, asked.Window)
	}
}

func (p *provider) submit(h *history, class poreptypes.Class, asked *poreptypes.QueryChallengesResponse) {
	h.Helper()
	if p.character != honest && h.one(3) {
		return
	}
	encoded, _ := p.make(h, class, asked.Window.Index, asked.Challenges)
	msg := &poreptypes.MsgSubmitWindowProof{Provider: p.text, Class: class, Window: asked.Window.Index, Proof: encoded}
	if p.character == lying && h.one(2) {
		p.lie(h, msg)
		return
	}
	p.proofs = append(p.proofs, encoded)
	if h.one(10) {
		twice := *msg
		h.order("prove twice", p.account, &twice, anyOutcome, poreptypes.ErrAlreadySubmitted)
		h.order("prove twice", p.account, msg, anyOutcome, poreptypes.ErrAlreadySubmitted)
		return
	}
	h.order("prove "+class.String(), p.account, msg)
}

// lie sends something else than the proof that was asked for.
func (p *provider) lie(h *history, msg *poreptypes.MsgSubmitWindowProof) {
	outcomes := []*errorsmod.Error{poreptypes.ErrInvalidProof}
	switch other := h.providers[h.rng.IntN(len(h.providers))]; {
	case len(p.proofs) > 0 && h.one(3):
		msg.Proof = p.proofs[h.rng.IntN(len(p.proofs))]
	case len(other.proofs) > 0 && other != p && h.one(3):
		// It may happen to answer the same window's number, but never the same seed's offsets, unless there is one place to ask for.
		msg.Proof = other.proofs[h.rng.IntN(len(other.proofs))]
	case h.one(4):
		msg.Window++
		outcomes[0] = poreptypes.ErrWrongWindow
	case h.one(4):
		// The map of the other class may have no window, or one that is proven.
		msg.Class = poreptypes.CLASS_OPEN + poreptypes.CLASS_SEALED - msg.Class
		outcomes = append(outcomes, poreptypes.ErrUnknownProvider, poreptypes.ErrWindowClosed, poreptypes.ErrWrongWindow,
			poreptypes.ErrAlreadySubmitted, poreptypes.ErrNothingChallenged)
	default:
		msg.Proof = h.damaged(msg.Proof)
	}
	h.order("prove falsely", p.account, msg, outcomes...)
}

// recover proves faulty units of a class anew, as far as the provider has healed them.
func (p *provider) recover(h *history, class poreptypes.Class, w poreptypes.Window) {
	h.Helper()
	faults, err := h.porep().Faults(h.state(), &poreptypes.QueryFaultsRequest{Provider: p.text, Class: class})
	require.NoError(h, err)
	porepParams, err := h.app.Keepers.Porep.Params(h.state())
	require.NoError(h, err)
	msg := &poreptypes.MsgRecoverFaults{Provider: p.text, Class: class, Window: w.Index}
	for _, unit := range faults.Units {
		if class == poreptypes.CLASS_OPEN && h.one(2) {
			p.disk.heal(format.Digest(unit.CommD))
		}
		encoded, missing := p.make(h, class, w.Index, p.recoveryOf(h, w, unit, porepParams.RecoveryOpenings))
		if missing && !h.one(8) {
			continue
		}
		if missing {
			untrue := &poreptypes.MsgRecoverFaults{
				Provider: p.text, Class: class, Window: w.Index,
				Recoveries: []poreptypes.UnitRecovery{{UnitId: unit.Id, Proof: encoded}},
			}
			h.order("recover falsely", p.account, untrue, recoveryRefusals()...)
			continue
		}
		msg.Recoveries = append(msg.Recoveries, poreptypes.UnitRecovery{UnitId: unit.Id, Proof: encoded})
	}
	if len(msg.Recoveries) > 0 {
		h.order("recover "+class.String(), p.account, msg, append(recoveryRefusals(), anyOutcome)...)
	}
}

// recoveryRefusals are what can come between a fault and its recovery: it was proven already, is to be released, or
// was terminated as the block began.
func recoveryRefusals() []*errorsmod.Error {
	return []*errorsmod.Error{poreptypes.ErrInvalidProof, poreptypes.ErrAlreadyQueued, poreptypes.ErrUnknownUnit}
}

// trade changes the provider's offer and pledge.
func (p *provider) trade(h *history, state markettypes.Provider) {
	switch h.rng.IntN(120) {
	case 0:
		h.order("update", p.account, &markettypes.MsgUpdateProvider{
			Provider: p.text, Ask: h.ask(), Endpoint: testEndpoint(), Region: "us", Accepting: !h.one(4),
		}, anyOutcome, markettypes.ErrProviderNotFound, markettypes.ErrJailed)
	case 1:
		h.order("add pledge", p.account, &markettypes.MsgAddPledge{Provider: p.text, Amount: h.coins(0, 30)},
			anyOutcome, markettypes.ErrProviderNotFound)
	case 2:
		h.order("withdraw", p.account, &markettypes.MsgWithdrawPledge{Provider: p.text, Amount: h.coins(0, 20)},
			anyOutcome, markettypes.ErrPledge, markettypes.ErrProviderNotFound)
	case 3:
		if state.Pledge.IsPositive() {
			h.order("withdraw all", p.account, &markettypes.MsgWithdrawPledge{Provider: p.text, Amount: state.Pledge},
				anyOutcome, markettypes.ErrPledge, markettypes.ErrProviderNotFound)
		}
	case 4:
		ask := h.ask()
		ask.CapacityBytes = 1 << 57
		h.order("update absurdly", p.account, &markettypes.MsgUpdateProvider{
			Provider: p.text, Ask: ask, Endpoint: testEndpoint(), Accepting: true,
		}, markettypes.ErrInvalidAsk)
	}
}
