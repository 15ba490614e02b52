package data

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// sortedLinks returns a directory's entries by byte order of their names.
func sortedLinks(ctx context.Context, get unixfs.Getter, dir cid.Cid) ([]unixfs.Link, error) {
	var links []unixfs.Link
	err := unixfs.ListDir(ctx, get, dir, func(l unixfs.Link) error {
		links = append(links, l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(links, func(a, b unixfs.Link) int { return strings.Compare(a.Name, b.Name) })
	return links, nil
}

// describeEntry returns the entry of a link.
func describeEntry(ctx context.Context, get unixfs.Getter, path string, l unixfs.Link) (Entry, error) {
	e := Entry{Path: path, Cid: l.Cid}
	if l.Name != "" && l.Cid.Prefix().Codec == format.Raw {
		e.Kind, e.SizeBytes = KindFile, l.TotalSizeBytes
		return e, nil
	}
	node, err := unixfs.Load(ctx, get, l.Cid)
	if err != nil {
		return e, err
	}
	switch {
	case node.Kind == unixfs.KindSymlink:
		e.Kind, e.Target = KindSymlink, string(node.Data)
	case node.IsDir():
		e.Kind = KindDirectory
	default:
		e.Kind, e.SizeBytes, e.Executable = KindFile, node.FileSizeBytes, node.Perm()&0o111 != 0
		if node.Kind == unixfs.KindRaw {
			e.SizeBytes = uint64(len(node.Data))
		}
	}
	return e, nil
}

// ListPath describes what is at path under root, and then, if that is a directory, each of its entries by byte order of
// their names, with their names as paths. It fails as Get does.
func (e *Engine) ListPath(ctx context.Context, root cid.Cid, path string, localOnly bool, yield func(Entry) error) (err error) {
	if err := e.checkRoot(ctx, root); err != nil {
		return fmt.Errorf("failed to list %s: %w", root, err)
	}
	src := e.newSource(ctx, root, e.fetcherFor(localOnly))
	src.joinGroup()
	defer func() {
		if cerr := src.close(); err == nil {
			err = cerr
		}
		if err != nil {
			err = fmt.Errorf("failed to list %s: %w", root, err)
		}
	}()
	link, err := unixfs.ResolvePath(ctx, src.get, root, path)
	if err != nil {
		return err
	}
	src.readAhead(link.Cid, true)
	top, err := describeEntry(ctx, src.get, "", link)
	if err != nil {
		return err
	}
	if err := yield(top); err != nil || top.Kind != KindDirectory {
		return err
	}
	links, err := sortedLinks(ctx, src.get, link.Cid)
	if err != nil {
		return err
	}
	for _, l := range links {
		entry, err := describeEntry(ctx, src.get, l.Name, l)
		if err != nil {
			return err
		}
		if err := yield(entry); err != nil {
			return err
		}
	}
	return nil
}
