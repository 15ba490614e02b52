package adversary_test

import (
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// verdictsOf returns a validator's verdicts on the seals that wait for them. An honest one checks all records against what the
// chain says of the sector, and says nothing when they cannot be had.
func (w *world) verdictsOf(v *validator) []poreptypes.Verdict {
	w.Helper()
	if v.blind || v.power == 0 {
		return nil
	}
	pending, err := w.porep().PendingSeals(w.state(), &poreptypes.QueryPendingSealsRequest{
		Validator: sdk.ConsAddress(v.address()).String(),
	})
	require.NoError(w, err)
	var verdicts []poreptypes.Verdict
	for _, seal := range pending.Seals {
		if v.lies {
			verdicts = append(verdicts, poreptypes.Verdict{SealID: seal.SealId, Valid: true})
			continue
		}
		if failure, known := w.check(seal); known {
			verdicts = append(verdicts, poreptypes.Verdict{SealID: seal.SealId, Valid: failure == nil})
		}
	}
	return verdicts
}

// check verifies the records of a seal, once, and tells whether they can be had.
func (w *world) check(seal poreptypes.PendingSeal) (failure error, known bool) {
	w.Helper()
	if failure, done := w.checked[seal.SealId]; done {
		return failure, true
	}
	records, known := w.records[format.Digest(seal.Sector.Proof.Root)]
	if !known {
		return nil, false
	}
	statement := sdr.Statement{
		Nodes: seal.Sector.Class.Nodes(), ReplicaID: sdr.Hash(seal.Sector.ReplicaId), CommC: sdr.Hash(seal.Sector.CommC),
		CommRLast: sdr.Hash(seal.Sector.CommRLast),
	}
	for _, piece := range seal.Sector.Pieces {
		statement.Pieces = append(statement.Pieces, sdr.Piece{
			CommD: format.Digest(piece.CommD), TotalBytes: piece.TotalBytes, Leaves: piece.Leaves, StartNode: piece.StartNode,
		})
	}
	failure = sdr.VerifySeal(&statement, sdr.Hash(seal.Sector.Seed), seal.Sector.SealChallenges, records)
	w.checked[seal.SealId] = failure
	return failure, true
}
