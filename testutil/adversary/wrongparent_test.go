package adversary_test

import (
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// wrongParent seals honestly and shows, in one record of 176, another node's column for that of a parent: a valid column with a valid
// path, of the wrong node.
type wrongParent struct{}

// wrongRecord is the record that lies.
const wrongRecord = 41

func (wrongParent) attack(s *scene) {
	s.rogue.tampers = func(own *sealed.Sector, _ sdr.Hash, proof []byte) []byte { return s.withWrongParent(own, proof) }
	id, sector := s.sealing(newContent(s, "wrong parent", 16, 16<<10))
	s.requireRejected(id, sector, sdr.ErrColumn)
	var record *sdr.RecordError
	require.ErrorAs(s, s.checked[sector.Proof.SealId], &record)
	require.Equal(s, uint32(wrongRecord), record.Index)
}

// withWrongParent returns a copy of a seal proof whose record 41 shows, for its fourth parent, the column of the next node with its path.
func (s *scene) withWrongParent(own *sealed.Sector, proof []byte) []byte {
	s.Helper()
	const parent = 3
	size := sdr.RecordSize(sectorNodes)
	shown := (sdr.Layers + sdr.Depth(sectorNodes)) * sdr.NodeSize // a column with its path
	forged := append([]byte{}, proof...)
	place := forged[wrongRecord*size+(1+parent)*shown:][:shown]

	// Which node the parent is follows from its column: no two are equal.
	var other uint64
	for v := range sectorNodes {
		column, err := own.Column(s.Context(), v)
		require.NoError(s, err)
		if sdr.Hash(place[:sdr.NodeSize]) == column[0] {
			other = v ^ 1
			break
		}
	}
	column, err := own.Column(s.Context(), other)
	require.NoError(s, err)
	var replaced []byte
	for layer := range column {
		replaced = append(replaced, column[layer][:]...)
	}
	replaced, err = own.ColumnPath(s.Context(), replaced, other)
	require.NoError(s, err)
	require.NotEqual(s, place, replaced)
	copy(place, replaced)
	return forged
}
