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
	// sectorNodes and commRLast are the size of a sealed unit's sector and the commitment to its replica.
	sectorNodes uint64
	commRLast   []byte
}

// resolver turns bytes of units into challenges, and reads each sector once.
type resolver struct {
	*Keeper
	sectors map[uint64]types.Sector
}

func (k *Keeper) resolver() resolver { return resolver{k, map[uint64]types.Sector{}} }

// node is the node of the sector's replica that a challenge of a sealed unit asks for.
func (c challenge) node() uint64 { return c.unit.StartNode + c.offset/types.NodeSizeBytes }

// challenge returns the challenge of a byte of a unit.
func (r resolver) challenge(ctx context.Context, unit types.Unit, offset uint64) (challenge, error) {
	c := challenge{unit: unit, offset: offset}
	if unit.Class != types.CLASS_SEALED {
		return c, nil
	}
	sector, known := r.sectors[unit.SectorId]
	if !known {
		var err error
		if sector, err = r.Keeper.Sector(ctx, unit.SectorId); err != nil {
			return challenge{}, err
		}
		r.sectors[unit.SectorId] = sector
	}
	c.sectorNodes, c.commRLast = sector.Class.Nodes(), sector.CommRLast
	return c, nil
}

// challengesOf returns the challenges of a single unit by a seed.
func (k *Keeper) challengesOf(ctx context.Context, unit types.Unit, seed [32]byte, count uint32) ([]challenge, error) {
	points := proof.Offsets(seed, count, unit.SizeBytes)
	challenges, resolver := make([]challenge, 0, len(points)), k.resolver()
	for _, point := range points {
		c, err := resolver.challenge(ctx, unit, point)
		if err != nil {
			return nil, err
		}
		challenges = append(challenges, c)
	}
	return challenges, nil
}

// windowChallenges resolves the open window's challenges to units. The map is the one of the opening, since it is frozen.
func (k *Keeper) windowChallenges(ctx context.Context, state types.ProviderState) ([]challenge, error) {
	seed, err := seedOf(state.Window)
	if err != nil {
		return nil, err
	}
	owner := []byte(state.MapKey())
	points := proof.Offsets(seed, state.Window.Openings, state.Window.ProvenBytes)
	challenges, resolver := make([]challenge, 0, len(points)), k.resolver()
	for _, point := range points {
		slot, offset, err := k.weights.Find(ctx, owner, point)
		if err != nil {
			return nil, fmt.Errorf("failed to find byte %d of %s: %w", point, state.Provider, err)
		}
		id, err := k.slots.Get(ctx, collections.Join(state.MapKey(), slot))
		if err != nil {
			return nil, fmt.Errorf("failed to find the unit in slot %d of %s: %w", slot, state.Provider, err)
		}
		unit, err := k.Unit(ctx, id)
		if err != nil {
			return nil, err
		}
		c, err := resolver.challenge(ctx, unit, offset)
		if err != nil {
			return nil, err
		}
		challenges = append(challenges, c)
	}
	return challenges, nil
}

// recoveryChallenges returns the challenges by which a faulty unit recovers in the window.
func (k *Keeper) recoveryChallenges(ctx context.Context, w types.Window, unit types.Unit, count uint32) ([]challenge, error) {
	seed, err := seedOf(w)
	if err != nil {
		return nil, err
	}
	return k.challengesOf(ctx, unit, proof.RecoverySeed(seed, unit.Id), count)
}

func seedOf(w types.Window) ([32]byte, error) {
	if len(w.Seed) != 32 {
		return [32]byte{}, fmt.Errorf("window %d has a seed of %d bytes", w.Index, len(w.Seed))
	}
	return [32]byte(w.Seed), nil
}

// verify checks an encoded window proof of a class and returns the positions it declares missing. It fails with a ProofError.
func verify(encoded []byte, class types.Class, window uint64, challenges []challenge) (missing []int, err error) {
	if class == types.CLASS_SEALED {
		missing, err = verifySealed(encoded, window, challenges)
	} else {
		missing, err = verifyOpen(encoded, window, challenges)
	}
	if err != nil {
		return nil, &types.ProofError{Err: err}
	}
	return missing, nil
}

func verifyOpen(encoded []byte, window uint64, challenges []challenge) ([]int, error) {
	decoded, err := proof.DecodeWindowProof(encoded)
	if err != nil {
		return nil, err
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
	return proof.Verify(decoded, window, asked)
}

func verifySealed(encoded []byte, window uint64, challenges []challenge) ([]int, error) {
	decoded, err := proof.DecodeSealedWindowProof(encoded)
	if err != nil {
		return nil, err
	}
	asked := make([]proof.SealedChallenge, 0, len(challenges))
	for _, c := range challenges {
		if len(c.commRLast) != types.CommDSizeBytes {
			return nil, fmt.Errorf("sector %d has a commitment of %d bytes", c.unit.SectorId, len(c.commRLast))
		}
		asked = append(asked, proof.SealedChallenge{CommRLast: [32]byte(c.commRLast), Nodes: c.sectorNodes, Node: c.node()})
	}
	return proof.VerifySealed(decoded, window, asked)
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
