package interop_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	chunk "github.com/ipfs/boxo/chunker"
	"github.com/ipfs/boxo/ipld/merkledag"
	mdtest "github.com/ipfs/boxo/ipld/merkledag/test"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/boxo/ipld/unixfs/importer/balanced"
	"github.com/ipfs/boxo/ipld/unixfs/importer/helpers"
	uio "github.com/ipfs/boxo/ipld/unixfs/io"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/multiformats/go-multihash"
	_ "github.com/multiformats/go-multihash/register/blake3"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

var errMissing = errors.New("no such block")

// blocks is a block store in memory.
type blocks map[cid.Cid][]byte

func (b blocks) put(block format.Block) error {
	b[block.CID()] = block.Data
	return nil
}

func (b blocks) fetch(_ context.Context, c cid.Cid) ([]byte, error) {
	data, ok := b[c]
	if !ok {
		return nil, fmt.Errorf("%w: %s", errMissing, c)
	}
	return data, nil
}

// dag is a UnixFS DAG made by boxo.
type dag struct {
	root    cid.Cid
	size    uint64 // content size
	entries []manifest.Entry
	nodes   blocks
}

var builder = cid.Prefix{Version: 1, Codec: cid.DagProtobuf, MhType: multihash.BLAKE3, MhLength: 32}

// sampleDAG makes a tree with large, small, empty and equal files, a symbolic link, nested and sharded directories.
func sampleDAG(t testing.TB) *dag {
	t.Helper()
	ctx := t.Context()
	service := mdtest.Mock()
	d := &dag{nodes: blocks{}}

	addFile := func(data []byte, chunkSize int64) ipld.Node {
		params := helpers.DagBuilderParams{Maxlinks: 4, RawLeaves: true, CidBuilder: builder, Dagserv: service}
		db, err := params.New(chunk.NewSizeSplitter(bytes.NewReader(data), chunkSize))
		require.NoError(t, err)
		n, err := balanced.Layout(db)
		require.NoError(t, err)
		d.size += uint64(len(data))
		return n
	}
	newDir := func() uio.Directory {
		dir, err := uio.NewDirectory(service)
		require.NoError(t, err)
		dir.SetCidBuilder(builder)
		return dir
	}
	add := func(dir uio.Directory, name string, n ipld.Node) { require.NoError(t, dir.AddChild(ctx, name, n)) }
	finish := func(dir uio.Directory) ipld.Node {
		n, err := dir.GetNode()
		require.NoError(t, err)
		require.NoError(t, service.Add(ctx, n))
		return n
	}

	large := make([]byte, 100_000)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(large)
	sub := newDir()
	add(sub, "large", addFile(large, 4096))
	add(sub, "zeros", addFile(make([]byte, 20_000), 1000))
	add(sub, "small", addFile([]byte("small"), 4096))

	target, err := unixfs.SymlinkData("sub/large")
	require.NoError(t, err)
	link := merkledag.NodeWithData(target)
	require.NoError(t, link.SetCidBuilder(builder))
	require.NoError(t, service.Add(ctx, link))
	empty := merkledag.NodeWithData(unixfs.FilePBData(nil, 0))
	require.NoError(t, empty.SetCidBuilder(builder))
	require.NoError(t, service.Add(ctx, empty))

	sharded, err := uio.NewHAMTDirectory(service, 0)
	require.NoError(t, err)
	sharded.SetCidBuilder(builder)
	for i := range 300 {
		add(sharded, fmt.Sprintf("entry %d", i), addFile([]byte(fmt.Sprintf("content %d", i%200)), 4096))
	}

	root := newDir()
	add(root, "a", finish(sub))
	add(root, "again", addFile(large, 4096))
	add(root, "empty", empty)
	add(root, "link", link)
	add(root, "many", finish(sharded))
	add(root, "none", finish(newDir()))
	d.root = finish(root).Cid()

	seen := map[cid.Cid]bool{}
	var visit func(c cid.Cid)
	visit = func(c cid.Cid) {
		if seen[c] {
			return
		}
		seen[c] = true
		n, err := service.Get(ctx, c)
		require.NoError(t, err)
		digest, err := format.DigestOf(c)
		require.NoError(t, err)
		d.entries = append(d.entries, manifest.Entry{Codec: c.Prefix().Codec, Digest: digest, Size: uint32(len(n.RawData()))})
		if c.Prefix().Codec == cid.DagProtobuf {
			d.nodes[c] = n.RawData()
		}
		for _, l := range n.Links() {
			visit(l.Cid)
		}
	}
	visit(d.root)
	require.Greater(t, len(d.entries), 250)
	return d
}

// build makes a signed manifest of the entries in a store of its own.
func build(t testing.TB, entries []manifest.Entry, change func(*manifest.Meta)) (cid.Cid, blocks, *manifest.Header) {
	t.Helper()
	store := blocks{}
	b := manifest.NewBuilder(store.put)
	for _, e := range entries {
		require.NoError(t, b.Append(e))
	}
	signer := ed25519Signer(t)
	meta := manifest.Meta{Creator: signer.creator, UnixMilli: 1_700_000_000_123, Tags: []string{"a=1", "b=2"}, ContentType: "text/plain"}
	if change != nil {
		change(&meta)
	}
	h, err := b.Finish(meta)
	require.NoError(t, err)
	require.NoError(t, h.Sign(signer.sign))
	block, err := h.Encode()
	require.NoError(t, err)
	require.NoError(t, store.put(block))
	return block.CID(), store, h
}
