package unixfs

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/ipfs/go-cid"
)

// ListDir calls fn for each entry of the directory with root c, with its plain name: in the order of the node for a
// basic directory, in hash order for a HAMT. It fails with ErrNotDirectory if c is something else; an error of fn
// ends it and is returned as it is. Since an entry must lie where its hash belongs, no name comes twice and a hostile
// HAMT costs at most a few nodes for each entry.
func ListDir(ctx context.Context, get Getter, c cid.Cid, fn func(Link) error) error {
	n, err := Load(ctx, get, c)
	if err != nil {
		return err
	}
	switch n.Kind {
	case KindDirectory:
		for _, l := range n.Links {
			if err := fn(l); err != nil {
				return err
			}
		}
		return nil
	case KindShard:
		return listShard(ctx, get, n, 0, 0, fn)
	}
	return fmt.Errorf("%w: %s is a %s", ErrNotDirectory, c, n.Kind)
}

// listShard lists a shard whose entries' hashes begin with the usedBits bits of path, which are its highest.
func listShard(ctx context.Context, get Getter, n *Node, path uint64, usedBits int, fn func(Link) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("failed to list directory: %w", err)
	}
	width, digits := shardBits(n.Fanout), prefixLen(n.Fanout)
	if usedBits+width > hashBits {
		return fmt.Errorf("%w: HAMT takes more than %d bits", ErrTooDeep, hashBits)
	}
	for _, l := range n.Links {
		slot, _ := parsePrefix(l.Name, digits)
		childPath, childBits := path|uint64(slot)<<(hashBits-usedBits-width), usedBits+width
		if l.Name = l.Name[digits:]; l.Name == "" {
			child, err := loadShard(ctx, get, l.Cid, n.Fanout)
			if err != nil {
				return err
			}
			if err := listShard(ctx, get, child, childPath, childBits, fn); err != nil {
				return err
			}
			continue
		}
		if (nameHash(l.Name)^childPath)>>(hashBits-childBits) != 0 {
			return invalid("HAMT entry %q is in the wrong shard", l.Name)
		}
		if err := fn(l); err != nil {
			return err
		}
	}
	return nil
}

// loadShard loads a shard below another one, which must not be empty and must have the same fanout.
func loadShard(ctx context.Context, get Getter, c cid.Cid, fanout int) (*Node, error) {
	n, err := Load(ctx, get, c)
	if err != nil {
		return nil, err
	}
	return n, n.checkChildShard(c, fanout)
}

func (n *Node) checkChildShard(c cid.Cid, fanout int) error {
	if n.Kind != KindShard || n.Fanout != fanout || len(n.Links) == 0 {
		return invalid("block %s (%s, fanout %d, %d links) as shard of a HAMT of fanout %d",
			c, n.Kind, n.Fanout, len(n.Links), fanout)
	}
	return nil
}

// Lookup returns the entry called name of the directory dir, with its plain name. It fails with ErrNotFound, or with
// ErrNotDirectory if dir is something else.
func Lookup(ctx context.Context, get Getter, dir *Node, name string) (Link, error) {
	switch dir.Kind {
	case KindDirectory:
		for _, l := range dir.Links {
			if l.Name == name {
				return l, nil
			}
		}
		return Link{}, fmt.Errorf("%w: %q", ErrNotFound, name)
	case KindShard:
		return lookupShard(ctx, get, dir, name)
	}
	return Link{}, fmt.Errorf("%w: looked for %q in a %s", ErrNotDirectory, name, dir.Kind)
}

func lookupShard(ctx context.Context, get Getter, n *Node, name string) (Link, error) {
	hash, digits := nameHash(name), prefixLen(n.Fanout)
	width := shardBits(n.Fanout)
	for used := 0; ; used += width {
		slot, err := slotOf(hash, used, n.Fanout)
		if err != nil {
			return Link{}, err
		}
		want := prefix(slot, n.Fanout)
		i := sort.Search(len(n.Links), func(i int) bool { return n.Links[i].Name[:digits] >= want })
		if i == len(n.Links) || n.Links[i].Name[:digits] != want {
			break
		}
		l := n.Links[i]
		if l.Name = l.Name[digits:]; l.Name == name {
			return l, nil
		}
		if l.Name != "" {
			break
		}
		if n, err = loadShard(ctx, get, l.Cid, n.Fanout); err != nil {
			return Link{}, err
		}
	}
	return Link{}, fmt.Errorf("%w: %q", ErrNotFound, name)
}

// ResolvePath follows a slash-separated path down from root and returns the last entry with its plain name. Empty
// parts are skipped; an empty path gives root itself, without name or size. Symbolic links are not followed: a path
// through one fails with ErrNotDirectory. "." and ".." are names that no directory has.
func ResolvePath(ctx context.Context, get Getter, root cid.Cid, path string) (Link, error) {
	at, walked := Link{Cid: root}, ""
	depth := 0
	for part := range strings.SplitSeq(path, "/") {
		if part == "" {
			continue
		}
		if depth++; depth > MaxPathDepth {
			return Link{}, fmt.Errorf("%w: path of more than %d parts", ErrTooDeep, MaxPathDepth)
		}
		dir, err := Load(ctx, get, at.Cid)
		if err != nil {
			return Link{}, err
		}
		if at, err = Lookup(ctx, get, dir, part); err != nil {
			return Link{}, fmt.Errorf("failed to resolve %s%s/%s: %w", root, walked, part, err)
		}
		walked += "/" + part
	}
	return at, nil
}
