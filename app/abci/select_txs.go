package abci

import (
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/mempool"
)

// TxSelector chooses the transactions of a proposal. It is the one place where
// an application-side mempool takes over from the one of CometBFT.
type TxSelector interface {
	// SelectTxs returns the transactions of the block, in order. They must
	// decode, and their size as counted by CometBFT must not exceed
	// req.MaxTxBytes, which is what the injection leaves free. req.Txs are what
	// the mempool of CometBFT offers.
	SelectTxs(ctx sdk.Context, req *abci.RequestPrepareProposal) ([][]byte, error)
}

// MempoolSelector selects from what the mempool offers, with the default
// proposal handler of the SDK. Its use must not be concurrent, which the
// consensus connection guarantees.
type MempoolSelector struct {
	verifier baseapp.ProposalTxVerifier
	handler  sdk.PrepareProposalHandler
}

var _ TxSelector = (*MempoolSelector)(nil)

// NewMempoolSelector makes a selector over the given application-side mempool;
// with a no-op mempool it takes the transactions that CometBFT offers.
func NewMempoolSelector(mp mempool.Mempool, verifier baseapp.ProposalTxVerifier) *MempoolSelector {
	return &MempoolSelector{
		verifier: verifier,
		handler:  baseapp.NewDefaultProposalHandler(mp, verifier).PrepareProposalHandler(),
	}
}

// SelectTxs implements TxSelector. Offered transactions that do not decode are
// left out: one of them would otherwise cost the block all the others.
func (s *MempoolSelector) SelectTxs(ctx sdk.Context, req *abci.RequestPrepareProposal) ([][]byte, error) {
	offered := make([][]byte, 0, len(req.Txs))
	for _, tx := range req.Txs {
		if IsInjection(tx) {
			continue
		}
		if _, err := s.verifier.TxDecode(tx); err != nil {
			continue
		}
		offered = append(offered, tx)
	}

	narrowed := *req
	narrowed.Txs = offered
	resp, err := s.handler(ctx, &narrowed)
	if err != nil {
		return nil, fmt.Errorf("failed to select transactions: %w", err)
	}
	return resp.Txs, nil
}
