package abci

import (
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Vote is one section of one validator's extension, as handlers see it.
type Vote struct {
	// Validator is the consensus address of the signer.
	Validator sdk.ConsAddress
	// Power is the signer's voting power in the commit of Height.
	Power int64
	// Height is the height of the vote, one less than that of the block.
	Height int64
	// Data is the section, in the format of its kind. Only its size has been
	// checked: it is input from a stranger.
	Data []byte
}

// SectionHandler applies the sections of one kind to state.
type SectionHandler interface {
	// Kind is the kind of section that the handler is for.
	Kind() SectionKind

	// ApplyVote applies one section. It must be deterministic and take a
	// repeated item as no news. When it returns an error or panics, what it
	// wrote is dropped and the block goes on.
	ApplyVote(ctx sdk.Context, v Vote) error
}

// PreBlocker applies what a block injects. Make one with NewPreBlocker.
type PreBlocker struct {
	record   *Record
	beacon   Beacon
	handlers map[SectionKind]SectionHandler
}

// NewPreBlocker makes a pre-blocker that keeps its record in the given store.
// It returns an error if two handlers are for one kind.
func NewPreBlocker(record *Record, beacon Beacon, handlers ...SectionHandler) (*PreBlocker, error) {
	p := &PreBlocker{record: record, beacon: beacon, handlers: make(map[SectionKind]SectionHandler, len(handlers))}
	for _, h := range handlers {
		if _, ok := p.handlers[h.Kind()]; ok {
			return nil, fmt.Errorf("two vote extension handlers of kind %d", h.Kind())
		}
		p.handlers[h.Kind()] = h
	}
	return p, nil
}

// PreBlock applies the injection of a block: its randomness, so that all of the
// block sees it, then the vote extensions. The signatures are not checked again:
// the block was accepted by more than two thirds of the power, each of which
// checked them in ProcessProposal. The beacon proof is, since its output is
// needed; PreBlock fails, and the node stops, if it is not what the rule wants,
// because there is no other value to go on with.
func (p *PreBlocker) PreBlock(ctx sdk.Context, req *abci.RequestFinalizeBlock) error {
	in, decodeErr := decodeFirst(req.Txs)
	if err := p.beacon.Advance(ctx, req.Height, req.ProposerAddress, in.BeaconProof); err != nil {
		return fmt.Errorf("failed to advance the randomness: %w", err)
	}
	if decodeErr != nil {
		// No honest validator has accepted such a block. Skipping it is
		// deterministic; stopping the chain would be worse.
		ctx.Logger().Error("accepted block without a valid injection", "height", req.Height, "err", decodeErr)
		return nil
	}
	if !extensionsExpected(ctx, req.Height, len(req.DecidedLastCommit.Votes)) {
		return nil
	}

	votes := votesByAddress(req.DecidedLastCommit)
	for _, e := range in.Entries {
		v, ok := votes[string(e.Validator)]
		if !ok || !v.forBlock {
			continue
		}
		p.applyEntry(ctx, in.Height, e, v.powerUnits)
	}
	return p.record.set(ctx, Applied{Height: in.Height, Entries: uint64(len(in.Entries))})
}

// decodeFirst decodes the injection of a block.
func decodeFirst(txs [][]byte) (Injection, error) {
	if len(txs) == 0 {
		return Injection{}, fmt.Errorf("%w: the block has none", ErrInjection)
	}
	return DecodeInjection(txs[0])
}

// applyEntry applies the sections of one validator, each on its own.
func (p *PreBlocker) applyEntry(ctx sdk.Context, height int64, e Entry, power int64) {
	sections, err := DecodePayload(e.Extension)
	if err != nil {
		return // DecodeInjection has checked it
	}
	for _, s := range sections {
		handler, ok := p.handlers[s.Kind]
		if !ok {
			continue
		}
		v := Vote{Validator: sdk.ConsAddress(e.Validator), Power: power, Height: height, Data: s.Data}
		if err := applyVote(ctx, handler, v); err != nil {
			ctx.Logger().Info("vote extension section not applied", "validator", v.Validator.String(), "kind", s.Kind, "err", err)
		}
	}
}

// applyVote calls a handler on a branch of state that is kept only if it
// succeeds.
func applyVote(ctx sdk.Context, handler SectionHandler, v Vote) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	branch, write := ctx.CacheContext()
	if err := handler.ApplyVote(branch, v); err != nil {
		return err
	}
	write()
	return nil
}
