package sectors

import (
	"slices"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// NodeBytes is the length of a node.
const NodeBytes = 32

// classes names the classes in the order of their size.
var classes = []struct {
	class     poreptypes.SectorClass
	name      string
	sizeBytes uint64
}{
	{poreptypes.SECTOR_CLASS_TEST_4MIB, "test-4MiB", 4 << 20},
	{poreptypes.SECTOR_CLASS_STD_1GIB, "std-1GiB", 1 << 30},
	{poreptypes.SECTOR_CLASS_BIG_32GIB, "big-32GiB", 32 << 30},
}

// ClassName is the name of a class as people write it.
func ClassName(class poreptypes.SectorClass) string {
	for _, c := range classes {
		if c.class == class {
			return c.name
		}
	}
	return "unknown"
}

// ClassBytes is the size of a class, 0 of one that is unknown.
func ClassBytes(class poreptypes.SectorClass) uint64 {
	for _, c := range classes {
		if c.class == class {
			return c.sizeBytes
		}
	}
	return 0
}

// ClassNodes is how many nodes a sector of a class has.
func ClassNodes(class poreptypes.SectorClass) uint64 { return ClassBytes(class) / NodeBytes }

// ClassFor returns the smallest of the allowed classes that holds so many nodes.
func ClassFor(nodes uint64, allowed []poreptypes.SectorClass) (poreptypes.SectorClass, bool) {
	for _, c := range classes {
		if nodes <= c.sizeBytes/NodeBytes && slices.Contains(allowed, c.class) {
			return c.class, true
		}
	}
	return poreptypes.SECTOR_CLASS_UNSPECIFIED, false
}

// largestBytes is the size of the largest of the allowed classes.
func largestBytes(allowed []poreptypes.SectorClass) uint64 {
	var largest uint64
	for _, class := range allowed {
		largest = max(largest, ClassBytes(class))
	}
	return largest
}

// alignedNodes is how many nodes the aligned stream of a commitment has.
func alignedNodes(leaves uint32, totalBytes uint64) uint64 {
	nodes := totalBytes / NodeBytes
	if totalBytes%NodeBytes != 0 {
		nodes++
	}
	return nodes + uint64(leaves)
}
