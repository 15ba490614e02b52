package sdr_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

func FuzzVerifyRecord(f *testing.F) {
	s := sampleSector(f, 1)
	for _, v := range []uint64{0, 1, 157, 300, sampleNodes - 1} {
		record, err := sdr.AppendRecord(context.Background(), nil, s.Graph, s.Statement.Pieces, v, s)
		require.NoError(f, err)
		f.Add(v, record)
	}
	f.Fuzz(func(t *testing.T, v uint64, record []byte) {
		if sdr.VerifyRecord(&s.Statement, s.Graph, v, record) != nil {
			return
		}
		honest, err := sdr.AppendRecord(context.Background(), nil, s.Graph, s.Statement.Pieces, v, s)
		require.NoError(t, err)
		require.Equal(t, honest, record, "a record other than the honest one verifies")
	})
}

func FuzzVerifyRecordSlice(f *testing.F) {
	s := sampleSector(f, 1)
	const challenges = 4
	proof, err := s.Proof(sdr.Hash{1}, challenges)
	require.NoError(f, err)
	root, size := sdr.ProofRoot(proof), sdr.RecordSize(sampleNodes)
	for i := range uint32(challenges) {
		slice, err := sdr.MakeRecordSlice(sampleNodes, proof, i)
		require.NoError(f, err)
		f.Add(i, slice)
	}
	f.Fuzz(func(t *testing.T, i uint32, slice []byte) {
		record, err := sdr.VerifyRecordSlice(root, sampleNodes, challenges, i, slice)
		if err == nil {
			require.Equal(t, proof[int(i)*size:int(i+1)*size], record)
		}
	})
}
