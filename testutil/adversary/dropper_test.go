package adversary_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// half is what droppers here lose. Sixteen openings of a window miss it once in 65,536 windows, so that one window is what it takes;
// TestDroppersAreCaughtAsOftenAsPredicted is about smaller parts.
func half(p *provider) {
	p.drops = func(_ *content, part int) bool { return part%2 == 0 }
}

// dropper loses half of its bytes and declares what it is asked for and has not.
type dropper struct{ class poreptypes.Class }

func (d dropper) attack(s *scene) {
	id := s.holding(d.class)
	pledge := s.registered(s.rogue).Pledge
	half(s.rogue)
	s.requireEarnsNothing(id, func() {
		asked := s.untilWindow(s.rogue, d.class)
		s.untilClosed(s.rogue, d.class)
		faults := told[*poreptypes.EventUnitFaulted](s.world)
		require.Len(s, faults, 1, "caught in the first window")
		require.Equal(s, s.rogue.text, faults[0].Provider)
		require.Equal(s, asked.Window.Index, faults[0].Window)
		require.Equal(s, markettypes.REPLICA_STATUS_FAULTY, s.replica(id).Status)
		s.until("the unit is terminated", time.Minute, func() bool { return len(told[*poreptypes.EventUnitTerminated](s.world)) > 0 })
	})
	ended := told[*poreptypes.EventUnitTerminated](s.world)
	require.Equal(s, s.rogue.text, ended[0].Provider)
	require.Equal(s, poreptypes.TERMINATION_CAUSE_FAULT, ended[0].Cause)
	s.requireSlashed(id, pledge)
}

// requireSlashed asserts that the rogue has lost its replica and a part of its pledge for it.
func (s *scene) requireSlashed(dealID uint64, pledge sdkmath.Int) {
	s.Helper()
	lost := told[*markettypes.EventReplicaLost](s.world)
	require.Len(s, lost, 1)
	require.Equal(s, s.rogue.text, lost[0].Provider)
	slashed, ok := sdkmath.NewIntFromString(lost[0].Slashed)
	require.True(s, ok)
	require.True(s, slashed.IsPositive())
	registered := s.registered(s.rogue)
	require.True(s, registered.Slashed.GTE(slashed), "slashed %s for the replica of %s in all", slashed, registered.Slashed)
	require.Equal(s, pledge.Sub(registered.Slashed).String(), registered.Pledge.String())
	require.NotEqual(s, s.rogue.text, s.replica(dealID).Provider, "the replica is anybody's to repair")
}

// hider has lost its bytes and keeps silent.
type hider struct{ class poreptypes.Class }

func (h hider) attack(s *scene) {
	id := s.holding(h.class)
	pledge := s.registered(s.rogue).Pledge
	half(s.rogue)
	s.rogue.answers = silent
	s.requireEarnsNothing(id, func() {
		s.untilWindow(s.rogue, h.class)
		s.untilClosed(s.rogue, h.class)
		require.Len(s, told[*poreptypes.EventWindowMissed](s.world), 1, "caught in the first window")
		s.until("the provider is terminated", time.Minute, func() bool {
			return len(told[*markettypes.EventReplicaLost](s.world)) > 0
		})
	})
	missed := told[*poreptypes.EventWindowMissed](s.world)
	require.Len(s, missed, int(poreptypes.LocalnetParams().FaultMaxWindows)+1)
	for i, m := range missed {
		require.Equal(s, s.rogue.text, m.Provider)
		require.Equal(s, uint32(i+1), m.Consecutive)
	}
	require.Len(s, told[*poreptypes.EventProviderTerminated](s.world), 1)
	require.Equal(s, poreptypes.TERMINATION_CAUSE_SILENCE, told[*poreptypes.EventUnitTerminated](s.world)[0].Cause)
	s.requireSlashed(id, pledge)
}

// inventor has lost half of its bytes and shows others in their place.
type inventor struct{ class poreptypes.Class }

func (i inventor) attack(s *scene) {
	id := s.holding(i.class)
	whole := *s.rogue
	half(s.rogue)
	s.rogue.answers = silent
	s.requireEarnsNothing(id, func() {
		asked := s.untilWindow(s.rogue, i.class)
		msg := s.proofOf(&whole, i.class, asked)
		if i.class == poreptypes.CLASS_SEALED {
			msg.Proof = s.inventNodes(asked, msg.Proof)
			s.refused(s.rogue.account, msg, poreptypes.ErrInvalidProof, proof.ErrNode)
		} else {
			msg.Proof = s.inventBytes(asked, msg.Proof)
			s.refused(s.rogue.account, msg, poreptypes.ErrInvalidProof, nil)
		}
		s.untilClosed(s.rogue, i.class)
		missed := told[*poreptypes.EventWindowMissed](s.world)
		require.Len(s, missed, 1)
		require.Equal(s, s.rogue.text, missed[0].Provider)
	})
}

// inventNodes replaces the nodes that the rogue has lost in the right answer, whose paths somebody told it.
func (s *scene) inventNodes(asked *poreptypes.QueryChallengesResponse, right []byte) []byte {
	s.Helper()
	made, err := proof.DecodeSealedWindowProof(right)
	require.NoError(s, err)
	lost := 0
	for i, c := range asked.Challenges {
		if _, err := (disk{s.world, s.rogue}).OpenNode(context.Background(), proof.SealedChallenge{
			CommRLast: [32]byte(c.CommRLast), Nodes: c.Nodes, Node: c.Node,
		}); err != nil {
			made.Openings[i].Node = sha256.Sum256(binary.BigEndian.AppendUint64(nil, c.Node))
			lost++
		}
	}
	require.NotZero(s, lost)
	encoded, err := made.MarshalBinary()
	require.NoError(s, err)
	return encoded
}

// inventBytes changes the bytes of the encodings that the rogue has lost in the right answer.
func (s *scene) inventBytes(asked *poreptypes.QueryChallengesResponse, right []byte) []byte {
	s.Helper()
	made, err := proof.DecodeWindowProof(right)
	require.NoError(s, err)
	lost := 0
	for i := range asked.Challenges {
		if _, err := (disk{s.world, s.rogue}).Encoding(context.Background(), made.Openings[i].Leaf.Digest); err != nil {
			slice := made.Openings[i].Slice
			slice[len(slice)-1] ^= 1
			lost++
		}
	}
	require.NotZero(s, lost)
	encoded, err := made.MarshalBinary()
	require.NoError(s, err)
	return encoded
}
