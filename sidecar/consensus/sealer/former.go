package sealer

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// former is what is left of a sector that is made anew. Of pieces that were let go of the data may be gone, so that their part of the
// replica cannot be made. Nobody is asked about it, but the paths of other nodes lead past it. Groups of nodes that lie whole in such a
// piece keep their roots in the former tree. Of groups at its edges the nodes are still in the replica, which is overwritten in place but
// for those pieces.
type former struct {
	tree *os.File // nil when there is none, and all pieces are made from their data
	gone []span   // groups whose nodes could not be made
}

// errNoData reports a piece whose data cannot be read.
var errNoData = errors.New("the data is not there")

// openFormer opens what is left of a sector; the caller closes it. A tree of the wrong length is none.
func (s *Store) openFormer(d *description) (*former, error) {
	if len(d.Released) == 0 {
		return &former{}, nil
	}
	file, err := os.Open(s.path(d.Number, formerTreeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return &former{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("failed to open the former tree: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("failed to look at the former tree: %w", closeAfter(file, err))
	}
	if uint64(info.Size()) != treeBytes(d.nodes()) {
		return &former{}, file.Close()
	}
	return &former{tree: file, gone: d.groupsOf(d.PassedOver)}, nil
}

func (f *former) close() {
	if f.tree != nil {
		f.tree.Close()
	}
}

// keepRoots copies the roots of groups whose nodes are gone to another tree.
func (f *former) keepRoots(tree *os.File) error {
	for _, r := range f.gone {
		at, size := int64(r.from*sdr.NodeSize), int64((r.to-r.from)*sdr.NodeSize)
		if _, err := io.Copy(io.NewOffsetWriter(tree, at), io.NewSectionReader(f.tree, at, size)); err != nil {
			return fmt.Errorf("failed to keep roots of the former tree: %w", err)
		}
	}
	return nil
}
