package keeper_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// bond is what a challenge costs.
var bond = sdkmath.NewIntWithDecimal(1, 17)

func (f *fixture) challenge(challenger string, unit uint64) (id uint64, err error) {
	f.Helper()
	err = f.tx(func(ctx sdk.Context) error {
		r, err := f.msgs.Challenge(ctx, &types.MsgChallenge{Challenger: challenger, UnitId: unit})
		if err == nil {
			id = r.ChallengeId
		}
		return err
	})
	return id, err
}

func (f *fixture) answer(provider string, id uint64, proof []byte) error {
	f.Helper()
	return f.tx(func(ctx sdk.Context) error {
		_, err := f.msgs.AnswerChallenge(ctx, &types.MsgAnswerChallenge{Provider: provider, ChallengeId: id, Proof: proof})
		return err
	})
}

// open returns the provider's open challenges as the chain tells them.
func (f *fixture) openChallenges(provider string) []types.OpenUnitChallenge {
	f.Helper()
	r, err := f.queries.UnitChallenges(f.ctx, &types.QueryUnitChallengesRequest{Provider: provider})
	require.NoError(f, err)
	return r.Challenges
}

// answerFrom makes the answer to an open challenge of an open unit from the disk.
func (f *fixture) answerFrom(open types.OpenUnitChallenge) []byte {
	f.Helper()
	var asked []proof.Challenge
	for _, c := range open.Openings {
		asked = append(asked, proof.Challenge{CommD: format.Digest(c.CommD), TotalBytes: c.SizeBytes, Offset: c.Offset})
	}
	wp, _, err := proof.Prove(context.Background(), proof.ClassOpen, open.Challenge.Id, asked, f.disk)
	require.NoError(f, err)
	b, err := wp.MarshalBinary()
	require.NoError(f, err)
	return b
}

func TestAnAnsweredChallengeEarnsItsBond(t *testing.T) {
	f := newFixture(t)
	p, watcher := f.address("p"), f.address("watcher")
	f.fund(watcher)
	unit, _ := f.add(p, 40_000, 30_000)
	f.add(p, 1000)
	id, err := f.challenge(watcher, unit)
	require.NoError(t, err)
	require.Equal(t, bond, f.locked())
	require.Equal(t, uint32(1), f.state(p).OpenChallenges)
	require.Empty(t, f.openChallenges(p)[0].Openings, "nobody knows yet what it asks for")
	require.ErrorIs(t, f.answer(p, id, []byte{1}), types.ErrNotDrawn)
	f.tick()
	f.tick()
	open := f.openChallenges(p)
	require.Len(t, open, 1)
	require.Len(t, open[0].Openings, 32)
	good := f.answerFrom(open[0])
	for name, tt := range map[string]struct {
		provider string
		id       uint64
		proof    []byte
		want     error
	}{
		"another provider": {watcher, id, good, types.ErrNotOwner},
		"unknown":          {p, id + 1, good, types.ErrUnknownChallenge},
		"no proof":         {p, id, nil, types.ErrInvalidProof},
		"cut":              {p, id, good[:len(good)-1], types.ErrInvalidProof},
		"huge":             {p, id, make([]byte, proof.MaxProofSize+1), types.ErrProofTooLarge},
	} {
		require.ErrorIs(t, f.answer(tt.provider, tt.id, tt.proof), tt.want, name)
	}
	require.NoError(t, f.answer(p, id, good))
	require.Equal(t, bond, f.has(p))
	require.True(t, f.locked().IsZero())
	require.Zero(t, f.state(p).OpenChallenges)
	require.ErrorIs(t, f.answer(p, id, good), types.ErrUnknownChallenge)

	// Not again at once, and the old answer is worth nothing then.
	_, err = f.challenge(watcher, unit)
	require.ErrorIs(t, err, types.ErrChallenged)
	f.block(f.ctx.BlockTime().Add(2 * time.Second))
	again, err := f.challenge(watcher, unit)
	require.NoError(t, err)
	f.tick()
	f.tick()
	require.ErrorIs(t, f.answer(p, again, good), proof.ErrWindow)
	stale := f.openChallenges(p)[0]
	stale.Openings = open[0].Openings
	require.ErrorIs(t, f.answer(p, again, f.answerFrom(stale)), types.ErrInvalidProof)
	require.NoError(t, f.answer(p, again, f.answerFrom(f.openChallenges(p)[0])))
}

