package interop_test

import (
	"slices"
	"testing"

	"github.com/ipfs/boxo/ipld/merkledag"
	"github.com/ipfs/boxo/ipld/unixfs"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// verify builds a signed manifest of the entries, which may be wrong, and verifies it against the nodes.
func verify(t *testing.T, entries []manifest.Entry, contentSize uint64, nodes blocks) error {
	t.Helper()
	c, store, _ := build(t, entries, func(m *manifest.Meta) { m.ContentSize = contentSize })
	r, err := manifest.Open(t.Context(), c, store.fetch)
	require.NoError(t, err)
	return manifest.VerifyDAG(t.Context(), r, nodes.fetch)
}

func TestAManifestOfTheDAGVerifies(t *testing.T) {
	d := sampleDAG(t)
	require.NoError(t, verify(t, d.entries, d.size, d.nodes))
}

func TestAManifestOfOneRawBlockVerifies(t *testing.T) {
	leaf := manifest.Entry{Codec: format.Raw, Digest: format.Sum([]byte("x")), Size: 1}
	require.NoError(t, verify(t, []manifest.Entry{leaf}, 1, nil))
	require.ErrorIs(t, verify(t, []manifest.Entry{leaf}, 2, nil), manifest.ErrSize)
	require.ErrorIs(t, verify(t, []manifest.Entry{leaf, leaf}, 1, nil), manifest.ErrSurplus)
}

func TestAWrongManifestOfTheDAGIsRefused(t *testing.T) {
	d := sampleDAG(t)
	last := len(d.entries) - 1
	node := slices.IndexFunc(d.entries[1:], func(e manifest.Entry) bool { return e.Codec == format.DagPB }) + 1
	leafOfFile := slices.IndexFunc(d.entries, func(e manifest.Entry) bool { return e.Codec == format.Raw && e.Size == 4096 })
	for name, tc := range map[string]struct {
		change func(entries []manifest.Entry) []manifest.Entry
		want   error
	}{
		"two swapped": {func(e []manifest.Entry) []manifest.Entry {
			e[leafOfFile], e[leafOfFile+1] = e[leafOfFile+1], e[leafOfFile]
			return e
		}, manifest.ErrOrder},
		"all sorted by digest": {func(e []manifest.Entry) []manifest.Entry {
			slices.SortFunc(e[1:], func(a, b manifest.Entry) int { return slices.Compare(a.Digest[:], b.Digest[:]) })
			return e
		}, manifest.ErrOrder},
		"one missing":  {func(e []manifest.Entry) []manifest.Entry { return slices.Delete(e, 5, 6) }, manifest.ErrOrder},
		"last missing": {func(e []manifest.Entry) []manifest.Entry { return e[:last] }, manifest.ErrIncomplete},
		"only root":    {func(e []manifest.Entry) []manifest.Entry { return e[:1] }, manifest.ErrIncomplete},
		"one twice":    {func(e []manifest.Entry) []manifest.Entry { return slices.Insert(e, 8, e[7]) }, manifest.ErrOrder},
		"one twice at the end": {func(e []manifest.Entry) []manifest.Entry {
			return append(e, e[7])
		}, manifest.ErrSurplus},
		"stranger at the end": {func(e []manifest.Entry) []manifest.Entry {
			return append(e, manifest.Entry{Codec: format.Raw, Digest: format.Sum([]byte("stranger")), Size: 8})
		}, manifest.ErrSurplus},
		"node of wrong size": {func(e []manifest.Entry) []manifest.Entry { e[node].Size++; return e }, manifest.ErrSize},
		"leaf of wrong size": {func(e []manifest.Entry) []manifest.Entry { e[leafOfFile].Size++; return e }, manifest.ErrNode},
		"other codec": {func(e []manifest.Entry) []manifest.Entry {
			e[leafOfFile].Codec = format.DagPB
			return e
		}, manifest.ErrOrder},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, verify(t, tc.change(slices.Clone(d.entries)), d.size, d.nodes), tc.want)
		})
	}
	require.ErrorIs(t, verify(t, d.entries, d.size+1, d.nodes), manifest.ErrSize)
}

func TestMissingAndFlippedNodesAreRefused(t *testing.T) {
	d := sampleDAG(t)
	for c, data := range d.nodes {
		delete(d.nodes, c)
		require.ErrorIs(t, verify(t, d.entries, d.size, d.nodes), errMissing)
		flipped := slices.Clone(data)
		flipped[len(flipped)/2] ^= 1
		d.nodes[c] = flipped
		require.ErrorIs(t, verify(t, d.entries, d.size, d.nodes), manifest.ErrDigest)
		break
	}
}

