package types_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/errors"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

// A client sees the code of an invalid proof and the words of its cause.
func TestProofErrorOnTheWire(t *testing.T) {
	err := &types.ProofError{Err: proof.ErrCount}
	codespace, code, log := errors.ABCIInfo(errors.Wrap(err, "transaction"), false)
	require.Equal(t, types.ModuleName, codespace)
	require.Equal(t, types.ErrInvalidProof.ABCICode(), code)
	require.Contains(t, log, proof.ErrCount.Error())
	require.ErrorIs(t, err, proof.ErrCount)
	require.ErrorIs(t, err, types.ErrInvalidProof)
}