func TestAnUnansweredChallengeTakesTheUnit(t *testing.T) {
	f := newFixture(t)
	p, watcher := f.address("p"), f.address("watcher")
	f.fund(watcher)
	unit, tree := f.add(p, 40_000)
	kept, _ := f.add(p, 1000)
	f.hooks.take()
	f.disk.lose(t, tree)
	id, err := f.challenge(watcher, unit)
	require.NoError(t, err)
	f.tick()
	f.tick()
	open := f.openChallenges(p)[0]
	require.ErrorIs(t, f.answer(p, id, f.answerFrom(open)), types.ErrInvalidProof, "nothing may be missing")
	f.disk.put(t, "deal 1", 40_000)
	late := f.answerFrom(open)
	f.block(f.ctx.BlockTime().Add(time.Second))
	f.ctx = f.ctx.WithBlockTime(open.Challenge.AnswerBy)
	require.ErrorIs(t, f.answer(p, id, late), types.ErrTooLate)
	f.block(open.Challenge.AnswerBy)
	for f.state(p).UnitCount > 1 {
		f.block(f.ctx.BlockTime().Add(100 * tick))
	}
	require.Equal(t, []string{"challenge failed 1", "terminated 1"}, f.hooks.take())
	require.Equal(t, []types.TerminationCause{types.TERMINATION_CAUSE_CHALLENGE}, f.hooks.causes)
	require.Equal(t, watcher, f.hooks.challenger)
	require.Equal(t, ipdm.MulRaw(100), f.has(watcher), "the bond goes back")
	require.True(t, f.locked().IsZero())
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(kept).Status)
}

// The map does not move under a window because of a challenge that runs out within it.
func TestAChallengeThatRunsOutWhileTheMapIsFrozen(t *testing.T) {
	f := newFixture(t)
	p, watcher := f.address("p"), f.address("watcher")
	f.fund(watcher)
	unit, _ := f.add(p, 40_000)
	opens := f.state(p).NextOpenAt
	f.block(opens.Add(-4 * time.Second))
	_, err := f.challenge(watcher, unit)
	require.NoError(t, err)
	f.block(opens)
	f.tick()
	f.tick() // its openings are drawn
	f.hooks.take()
	f.block(opens.Add(time.Second))
	require.Equal(t, []string{"challenge failed 1"}, f.hooks.take())
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(unit).Status)
	_, err = f.challenge(watcher, unit)
	require.NoError(t, err, "it is there until the window closes")
	_, err = f.submit(f.prove(p))
	require.NoError(t, err)
	f.close(p)
	require.Equal(t, []string{"terminated 1"}, f.hooks.take())
	require.Equal(t, ipdm.MulRaw(100), f.has(watcher), "the second challenge is void")
	require.Equal(t, 1, f.events()["ipdm.porep.v1.EventUnitTerminated"])
}

// A deal that ends meanwhile takes the challenge with it: nobody won.
func TestAChallengeOfAUnitThatIsReleased(t *testing.T) {
	f := newFixture(t)
	p, watcher := f.address("p"), f.address("watcher")
	f.fund(watcher)
	unit, _ := f.add(p, 40_000)
	_, err := f.challenge(watcher, unit)
	require.NoError(t, err)
	f.hooks.take()
	require.NoError(t, f.keeper.RemoveUnit(f.ctx, unit))
	require.Equal(t, []string{"released 1"}, f.hooks.take())
	require.Equal(t, ipdm.MulRaw(100), f.has(watcher))
	require.Empty(t, f.openChallenges(p))
	f.block(f.ctx.BlockTime().Add(10 * time.Second))
	require.Empty(t, f.hooks.take())
}

