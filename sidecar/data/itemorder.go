package data

import (
	"fmt"
	"strings"

	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// maxPathBytes bounds a path in a put.
const maxPathBytes = 16 << 10

// itemOrder checks that items come in depth-first order, siblings by rising byte order of their names, each directory
// begun before what is in it. Its memory is one name for each open directory.
type itemOrder struct {
	begun bool
	leaf  bool // the root is a file or symbolic link: nothing may follow
	open  []openDir
}

// openDir is a directory that may still get entries.
type openDir struct {
	name string
	last string // the last entry's name
	any  bool   // there is a last entry
}

// step is what an item means for whoever builds directories.
type step struct {
	implicitRoot bool   // a root directory must be begun first
	close        int    // so many directories are complete
	name         string // of the item in the innermost directory left; empty for the root itself
}

// splitPath returns the parts of a relative path. It fails with ErrPath.
func splitPath(path string) ([]string, error) {
	if len(path) > maxPathBytes {
		return nil, fmt.Errorf("%w: %d bytes long", ErrPath, len(path))
	}
	if path == "" {
		return nil, nil
	}
	parts := strings.Split(path, "/")
	if len(parts) > unixfs.MaxPathDepth {
		return nil, fmt.Errorf("%w: %d parts", ErrPath, len(parts))
	}
	for _, part := range parts {
		if err := unixfs.ValidateName(part); err != nil {
			return nil, fmt.Errorf("%w: %q: %w", ErrPath, path, err)
		}
	}
	return parts, nil
}

// next admits an item. It fails with ErrPath, ErrOrder or ErrDuplicate and then changes nothing.
func (o *itemOrder) next(path string, isDir bool) (step, error) {
	parts, err := splitPath(path)
	if err != nil {
		return step{}, err
	}
	if len(parts) == 0 {
		if o.begun {
			return step{}, fmt.Errorf("%w: a second root", ErrDuplicate)
		}
		o.begun, o.leaf = true, !isDir
		if isDir {
			o.open = append(o.open, openDir{})
		}
		return step{}, nil
	}
	if o.leaf {
		return step{}, fmt.Errorf("%w: %q inside a root that is no directory", ErrOrder, path)
	}
	st := step{implicitRoot: !o.begun}
	depth := len(o.open)
	if st.implicitRoot {
		depth = 1
	}
	parents, name := parts[:len(parts)-1], parts[len(parts)-1]
	if len(parents) > depth-1 {
		return step{}, fmt.Errorf("%w: %q comes before its directory", ErrOrder, path)
	}
	for i, parent := range parents {
		if o.open[i+1].name != parent {
			return step{}, fmt.Errorf("%w: %q is not in the directory begun last", ErrOrder, path)
		}
	}
	st.close = depth - 1 - len(parents)
	st.name = name
	if !st.implicitRoot {
		dir := o.open[len(parents)]
		if dir.any && name == dir.last {
			return step{}, fmt.Errorf("%w: %q", ErrDuplicate, path)
		}
		if dir.any && name < dir.last {
			return step{}, fmt.Errorf("%w: %q after %q", ErrOrder, path, dir.last)
		}
	} else {
		o.begun = true
		o.open = append(o.open, openDir{})
	}
	o.open = o.open[:len(parents)+1]
	dir := &o.open[len(parents)]
	dir.last, dir.any = name, true
	if isDir {
		o.open = append(o.open, openDir{name: name})
	}
	return st, nil
}
