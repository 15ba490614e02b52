package abci

import (
	"bytes"
	"fmt"
	"slices"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

// PrepareProposal returns the handler that makes a proposal: the injection
// first, then what the selector chooses for the rest of the space.
//
// It never fails. BaseApp would answer an error or a panic with a block without
// an injection, which every validator rejects; so when the selector fails the
// block goes out without transactions, and when collecting the extensions fails
// it goes out with an injection without entries. A node that lacks the VRF key
// that the chain knows of it cannot make an acceptable block at all: it says so
// each time, and the next round's proposer takes over.
func PrepareProposal(keys ValidatorKeys, beacon Beacon, prover BeaconProver, selector TxSelector) sdk.PrepareProposalHandler {
	return func(ctx sdk.Context, req *abci.RequestPrepareProposal) (*abci.ResponsePrepareProposal, error) {
		injected := injectionTx(ctx, keys, beacon, prover, req)
		txs := [][]byte{injected}
		if freeBytes := req.MaxTxBytes - txSizeBytes(injected); freeBytes > 0 {
			txs = append(txs, selectTxs(ctx, selector, req, freeBytes)...)
		}
		return &abci.ResponsePrepareProposal{Txs: txs}, nil
	}
}

// injectionTx encodes the injection for the proposal, with no entries if the
// real ones cannot be collected.
func injectionTx(
	ctx sdk.Context, keys ValidatorKeys, beacon Beacon, prover BeaconProver, req *abci.RequestPrepareProposal,
) []byte {
	in := Injection{Height: req.Height - 1, Round: req.LocalLastCommit.Round}

	proof, err := proveBeacon(ctx, beacon, prover, req)
	if err != nil {
		ctx.Logger().Error("failed to prove the block's randomness: every validator will reject this proposal; put the registered key "+
			"into config/beacon_key.json and restart", "height", req.Height, "proposer", fmt.Sprintf("%X", req.ProposerAddress), "err", err)
	}
	in.BeaconProof = proof

	if extensionsExpected(ctx, req.Height, len(req.LocalLastCommit.Votes)) {
		entries, err := collectEntries(ctx, keys, req)
		if err != nil {
			ctx.Logger().Error("failed to collect vote extensions: none is injected", "height", req.Height, "err", err)
		}
		in.Entries = entries
	}

	raw, err := in.Encode()
	if err != nil {
		ctx.Logger().Error("failed to encode the injection: no extension is injected", "height", req.Height, "err", err)
		in.Entries = nil
		raw, _ = in.Encode() // height and round come from a valid request
	}
	return raw
}

// collectEntries picks, from the extended commit that the proposer saw, the
// extensions that every validator will accept. A late precommit may come with an
// extension that nobody has verified, so each signature is checked here. When
// space is short the validators with the least power are left out.
func collectEntries(ctx sdk.Context, keys ValidatorKeys, req *abci.RequestPrepareProposal) (entries []Entry, err error) {
	defer func() {
		if r := recover(); r != nil {
			entries, err = nil, fmt.Errorf("panic: %v", r)
		}
	}()

	// At most half of the block is for extensions.
	freeBytes := req.MaxTxBytes/2 - int64(injectionHeaderBytes+BeaconProofBytes)
	for _, v := range req.LocalLastCommit.Votes { // by descending power
		e := Entry{Validator: v.Validator.Address, Signature: v.ExtensionSignature, Extension: v.VoteExtension}
		if v.BlockIdFlag != cmtproto.BlockIDFlagCommit || len(e.Extension) == 0 {
			continue
		}
		if int64(e.sizeBytes()) > freeBytes || len(entries) == MaxInjectionEntries {
			break
		}
		if err := (Injection{Entries: []Entry{e}}).checkEntry(0); err != nil {
			ctx.Logger().Debug("vote extension left out", "height", req.Height, "err", err)
			continue
		}
		if err := verifyEntry(ctx, keys, req.Height-1, req.LocalLastCommit.Round, e); err != nil {
			ctx.Logger().Debug("vote extension left out", "height", req.Height, "err", err)
			continue
		}
		entries = append(entries, e)
		freeBytes -= int64(e.sizeBytes())
	}
	slices.SortFunc(entries, func(a, b Entry) int { return bytes.Compare(a.Validator, b.Validator) })
	return entries, nil
}

// selectTxs asks the selector for at most freeBytes of transactions and drops
// what must not follow an injection or does not fit.
func selectTxs(ctx sdk.Context, selector TxSelector, req *abci.RequestPrepareProposal, freeBytes int64) (txs [][]byte) {
	defer func() {
		if r := recover(); r != nil {
			ctx.Logger().Error("panic while selecting transactions: the block is empty", "height", req.Height, "panic", r)
			txs = nil
		}
	}()

	narrowed := *req
	narrowed.MaxTxBytes = freeBytes
	selected, err := selector.SelectTxs(ctx, &narrowed)
	if err != nil {
		ctx.Logger().Error("failed to select transactions: the block is empty", "height", req.Height, "err", err)
		return nil
	}

	for _, tx := range selected {
		sizeBytes := txSizeBytes(tx)
		if IsInjection(tx) {
			continue
		}
		if sizeBytes > freeBytes {
			break
		}
		txs = append(txs, tx)
		freeBytes -= sizeBytes
	}
	return txs
}

// txSizeBytes is the size of a transaction as CometBFT counts it in a block.
func txSizeBytes(tx []byte) int64 {
	return cmttypes.ComputeProtoSizeForTxs([]cmttypes.Tx{tx})
}
