package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// challengeSeedDelayBlocks is how many blocks after a challenge its openings are drawn: its challenger cannot know them.
const challengeSeedDelayBlocks = 2

// Challenge demands openings of a unit that nobody can foresee, within a time of its own. The challenger's bond goes to the
// provider that answers.
func (m msgServer) Challenge(ctx context.Context, msg *types.MsgChallenge) (*types.MsgChallengeResponse, error) {
	unit, err := m.Unit(ctx, msg.UnitId)
	if err != nil {
		return nil, err
	}
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	at := now(ctx)
	if unit.Status != types.UNIT_STATUS_ACTIVE {
		return nil, types.ErrNotActive.Wrapf("unit %d", unit.Id)
	}
	if unit.ChallengeId != 0 {
		return nil, types.ErrChallenged.Wrapf("challenge %d of unit %d is open", unit.ChallengeId, unit.Id)
	}
	if unit.ChallengedAt != nil && at.Before(unit.ChallengedAt.Add(params.ChallengeInterval)) {
		return nil, types.ErrChallenged.Wrapf("unit %d at %s", unit.Id, unit.ChallengedAt)
	}
	state, err := m.provider(ctx, unit.MapKey())
	if err != nil {
		return nil, err
	}
	if state.OpenChallenges >= params.MaxOpenChallenges {
		return nil, types.ErrChallenges.Wrapf("%d of %s", state.OpenChallenges, state.MapKey())
	}
	if err := m.lock(ctx, params, msg.Challenger, params.ChallengeBond); err != nil {
		return nil, err
	}
	id, err := m.nextChallengeID.Next(ctx)
	if err != nil {
		return nil, fmt.Errorf("failed to number the challenge: %w", err)
	}
	c := types.UnitChallenge{
		Id: id, UnitId: unit.Id, Challenger: msg.Challenger, Bond: params.ChallengeBond,
		SeedHeight: sdk.UnwrapSDKContext(ctx).BlockHeight() + challengeSeedDelayBlocks, AnswerBy: at.Add(params.ChallengeResponseTime),
	}
	if err := m.setChallenge(ctx, c, unit.Provider); err != nil {
		return nil, err
	}
	if err := m.setDue(ctx, c.AnswerBy, types.DUE_KIND_CHALLENGE_TIMEOUT, unit.MapKey(), id); err != nil {
		return nil, err
	}
	unit.ChallengeId, unit.ChallengedAt = id, &at
	if err := m.setUnit(ctx, unit); err != nil {
		return nil, err
	}
	state.OpenChallenges++
	if err := m.setProvider(ctx, state); err != nil {
		return nil, err
	}
	return &types.MsgChallengeResponse{ChallengeId: id}, emit(ctx, &types.EventUnitChallenged{
		ChallengeId: id, UnitId: unit.Id, Challenger: msg.Challenger,
	})
}

// AnswerChallenge shows the openings that a challenge asks for, none missing, and earns its bond. A proof that does not verify
// changes nothing, and another one may follow before the deadline.
func (m msgServer) AnswerChallenge(ctx context.Context, msg *types.MsgAnswerChallenge) (*types.MsgAnswerChallengeResponse, error) {
	c, err := m.challenge(ctx, msg.ChallengeId)
	if err != nil {
		return nil, err
	}
	unit, err := m.Unit(ctx, c.UnitId)
	if err != nil {
		return nil, err
	}
	if unit.Provider != msg.Provider {
		return nil, types.ErrNotOwner.Wrapf("unit %d of %s", unit.Id, unit.Provider)
	}
	if !now(ctx).Before(c.AnswerBy) {
		return nil, types.ErrTooLate.Wrapf("challenge %d was to be answered by %s", c.Id, c.AnswerBy)
	}
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := m.charge(ctx, uint64(params.ChallengeOpenings), msg.Proof); err != nil {
		return nil, err
	}
	challenges, err := m.unitChallenges(ctx, c, unit, params)
	if err != nil {
		return nil, err
	}
	missing, err := verify(msg.Proof, unit.Class, c.Id, challenges)
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, types.ErrInvalidProof.Wrapf("answer to challenge %d lacks %d openings", c.Id, len(missing))
	}
	if err := m.removeChallenge(ctx, c, &unit); err != nil {
		return nil, err
	}
	if err := m.unlock(ctx, unit.Provider, c.Bond); err != nil {
		return nil, err
	}
	return &types.MsgAnswerChallengeResponse{}, emit(ctx, &types.EventChallengeAnswered{ChallengeId: c.Id, UnitId: unit.Id})
}

