package interop_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// TestTheOrderIsThatOfOurOwnWalk puts a manifest together from unixfs.Walk, as a node does, and verifies it.
func TestTheOrderIsThatOfOurOwnWalk(t *testing.T) {
	store := blocks{}
	emit := func(codec uint64, digest format.Digest, data []byte) error {
		return store.put(format.Block{Codec: codec, Digest: digest, Data: data})
	}
	var size uint64
	file := func(leaves int, attrs unixfs.Attributes) unixfs.Link {
		b := unixfs.NewFileBuilder(emit)
		for i := range leaves {
			leaf := format.NewBlock(format.Raw, []byte(fmt.Sprintf("leaf %d of a file", i%300)))
			require.NoError(t, store.put(leaf))
			require.NoError(t, b.AddLeaf(leaf.Digest, len(leaf.Data)))
		}
		size += b.SizeBytes()
		link, err := b.Finish(attrs)
		require.NoError(t, err)
		return link
	}
	var root, sub, sharded unixfs.DirBuilder
	finish := func(dir *unixfs.DirBuilder, attrs unixfs.Attributes) unixfs.Link {
		link, err := dir.Finish(attrs, emit)
		require.NoError(t, err)
		return link
	}
	for i := range 6000 {
		require.NoError(t, sharded.Add(fmt.Sprintf("a rather long name of an entry, number %d", i), file(1+i%3, unixfs.Attributes{})))
	}
	require.NoError(t, sub.Add("executable", file(1, unixfs.Attributes{Mode: unixfs.ExecutableMode})))
	require.NoError(t, sub.Add("dated", file(200, unixfs.Attributes{ModTime: time.Unix(1_700_000_000, 5)})))
	require.NoError(t, sub.Add("deep", file(400, unixfs.Attributes{})))
	symlink, err := unixfs.EncodeSymlink("../elsewhere", unixfs.Attributes{}, emit)
	require.NoError(t, err)
	require.NoError(t, root.Add("link", symlink))
	require.NoError(t, root.Add("empty file", file(0, unixfs.Attributes{})))
	require.NoError(t, root.Add("empty directory", finish(&unixfs.DirBuilder{}, unixfs.Attributes{})))
	require.NoError(t, root.Add("sub", finish(&sub, unixfs.Attributes{Mode: 0o700})))
	require.NoError(t, root.Add("sub again", finish(&sharded, unixfs.Attributes{})))
	link := finish(&root, unixfs.Attributes{})

	var entries []manifest.Entry
	require.NoError(t, unixfs.Walk(t.Context(), store.fetch, link.Cid, unixfs.WalkOptions{}, func(v unixfs.Visit) error {
		digest, err := format.DigestOf(v.Cid)
		entries = append(entries, manifest.Entry{Codec: v.Cid.Prefix().Codec, Digest: digest, Size: uint32(v.SizeBytes)})
		return err
	}))
	require.Len(t, entries, len(store))
	require.NoError(t, verify(t, entries, size, store))
}
