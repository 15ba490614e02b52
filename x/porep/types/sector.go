package types

const (
	// NodeSizeBytes is the size of a node of a sealed sector.
	NodeSizeBytes = 32
	mib           = 1 << 20
	gib           = 1 << 30
)

// sectorSizes are the sizes of the sector classes, in bytes.
var sectorSizes = map[SectorClass]uint64{
	SECTOR_CLASS_TEST_4MIB: 4 * mib,
	SECTOR_CLASS_STD_1GIB:  gib,
	SECTOR_CLASS_BIG_32GIB: 32 * gib,
}

// SizeBytes returns the size of a sector of the class, 0 when there is no such class.
func (c SectorClass) SizeBytes() uint64 { return sectorSizes[c] }

// Nodes returns how many nodes a sector of the class has, 0 when there is no such class.
func (c SectorClass) Nodes() uint64 { return sectorSizes[c] / NodeSizeBytes }