// chain returns nodes each of which links to the one before width times, and the entries of a manifest of the last.
func chain(t *testing.T, depth, width int) ([]manifest.Entry, blocks) {
	t.Helper()
	nodes := blocks{}
	child := merkledag.NodeWithData(unixfs.FilePBData([]byte("x"), 1))
	var entries []manifest.Entry
	add := func(n *merkledag.ProtoNode) {
		require.NoError(t, n.SetCidBuilder(builder))
		digest, err := format.DigestOf(n.Cid())
		require.NoError(t, err)
		nodes[n.Cid()] = n.RawData()
		entries = append(entries, manifest.Entry{Codec: format.DagPB, Digest: digest, Size: uint32(len(n.RawData()))})
	}
	add(child)
	for range depth - 1 {
		parent := merkledag.NodeWithData(unixfs.FolderPBData())
		for range width {
			require.NoError(t, parent.AddRawLink("d", &ipld.Link{Cid: child.Cid()}))
		}
		add(parent)
		child = parent
	}
	slices.Reverse(entries)
	return entries, nodes
}

func TestHostileDAGsAreBounded(t *testing.T) {
	entries, nodes := chain(t, 300, 1)
	require.NoError(t, verify(t, entries, 1, nodes), "deep directories are fine")
	entries, nodes = chain(t, 10_000, 1)
	require.ErrorIs(t, verify(t, entries, 1, nodes), manifest.ErrTooLarge, "endless depth is not")
	entries, nodes = chain(t, 70, 2)
	require.ErrorIs(t, verify(t, entries, 1, nodes), manifest.ErrTooLarge, "2^70 bytes of content")
	entries, nodes = chain(t, 20, 2)
	require.NoError(t, verify(t, entries, 1<<19, nodes))
	entries, nodes = chain(t, 150, 20_000)
	require.ErrorIs(t, verify(t, entries, 1, nodes), manifest.ErrTooLarge, "endless width is not")
}

func TestNodesThatAreNotUnixFSAreRefused(t *testing.T) {
	foreign := merkledag.NodeWithData(unixfs.FolderPBData())
	require.NoError(t, foreign.AddRawLink("d", &ipld.Link{Cid: cid.MustParse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn")}))
	metadata, err := unixfs.BytesForMetadata(&unixfs.Metadata{MimeType: "a", Size: 1})
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		data []byte
		want error
	}{
		"empty":             {nil, manifest.ErrNode},
		"noise":             {[]byte{1, 2, 3, 4}, manifest.ErrNode},
		"foreign link":      {foreign.RawData(), manifest.ErrCodec},
		"no UnixFS":         {merkledag.NodeWithData([]byte{0xff, 0xff}).RawData(), manifest.ErrNode},
		"UnixFS no type":    {merkledag.NodeWithData([]byte{0x18, 1}).RawData(), manifest.ErrNode},
		"metadata node":     {merkledag.NodeWithData(metadata).RawData(), manifest.ErrNode},
		"file size is lie":  {merkledag.NodeWithData(unixfs.FilePBData([]byte("ab"), 3)).RawData(), manifest.ErrNode},
		"length over end":   {[]byte{0x0a, 0x7f, 1}, manifest.ErrNode},
		"length of 64 bits": {[]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, manifest.ErrNode},
		"link without CID":  {[]byte{0x12, 0x02, 0x18, 0x01}, manifest.ErrNode},
		"empty link":        {[]byte{0x12, 0x00}, manifest.ErrNode},
		"two data fields":   {[]byte{0x0a, 0x02, 0x08, 0x01, 0x0a, 0x02, 0x08, 0x01}, manifest.ErrNode},
	} {
		t.Run(name, func(t *testing.T) {
			block := format.NewBlock(format.DagPB, tc.data)
			nodes := blocks{block.CID(): tc.data}
			entries := []manifest.Entry{{Codec: format.DagPB, Digest: block.Digest, Size: uint32(len(tc.data))}}
			require.ErrorIs(t, verify(t, entries, 0, nodes), tc.want)
		})
	}
}

func BenchmarkVerifyDAG(b *testing.B) {
	d := sampleDAG(b)
	c, store, _ := build(b, d.entries, func(m *manifest.Meta) { m.ContentSize = d.size })
	r, err := manifest.Open(b.Context(), c, store.fetch)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, manifest.VerifyDAG(b.Context(), r, d.nodes.fetch))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(d.entries)), "ns/entry")
}
