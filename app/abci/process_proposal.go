package abci

import (
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// ProcessProposal returns the handler that judges a proposal. It requires a
// proven injection as the first transaction and forbids one anywhere else,
// requires that all other transactions decode and want no more gas than a block
// has, and passes them on to next.
func ProcessProposal(
	keys ValidatorKeys, beacon Beacon, verifier baseapp.ProposalTxVerifier, next sdk.ProcessProposalHandler,
) sdk.ProcessProposalHandler {
	return func(ctx sdk.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
		txs, err := checkInjection(ctx, keys, beacon, req)
		if err == nil {
			err = checkTxs(ctx, verifier, txs)
		}
		if err != nil {
			ctx.Logger().Error("proposal rejected", "height", req.Height, "proposer", fmt.Sprintf("%X", req.ProposerAddress), "err", err)
			return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_REJECT}, nil
		}

		stripped := *req
		stripped.Txs = txs
		return next(ctx, &stripped)
	}
}

// checkInjection checks the injection of a proposal and returns the other
// transactions. Errors wrap ErrInjection.
func checkInjection(
	ctx sdk.Context, keys ValidatorKeys, beacon Beacon, req *abci.RequestProcessProposal,
) ([][]byte, error) {
	in, err := decodeFirst(req.Txs)
	if err != nil {
		return nil, err
	}
	if in.Height != req.Height-1 {
		return nil, fmt.Errorf("%w: height %d, expected %d", ErrInjection, in.Height, req.Height-1)
	}
	if in.Round != req.ProposedLastCommit.Round {
		return nil, fmt.Errorf("%w: round %d, the commit has %d", ErrInjection, in.Round, req.ProposedLastCommit.Round)
	}

	if err := beacon.CheckProof(ctx, req.Height, req.ProposerAddress, in.BeaconProof); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInjection, err)
	}
	if len(in.Entries) > 0 && !extensionsExpected(ctx, req.Height, len(req.ProposedLastCommit.Votes)) {
		return nil, fmt.Errorf("%w: %d vote extensions where there are none", ErrInjection, len(in.Entries))
	}

	votes := votesByAddress(req.ProposedLastCommit)
	for _, e := range in.Entries {
		v, ok := votes[string(e.Validator)]
		if !ok {
			return nil, fmt.Errorf("%w: %X is not in the commit", ErrInjection, e.Validator)
		}
		if !v.forBlock {
			return nil, fmt.Errorf("%w: validator %X did not vote for the block", ErrInjection, e.Validator)
		}
		if err := verifyEntry(ctx, keys, in.Height, in.Round, e); err != nil {
			return nil, err
		}
	}
	return req.Txs[1:], nil
}

// checkTxs checks the transactions that are not the injection.
func checkTxs(ctx sdk.Context, verifier baseapp.ProposalTxVerifier, txs [][]byte) error {
	var maxGas, wantedGas uint64
	if block := ctx.ConsensusParams().Block; block != nil && block.MaxGas > 0 {
		maxGas = uint64(block.MaxGas)
	}
	for i, raw := range txs {
		if IsInjection(raw) {
			return fmt.Errorf("%w: a second one, or not the first transaction", ErrInjection)
		}
		tx, err := verifier.TxDecode(raw)
		if err != nil {
			return fmt.Errorf("failed to decode transaction %d: %w", i, err)
		}
		gasTx, ok := tx.(baseapp.GasTx)
		if !ok || maxGas == 0 {
			continue
		}
		gas := gasTx.GetGas()
		if gas > maxGas-wantedGas {
			return fmt.Errorf("transactions want more than the %d gas of a block", maxGas)
		}
		wantedGas += gas
	}
	return nil
}

// votesByAddress indexes the votes of a commit by consensus address.
func votesByAddress(commit abci.CommitInfo) map[string]vote {
	votes := make(map[string]vote, len(commit.Votes))
	for _, v := range commit.Votes {
		votes[string(v.Validator.Address)] = vote{
			powerUnits: v.Validator.Power,
			forBlock:   v.BlockIdFlag == cmtproto.BlockIDFlagCommit,
		}
	}
	return votes
}
