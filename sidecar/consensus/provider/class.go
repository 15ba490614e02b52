package provider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// errNotWhole reports a unit that was taken to be whole and is not.
var errNotWhole = errors.New("openings are missing")

// classProver is what differs between the classes in proving.
type classProver interface {
	class() poreptypes.Class
	name() string
	// answer makes an encoded window proof from this node only. missing tells why what is declared missing in it is.
	answer(ctx context.Context, window uint64, asked []poreptypes.Challenge) (encoded []byte, missing []error, err error)
	// recovery proves a faulty unit at the offsets that the window's seed asks for.
	recovery(ctx context.Context, w poreptypes.Window, unit poreptypes.Unit, openings uint32) ([]byte, error)
	// isWhole tells whether a faulty unit was made whole since it faulted.
	isWhole(unit poreptypes.Unit) bool
	// spoiled takes that back.
	spoiled(unit poreptypes.Unit)
}

// hold makes sealing stand still for a proof until release is called.
func (a *Agent) hold() (release func()) {
	if a.sectors == nil {
		return func() {}
	}
	return a.sectors.Hold()
}

// openProver proves stored encodings.
type openProver struct{ agent *Agent }

func (openProver) class() poreptypes.Class { return poreptypes.CLASS_OPEN }

func (openProver) name() string { return "open" }

func (p openProver) answer(ctx context.Context, window uint64, asked []poreptypes.Challenge) ([]byte, []error, error) {
	challenges := make([]proof.Challenge, len(asked))
	for i, c := range asked {
		commD, err := format.DigestFromBytes(c.CommD)
		if err != nil {
			return nil, nil, fmt.Errorf("challenge %d of unit %d: %w", i, c.UnitId, err)
		}
		challenges[i] = proof.Challenge{CommD: commD, TotalBytes: c.SizeBytes, Offset: c.Offset}
	}
	wp, lost, err := proof.Prove(ctx, proof.ClassOpen, window, challenges, p.agent.data.Source())
	if err != nil {
		return nil, nil, err
	}
	missing := make([]error, len(lost))
	for i, opening := range lost {
		missing[i] = opening
	}
	encoded, err := wp.MarshalBinary()
	if err != nil {
		return nil, nil, fmt.Errorf("failed to encode the proof of window %d: %w", window, err)
	}
	return encoded, missing, nil
}

func (p openProver) recovery(ctx context.Context, w poreptypes.Window, unit poreptypes.Unit, openings uint32) ([]byte, error) {
	offsets, err := recoveryOffsets(w, unit, openings)
	if err != nil {
		return nil, err
	}
	asked := make([]poreptypes.Challenge, len(offsets))
	for i, offset := range offsets {
		asked[i] = poreptypes.Challenge{UnitId: unit.Id, CommD: unit.CommD, SizeBytes: unit.SizeBytes, Offset: offset}
	}
	return whole(p.answer(ctx, w.Index, asked))
}

func (p openProver) isWhole(unit poreptypes.Unit) bool { return p.agent.healing.isHealed(unit) }

func (p openProver) spoiled(unit poreptypes.Unit) { p.agent.healing.spoiled(unit) }

// sealedProver proves sealed replicas.
type sealedProver struct{ agent *Agent }

func (sealedProver) class() poreptypes.Class { return poreptypes.CLASS_SEALED }

func (sealedProver) name() string { return "sealed" }

func (p sealedProver) answer(ctx context.Context, window uint64, asked []poreptypes.Challenge) ([]byte, []error, error) {
	encoded, lost, err := p.agent.sectors.Prove(ctx, window, asked)
	if err != nil {
		return nil, nil, err
	}
	var missing []error
	for _, i := range slices.Sorted(maps.Keys(lost)) {
		why := lost[i]
		if !errors.Is(why, sectors.ErrDamaged) && !errors.Is(why, sectors.ErrNoSector) {
			why = fmt.Errorf("%w: %w", ErrPassing, why)
		}
		missing = append(missing, fmt.Errorf("opening %d: %w", i, why))
	}
	return encoded, missing, nil
}

func (p sealedProver) recovery(ctx context.Context, w poreptypes.Window, unit poreptypes.Unit, openings uint32) ([]byte, error) {
	offsets, err := recoveryOffsets(w, unit, openings)
	if err != nil {
		return nil, err
	}
	sector, err := p.agent.chain.Sector(ctx, unit.SectorId)
	if err != nil {
		return nil, err
	}
	asked := make([]poreptypes.Challenge, len(offsets))
	for i, offset := range offsets {
		asked[i] = poreptypes.Challenge{
			UnitId: unit.Id, SectorId: unit.SectorId, CommRLast: sector.CommRLast, SizeBytes: unit.SizeBytes, Offset: offset,
			Nodes: sectors.ClassNodes(sector.Class), Node: unit.StartNode + offset/sectors.NodeBytes,
		}
	}
	return whole(p.answer(ctx, w.Index, asked))
}

func (p sealedProver) isWhole(unit poreptypes.Unit) bool { return p.agent.sectors.IsWhole(unit) }

// spoiled does nothing: what cannot be opened was found damaged then.
func (sealedProver) spoiled(poreptypes.Unit) {}

// recoveryOffsets are the offsets of a unit that a window's seed asks for.
func recoveryOffsets(w poreptypes.Window, unit poreptypes.Unit, openings uint32) ([]uint64, error) {
	if len(w.Seed) != 32 {
		return nil, fmt.Errorf("window %d has a seed of %d bytes", w.Index, len(w.Seed))
	}
	return proof.Offsets(proof.RecoverySeed([32]byte(w.Seed), unit.Id), openings, unit.SizeBytes), nil
}

// whole takes a proof only if nothing is missing in it.
func whole(encoded []byte, missing []error, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("%w: %d, the first: %w", errNotWhole, len(missing), missing[0])
	}
	return encoded, nil
}
