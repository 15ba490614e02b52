package types

import "github.com/ipdm-network/ipdm/x/porep/proof/sdr"

const (
	// NodeSizeBytes is the size of a node of a sealed sector.
	NodeSizeBytes = sdr.NodeSize
	gib           = 1 << 30
)

// SizeBytes returns the size of a sector of the class, 0 when there is no such class.
func (c SectorClass) SizeBytes() uint64 { return c.Nodes() * NodeSizeBytes }

// Nodes returns how many nodes a sector of the class has, 0 when there is no such class.
func (c SectorClass) Nodes() uint64 {
	if _, known := SectorClass_name[int32(c)]; !known {
		return 0
	}
	return sdr.Class(c).Nodes()
}