// unitChallenges returns what a challenge of one unit asks for. It fails with ErrNotDrawn before that is known.
func (k *Keeper) unitChallenges(
	ctx context.Context, c types.UnitChallenge, unit types.Unit, params types.Params,
) ([]challenge, error) {
	random, err := k.Beacon.At(ctx, c.SeedHeight)
	if err != nil {
		return nil, types.ErrNotDrawn.Wrapf("challenge %d: %s", c.Id, err)
	}
	seed := proof.ChallengeSeed(random, sdk.UnwrapSDKContext(ctx).ChainID(), c.Id)
	return k.challengesOf(ctx, unit, seed, params.ChallengeOpenings)
}

// endChallenge convicts a provider that did not answer: the listener takes its penalty, and the unit is terminated. After a halt of
// the chain the deadline may come before the openings are drawn; there is another response time then.
func (k *Keeper) endChallenge(ctx context.Context, id uint64) error {
	c, err := k.challenge(ctx, id)
	if errors.Is(err, types.ErrUnknownChallenge) {
		return nil
	}
	if err != nil {
		return err
	}
	unit, err := k.Unit(ctx, c.UnitId)
	if err != nil {
		return err
	}
	if sdk.UnwrapSDKContext(ctx).BlockHeight() <= c.SeedHeight+1 {
		return k.postponeChallenge(ctx, c, unit)
	}
	if err := k.removeChallenge(ctx, c, &unit); err != nil {
		return err
	}
	if err := k.unlock(ctx, c.Challenger, c.Bond); err != nil {
		return err
	}
	err = emit(ctx, &types.EventChallengeFailed{ChallengeId: id, UnitId: unit.Id, Provider: unit.Provider})
	if err != nil {
		return err
	}
	if err := k.tellDue(ctx, challengeFailed(unit, c.Challenger)); err != nil {
		return err
	}
	unit, found, err := k.findUnit(ctx, unit.Id)
	if err != nil || !found {
		return err
	}
	return k.terminateOrQueue(ctx, unit, types.TERMINATION_CAUSE_CHALLENGE, k.tellDue)
}

func (k *Keeper) postponeChallenge(ctx context.Context, c types.UnitChallenge, unit types.Unit) error {
	params, err := k.Params(ctx)
	if err != nil {
		return err
	}
	c.AnswerBy = now(ctx).Add(params.ChallengeResponseTime)
	if err := k.setChallenge(ctx, c, unit.Provider); err != nil {
		return err
	}
	return k.setDue(ctx, c.AnswerBy, types.DUE_KIND_CHALLENGE_TIMEOUT, unit.MapKey(), c.Id)
}

// voidChallenge ends the open challenge of a unit that is going away, if there is one: nobody won.
func (k *Keeper) voidChallenge(ctx context.Context, unit *types.Unit) error {
	if unit.ChallengeId == 0 {
		return nil
	}
	c, err := k.challenge(ctx, unit.ChallengeId)
	if err != nil {
		return err
	}
	if err := k.removeChallenge(ctx, c, unit); err != nil {
		return err
	}
	return k.unlock(ctx, c.Challenger, c.Bond)
}

// challenge returns an open challenge. It fails with ErrUnknownChallenge.
func (k *Keeper) challenge(ctx context.Context, id uint64) (types.UnitChallenge, error) {
	c, err := k.challenges.Get(ctx, id)
	if errors.Is(err, collections.ErrNotFound) {
		return types.UnitChallenge{}, types.ErrUnknownChallenge.Wrapf("%d", id)
	}
	if err != nil {
		return types.UnitChallenge{}, fmt.Errorf("failed to read challenge %d: %w", id, err)
	}
	return c, nil
}

func (k *Keeper) setChallenge(ctx context.Context, c types.UnitChallenge, provider string) error {
	if err := k.challenges.Set(ctx, c.Id, c); err != nil {
		return fmt.Errorf("failed to write challenge %d: %w", c.Id, err)
	}
	if err := k.challengesByProvider.Set(ctx, collections.Join(provider, c.Id)); err != nil {
		return fmt.Errorf("failed to list challenge %d: %w", c.Id, err)
	}
	return nil
}

// removeChallenge takes a challenge from its unit, and writes both.
func (k *Keeper) removeChallenge(ctx context.Context, c types.UnitChallenge, unit *types.Unit) error {
	if err := k.challenges.Remove(ctx, c.Id); err != nil {
		return fmt.Errorf("failed to remove challenge %d: %w", c.Id, err)
	}
	if err := k.challengesByProvider.Remove(ctx, collections.Join(unit.Provider, c.Id)); err != nil {
		return fmt.Errorf("failed to unlist challenge %d: %w", c.Id, err)
	}
	if err := k.removeDue(ctx, dueAt(c.AnswerBy, types.DUE_KIND_CHALLENGE_TIMEOUT, unit.MapKey(), c.Id)); err != nil {
		return err
	}
	unit.ChallengeId = 0
	if err := k.setUnit(ctx, *unit); err != nil {
		return err
	}
	state, err := k.provider(ctx, unit.MapKey())
	if err != nil {
		return err
	}
	state.OpenChallenges--
	return k.setProvider(ctx, state)
}
