package keeper_test

import (
	"context"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/types"
)

func TestVerifyActivation(t *testing.T) {
	f := newFixture(t)
	tree := f.disk.put(t, "unit", 40_000, 3000, 1)
	seed, otherSeed := sha256.Sum256([]byte("seed")), sha256.Sum256([]byte("other seed"))
	size, commD := tree.TotalLength(), tree.CommD()
	make16 := func(seed [32]byte) []byte {
		ap, err := proof.ProveActivation(context.Background(), proof.ClassOpen, commD, size, proof.Offsets(seed, 16, size), f.disk)
		require.NoError(t, err)
		b, err := ap.MarshalBinary()
		require.NoError(t, err)
		return b
	}
	good := make16(seed)
	require.NoError(t, f.keeper.VerifyActivation(f.ctx, seed[:], commD[:], size, 16, good))
	for name, tt := range map[string]struct {
		seed, commD []byte
		size        uint64
		k           uint32
		proof       []byte
		want        error
	}{
		"another seed":       {seed[:], commD[:], size, 16, make16(otherSeed), types.ErrInvalidProof},
		"fewer openings":     {seed[:], commD[:], size, 15, good, proof.ErrCount},
		"a longer unit":      {seed[:], commD[:], size + 1, 16, good, proof.ErrLastLeaf},
		"another commitment": {seed[:], otherSeed[:], size, 16, good, proof.ErrLastLeaf},
		"cut":                {seed[:], commD[:], size, 16, good[:len(good)-1], proof.ErrMalformed},
		"no proof":           {seed[:], commD[:], size, 16, nil, types.ErrInvalidProof},
		"overlong":           {seed[:], commD[:], size, 16, make([]byte, proof.MaxProofSize+1), types.ErrProofTooLarge},
		"short seed":         {seed[:31], commD[:], size, 16, good, types.ErrInvalidUnit},
		"short commitment":   {seed[:], commD[:31], size, 16, good, types.ErrInvalidUnit},
		"empty unit":         {seed[:], commD[:], 0, 16, good, types.ErrInvalidUnit},
		"no openings":        {seed[:], commD[:], size, 0, good, types.ErrInvalidUnit},
		"too many openings":  {seed[:], commD[:], size, 129, good, types.ErrInvalidUnit},
	} {
		require.ErrorIs(t, f.keeper.VerifyActivation(f.ctx, tt.seed, tt.commD, tt.size, tt.k, tt.proof), tt.want, name)
	}
}
