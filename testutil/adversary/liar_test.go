package adversary_test

import (
	"time"

	"github.com/stretchr/testify/require"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// mismatcher is a client that orders what does not match its commitment: another length, and bytes that there are not. It hopes that a
// provider that takes it on can never prove it.
type mismatcher struct{}

func (mismatcher) attack(s *scene) {
	c := newContent(s, "mismatched", 16, 16<<10)
	s.contents[c.Tree.CommD()] = c
	clients, providers := s.wealth(s.accomplice), s.wealth(s.rogue.account)
	free := s.registered(s.rogue).ReservedBytes
	for _, class := range []poreptypes.Class{poreptypes.CLASS_OPEN, poreptypes.CLASS_SEALED} {
		longer := dealOf(s.accomplice, c, class, roguePrice)
		longer.SizeBytes++
		unknown := dealOf(s.accomplice, newContent(s, "nowhere", 16, 16<<10), class, roguePrice)
		for _, lie := range []struct {
			msg    *markettypes.MsgCreateDeal
			reason markettypes.RefusalReason
		}{{longer, markettypes.REFUSAL_REASON_MISMATCH}, {unknown, markettypes.REFUSAL_REASON_UNREACHABLE}} {
			s.rogue.refused = nil
			var created markettypes.MsgCreateDealResponse
			s.do(s.accomplice, lie.msg, &created)
			s.until("it is refused", time.Minute, func() bool { return len(s.replica(created.DealId).Excluded) > 0 })
			require.Equal(s, []markettypes.RefusalReason{lie.reason}, s.rogue.refused)
			require.Equal(s, []string{s.rogue.text}, s.replica(created.DealId).Excluded)
			s.do(s.accomplice, &markettypes.MsgCancelDeal{Client: s.accomplice.text, DealId: created.DealId}, nil)
		}
	}
	require.Equal(s, providers.String(), s.wealth(s.rogue.account).String(), "a refusal is free of charge")
	registered := s.registered(s.rogue)
	require.Equal(s, free, registered.ReservedBytes)
	require.True(s, registered.Accepting)
	require.Nil(s, registered.JailedUntil)
	require.Equal(s, clients.String(), s.wealth(s.accomplice).String(), "and nothing to be had by the client")
}

// nag is a client that challenges a provider, which has everything, as often as it may.
type nag struct{}

func (nag) attack(s *scene) {
	id := s.holding(poreptypes.CLASS_OPEN)
	unit := s.replica(id).UnitId
	clients, providers := s.wealth(s.accomplice), s.wealth(s.rogue.account)
	bond := poreptypes.LocalnetParams().ChallengeBond
	const challenges = 3
	for range challenges {
		var opened poreptypes.MsgChallengeResponse
		s.do(s.accomplice, &poreptypes.MsgChallenge{Challenger: s.accomplice.text, UnitId: unit}, &opened)
		s.refused(s.accomplice, &poreptypes.MsgChallenge{Challenger: s.accomplice.text, UnitId: unit}, poreptypes.ErrChallenged, nil)
		var asked []poreptypes.Challenge
		s.until("the challenge is drawn", time.Minute, func() bool {
			res, err := s.porep().UnitChallenges(s.state(), &poreptypes.QueryUnitChallengesRequest{Provider: s.rogue.text})
			require.NoError(s, err)
			require.Len(s, res.Challenges, 1)
			asked = res.Challenges[0].Openings
			return len(asked) > 0
		})
		s.do(s.rogue.account, &poreptypes.MsgAnswerChallenge{
			Provider: s.rogue.text, ChallengeId: opened.ChallengeId,
			Proof: s.openings(s.rogue, poreptypes.CLASS_OPEN, opened.ChallengeId, asked),
		}, nil)
		s.pass(poreptypes.LocalnetParams().ChallengeInterval)
	}
	require.Equal(s, clients.Sub(bond.MulRaw(challenges)).String(), s.wealth(s.accomplice).String(), "each costs its bond")
	s.settle(s.client, id)
	require.True(s, s.wealth(s.rogue.account).GTE(providers.Add(bond.MulRaw(challenges))), "which goes to the provider")
	require.Empty(s, told[*poreptypes.EventUnitFaulted](s.world))
}