// A unit that faults while it is challenged can still be answered for.
func TestAChallengeOfAUnitThatFaults(t *testing.T) {
	f := newFixture(t)
	p, watcher := f.address("p"), f.address("watcher")
	f.fund(watcher)
	unit, _ := f.add(p, 40_000)
	id, err := f.challenge(watcher, unit)
	require.NoError(t, err)
	require.NoError(t, f.declare(p, types.CLASS_OPEN, unit))
	f.tick()
	f.tick()
	require.NoError(t, f.answer(p, id, f.answerFrom(f.openChallenges(p)[0])))
	require.Equal(t, bond, f.has(p))
}

func TestChallengesThatAreRefused(t *testing.T) {
	f := newFixture(t, func(p *types.Params) { p.MaxOpenChallenges = 2 })
	p, watcher := f.address("p"), f.address("watcher")
	f.fund(watcher)
	for range 4 {
		f.add(p, 1000)
	}
	_, err := f.challenge(watcher, 77)
	require.ErrorIs(t, err, types.ErrUnknownUnit)
	_, err = f.challenge("x", 1)
	require.ErrorIs(t, err, types.ErrInvalidAddress)
	_, err = f.challenge(f.address("poor"), 1)
	require.ErrorContains(t, err, "has less than")
	require.NoError(t, f.declare(p, types.CLASS_OPEN, 4))
	_, err = f.challenge(watcher, 4)
	require.ErrorIs(t, err, types.ErrNotActive)
	_, err = f.challenge(watcher, 1)
	require.NoError(t, err)
	_, err = f.challenge(watcher, 1)
	require.ErrorIs(t, err, types.ErrChallenged)
	_, err = f.challenge(watcher, 2)
	require.NoError(t, err)
	_, err = f.challenge(watcher, 3)
	require.ErrorIs(t, err, types.ErrChallenges, "a flood of challenges")
	require.Equal(t, bond.MulRaw(2), f.locked())
}

// After a halt of the chain there is time to answer: the challenge was not drawn before.
func TestAChallengeOverAHaltOfTheChain(t *testing.T) {
	f := newFixture(t)
	p, watcher := f.address("p"), f.address("watcher")
	f.fund(watcher)
	unit, _ := f.add(p, 40_000)
	id, err := f.challenge(watcher, unit)
	require.NoError(t, err)
	f.block(f.ctx.BlockTime().Add(time.Hour))
	require.Equal(t, types.UNIT_STATUS_ACTIVE, f.unit(unit).Status)
	f.tick()
	require.NoError(t, f.answer(p, id, f.answerFrom(f.openChallenges(p)[0])))
}

// A sealed unit is challenged for nodes of its own range of the replica.
func TestAChallengeOfASealedUnit(t *testing.T) {
	s := newSealer(t)
	watcher := s.fixture.address("watcher")
	s.fund(watcher)
	s.accepted(nil)
	id, err := s.fixture.challenge(watcher, 2)
	require.NoError(t, err)
	s.tick()
	s.tick()
	open := s.openChallenges(s.address)[0]
	require.Equal(t, types.CLASS_SEALED, open.Class)
	piece := s.sector.pieces[1]
	for _, c := range open.Openings {
		require.GreaterOrEqual(t, c.Node, piece.StartNode)
		require.Less(t, c.Node, piece.StartNode+piece.Nodes())
	}
	asked := sealedChallenges(open.Openings)
	lost := s.proveNodes(id, asked, lossy{s.sector, 1})
	require.ErrorIs(t, s.answer(s.address, id, lost), types.ErrInvalidProof)
	before := s.has(s.address)
	require.NoError(t, s.answer(s.address, id, s.proveNodes(id, asked)))
	require.Equal(t, before.Add(bond), s.has(s.address))
}
