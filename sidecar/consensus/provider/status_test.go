package provider

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASolvedProblemIsForgotten(t *testing.T) {
	b := newBoard("ipdm1provider", true)
	b.problem(offerProblem + ": no funds")
	b.solved("another problem")
	require.Equal(t, offerProblem+": no funds", b.read().LastError)
	b.solved(offerProblem)
	require.Empty(t, b.read().LastError)
	require.Zero(t, b.read().LastErrorAt)
}
