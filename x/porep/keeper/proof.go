package keeper

import (
	"context"
	"fmt"

	"cosmossdk.io/collections"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// challenge is one challenged byte and the unit it belongs to.
type challenge struct {
	unit   types.Unit
	offset uint64
}

// windowChallenges resolves the open window's challenges to units. The map is the one of the opening, since it is frozen.
func (k *Keeper) windowChallenges(ctx context.Context, state types.ProviderState) ([]challenge, error) {
	seed, err := seedOf(state.Window)
	if err != nil {
		return nil, err
	}
	owner := []byte(state.Provider)
	points := proof.Offsets(seed, state.Window.Openings, state.Window.ProvenBytes)
	challenges := make([]challenge, 0, len(points))
	for _, point := range points {
		slot, offset, err := k.weights.Find(ctx, owner, point)
		if err != nil {
			return nil, fmt.Errorf("failed to find byte %d of %s: %w", point, state.Provider, err)
		}
		id, err := k.slots.Get(ctx, collections.Join(state.Provider, slot))
		if err != nil {
			return nil, fmt.Errorf("failed to find the unit in slot %d of %s: %w", slot, state.Provider, err)
		}
		unit, err := k.Unit(ctx, id)
		if err != nil {
			return nil, err
		}
		challenges = append(challenges, challenge{unit, offset})
	}
	return challenges, nil
}

// recoveryChallenges returns the challenges by which a faulty unit recovers in the window.
func recoveryChallenges(w types.Window, unit types.Unit, count uint32) ([]challenge, error) {
	seed, err := seedOf(w)
	if err != nil {
		return nil, err
	}
	points := proof.Offsets(proof.RecoverySeed(seed, unit.Id), count, unit.SizeBytes)
	challenges := make([]challenge, 0, len(points))
	for _, point := range points {
		challenges = append(challenges, challenge{unit, point})
	}
	return challenges, nil
}

func seedOf(w types.Window) ([32]byte, error) {
	if len(w.Seed) != 32 {
		return [32]byte{}, fmt.Errorf("window %d has a seed of %d bytes", w.Index, len(w.Seed))
	}
	return [32]byte(w.Seed), nil
}

// verify checks an encoded window proof and returns the positions it declares missing. It fails with a ProofError.
func verify(encoded []byte, window uint64, challenges []challenge) ([]int, error) {
	decoded, err := proof.DecodeWindowProof(encoded)
	if err != nil {
		return nil, &types.ProofError{Err: err}
	}
	asked := make([]proof.Challenge, 0, len(challenges))
	for _, c := range challenges {
		if len(c.unit.CommD) != types.CommDSizeBytes {
			return nil, fmt.Errorf("unit %d has a commitment of %d bytes", c.unit.Id, len(c.unit.CommD))
		}
		asked = append(asked, proof.Challenge{
			CommD: format.Digest(c.unit.CommD), TotalBytes: c.unit.SizeBytes, Offset: c.offset,
		})
	}
	missing, err := proof.Verify(decoded, window, asked)
	if err != nil {
		return nil, &types.ProofError{Err: err}
	}
	return missing, nil
}

// VerifyActivation checks the proof that a provider holds size bytes under the commitment commD: encoded is an activation proof of
// x/porep/proof with openings at the first k offsets that the 32-byte seed gives. It charges no gas. It fails with
// ErrProofTooLarge, ErrInvalidUnit when the arguments make no sense, and with a ProofError.
func (*Keeper) VerifyActivation(_ context.Context, seed, commD []byte, size uint64, k uint32, encoded []byte) error {
	if len(encoded) > proof.MaxProofSize {
		return types.ErrProofTooLarge.Wrapf("%d bytes, at most %d", len(encoded), proof.MaxProofSize)
	}
	if len(seed) != 32 || len(commD) != types.CommDSizeBytes || size == 0 || k == 0 || k > proof.MaxOpenings {
		return types.ErrInvalidUnit.Wrapf(
			"cannot challenge %d bytes %d times with a seed of %d bytes and a commitment of %d", size, k, len(seed), len(commD))
	}
	decoded, err := proof.DecodeActivationProof(encoded)
	if err != nil {
		return &types.ProofError{Err: err}
	}
	offsets := proof.Offsets([32]byte(seed), k, size)
	if err := proof.VerifyActivation(decoded, format.Digest(commD), size, offsets); err != nil {
		return &types.ProofError{Err: err}
	}
	return nil
}
