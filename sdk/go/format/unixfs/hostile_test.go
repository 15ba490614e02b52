package unixfs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	boxopb "github.com/ipfs/boxo/ipld/unixfs/pb"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// pbLink encodes a link of a hand-made node.
func pbLink(c cid.Cid, name string, size uint64) []byte {
	b := protowire.AppendTag(nil, 1, protowire.BytesType)
	b = protowire.AppendBytes(b, c.Bytes())
	b = protowire.AppendTag(b, 2, protowire.BytesType)
	b = protowire.AppendString(b, name)
	b = protowire.AppendTag(b, 3, protowire.VarintType)
	return protowire.AppendVarint(b, size)
}

// pbNode encodes a node of any content.
func pbNode(data *boxopb.Data, links ...[]byte) []byte {
	var b []byte
	for _, l := range links {
		b = protowire.AppendTag(b, 2, protowire.BytesType)
		b = protowire.AppendBytes(b, l)
	}
	if data != nil {
		message, err := proto.MarshalOptions{AllowPartial: true}.Marshal(data)
		if err != nil {
			panic(err)
		}
		b = protowire.AppendTag(b, 1, protowire.BytesType)
		b = protowire.AppendBytes(b, message)
	}
	return b
}

func file(size uint64, parts ...uint64) *boxopb.Data {
	return &boxopb.Data{Type: boxopb.Data_File.Enum(), Filesize: &size, Blocksizes: parts}
}

func shard(fanout uint64, bitmap ...byte) *boxopb.Data {
	return &boxopb.Data{Type: boxopb.Data_HAMTShard.Enum(), Data: bitmap, Fanout: &fanout, HashType: proto.Uint64(0x22)}
}

func TestDecodeRejects(t *testing.T) {
	l := pbLink(someCID(1), "", 5)
	dir := &boxopb.Data{Type: boxopb.Data_Directory.Enum()}
	symlink := func(target int) *boxopb.Data {
		return &boxopb.Data{Type: boxopb.Data_Symlink.Enum(), Data: bytes.Repeat([]byte{'t'}, target)}
	}
	slot1 := pbLink(someCID(1), "01x", 1)
	for name, tc := range map[string]struct {
		block []byte
		want  error
	}{
		"empty":                      {nil, unixfs.ErrInvalidNode},
		"no message":                 {pbNode(nil, l), unixfs.ErrInvalidNode},
		"two messages":               {append(pbNode(dir), pbNode(dir)...), unixfs.ErrInvalidNode},
		"no type":                    {pbNode(&boxopb.Data{}), unixfs.ErrInvalidNode},
		"oversize":                   {append(pbNode(dir), make([]byte, unixfs.MaxNodeBytes)...), unixfs.ErrInvalidNode},
		"trailing garbage":           {append(pbNode(dir), 7), unixfs.ErrInvalidNode},
		"cut off":                    {pbNode(dir, l)[:20], unixfs.ErrInvalidNode},
		"length beyond block":        {[]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f}, unixfs.ErrInvalidNode},
		"metadata type":              {pbNode(&boxopb.Data{Type: boxopb.Data_Metadata.Enum()}), unixfs.ErrUnsupported},
		"unknown type":               {[]byte{0x0a, 2, 8, 99}, unixfs.ErrUnsupported},
		"link without CID":           {pbNode(dir, []byte{0x12, 1, 'a'}), unixfs.ErrInvalidNode},
		"link with broken CID":       {pbNode(dir, []byte{0x0a, 2, 1, 2}), unixfs.ErrInvalidNode},
		"link with long CID":         {pbNode(dir, append([]byte{0x0a, 0xc8, 0x01}, make([]byte, 200)...)), unixfs.ErrInvalidNode},
		"link fields out of order":   {pbNode(dir, append([]byte{0x12, 1, 'a'}, l...)), unixfs.ErrInvalidNode},
		"link too big":               {pbNode(dir, pbLink(someCID(1), "a", 1<<63)), unixfs.ErrInvalidNode},
		"more links than the limit":  {bytes.Repeat([]byte{0x12, 0}, unixfs.MaxLinks+1), unixfs.ErrInvalidNode},
		"sizes without links":        {pbNode(file(5, 5)), unixfs.ErrInvalidNode},
		"links without sizes":        {pbNode(file(0), l), unixfs.ErrSizeMismatch},
		"sizes do not add up":        {pbNode(file(6, 5), l), unixfs.ErrSizeMismatch},
		"sizes overflow":             {pbNode(file(1, 1<<63, 1<<63+1), l, l), unixfs.ErrSizeMismatch},
		"directory with sizes":       {pbNode(&boxopb.Data{Type: boxopb.Data_Directory.Enum(), Blocksizes: []uint64{1}}, pbLink(someCID(1), "a", 1)), unixfs.ErrInvalidNode},
		"directory with empty name":  {pbNode(dir, l), unixfs.ErrInvalidNode},
		"directory with dots":        {pbNode(dir, pbLink(someCID(1), "..", 1)), unixfs.ErrInvalidName},
		"directory with slash":       {pbNode(dir, pbLink(someCID(1), "../etc/passwd", 1)), unixfs.ErrInvalidName},
		"directory with twins":       {pbNode(dir, pbLink(someCID(1), "a", 1), pbLink(someCID(2), "a", 1)), unixfs.ErrDuplicateName},
		"directory with far twins":   {pbNode(dir, pbLink(someCID(1), "b", 1), pbLink(someCID(2), "a", 1), pbLink(someCID(2), "b", 1)), unixfs.ErrDuplicateName},
		"symlink without target":     {pbNode(symlink(0)), unixfs.ErrInvalidNode},
		"symlink with long target":   {pbNode(symlink(unixfs.MaxSymlinkBytes + 1)), unixfs.ErrInvalidNode},
		"symlink with link":          {pbNode(symlink(1), l), unixfs.ErrInvalidNode},
		"shard of unknown hash":      {pbNode(&boxopb.Data{Type: boxopb.Data_HAMTShard.Enum(), Fanout: proto.Uint64(256)}), unixfs.ErrInvalidNode},
		"shard of odd fanout":        {pbNode(shard(255)), unixfs.ErrInvalidNode},
		"shard of huge fanout":       {pbNode(shard(1 << 40)), unixfs.ErrInvalidNode},
		"shard with long bitmap":     {pbNode(shard(8, 0, 0)), unixfs.ErrInvalidNode},
		"shard with missing link":    {pbNode(shard(256, 6), slot1), unixfs.ErrInvalidNode},
		"shard with spare link":      {pbNode(shard(256, 2), slot1, slot1), unixfs.ErrInvalidNode},
		"shard with link elsewhere":  {pbNode(shard(256, 4), slot1), unixfs.ErrInvalidNode},
		"shard with lower-case slot": {pbNode(shard(256, 4, 0), pbLink(someCID(1), "0ax", 1)), unixfs.ErrInvalidNode},
		"shard with short name":      {pbNode(shard(256, 2), pbLink(someCID(1), "0", 1)), unixfs.ErrInvalidNode},
		"shard with bad name":        {pbNode(shard(256, 2), pbLink(someCID(1), "01..", 1)), unixfs.ErrInvalidName},
		"bad time":                   {[]byte{0x0a, 9, 8, 1, 0x42, 5, 0x15, 1, 0, 0, 0}, unixfs.ErrInvalidNode},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := unixfs.DecodeNode(tc.block)
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func TestDecodeAcceptsOtherWriters(t *testing.T) {
	// Data before links, no name, no size, an unknown field, packed sizes, no file size on a single node.
	c := someCID(1).Bytes()
	link := append([]byte{0x12, byte(len(c) + 2), 0x0a, byte(len(c))}, c...)
	_, err := unixfs.DecodeNode(append([]byte{0x0a, 10, 8, 2, 0x18, 5, 0x22, 1, 5, 0x78, 1, 0x78}, link...))
	require.Error(t, err, "cut off")
	n, err := unixfs.DecodeNode(append([]byte{0x0a, 9, 8, 2, 0x18, 5, 0x22, 1, 5, 0x78, 1}, link...))
	require.NoError(t, err)
	require.Equal(t, []uint64{5}, n.BlockSizesBytes)
	require.Equal(t, []unixfs.Link{{Cid: someCID(1)}}, n.Links)
	n, err = unixfs.DecodeNode([]byte{0x0a, 6, 8, 2, 0x12, 2, 'h', 'i'})
	require.NoError(t, err)
	require.EqualValues(t, 2, n.FileSizeBytes)
	n, err = unixfs.DecodeNode(pbNode(&boxopb.Data{Type: boxopb.Data_Directory.Enum()}, pbLink(someCID(1), "b", 1), pbLink(someCID(2), "a", 1)))
	require.NoError(t, err, "unsorted")
	require.Len(t, n.Links, 2)
}

// visitors runs everything that reads a DAG.
func visitors(t *testing.T, m *memory, root cid.Cid) (list, walk, read error) {
	list = unixfs.ListDir(t.Context(), m.get, root, func(unixfs.Link) error { return nil })
	walk = unixfs.Walk(t.Context(), m.get, root, unixfs.WalkOptions{}, func(unixfs.Visit) error { return nil })
	f, err := unixfs.OpenFile(t.Context(), m.get, root)
	if err != nil {
		return list, walk, err
	}
	return list, walk, f.CopyRange(t.Context(), &bytes.Buffer{}, 0, f.SizeBytes())
}

func TestFilePartsMustMatch(t *testing.T) {
	m := newMemory()
	raw := format.RawCID(m.raw([]byte("12345")))
	inner := m.put(format.DagPB, pbNode(file(5, 5), pbLink(raw, "", 5)))
	directory := m.put(format.DagPB, pbNode(&boxopb.Data{Type: boxopb.Data_Directory.Enum()}))
	for name, tc := range map[string]struct {
		root cid.Cid
		want error
	}{
		"interior node of another size": {m.put(format.DagPB, pbNode(file(6, 6), pbLink(inner, "", 5))), unixfs.ErrSizeMismatch},
		"directory in a file":           {m.put(format.DagPB, pbNode(file(6, 6), pbLink(directory, "", 5))), unixfs.ErrInvalidNode},
		"raw block beyond the limit":    {m.put(format.DagPB, pbNode(file(1<<40, 1<<40), pbLink(raw, "", 5))), unixfs.ErrSizeMismatch},
		"other codec in a file":         {m.put(format.DagPB, pbNode(file(6, 6), pbLink(format.CBORCID(format.Digest{1}), "", 5))), unixfs.ErrUnsupported},
		"raw block with two sizes":      {m.put(format.DagPB, pbNode(file(11, 5, 6), pbLink(raw, "", 5), pbLink(raw, "", 6))), unixfs.ErrSizeMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			_, walk, read := visitors(t, m, tc.root)
			require.ErrorIs(t, walk, tc.want)
			require.ErrorIs(t, read, tc.want)
		})
	}
	root := m.put(format.DagPB, pbNode(file(6, 6), pbLink(raw, "", 6)))
	_, _, read := visitors(t, m, root)
	require.ErrorIs(t, read, unixfs.ErrSizeMismatch)
	err := unixfs.Walk(t.Context(), m.get, root, unixfs.WalkOptions{FetchLeaves: true}, func(unixfs.Visit) error { return nil })
	require.ErrorIs(t, err, unixfs.ErrSizeMismatch)
}

// TestNestingIsBounded builds chains just within and just beyond the limits.
func TestNestingIsBounded(t *testing.T) {
	m := newMemory()
	chain := func(nodes int) cid.Cid {
		c := format.RawCID(m.raw([]byte("x")))
		for range nodes - 1 {
			c = m.put(format.DagPB, pbNode(file(1, 1), pbLink(c, "", 1)))
		}
		return c
	}
	_, walk, read := visitors(t, m, chain(unixfs.MaxFileDepth))
	require.NoError(t, walk)
	require.NoError(t, read)
	_, walk, read = visitors(t, m, chain(unixfs.MaxFileDepth+1))
	require.ErrorIs(t, walk, unixfs.ErrTooDeep)
	require.ErrorIs(t, read, unixfs.ErrTooDeep)

	nested := func(depth int) cid.Cid {
		l := buildDir(t, m, nil, unixfs.Attributes{})
		for range depth {
			l.Name = "d"
			l = buildDir(t, m, []unixfs.Link{l}, unixfs.Attributes{})
		}
		return l.Cid
	}
	_, walk, _ = visitors(t, m, nested(unixfs.MaxPathDepth))
	require.NoError(t, walk)
	_, walk, _ = visitors(t, m, nested(unixfs.MaxPathDepth+1))
	require.ErrorIs(t, walk, unixfs.ErrTooDeep)
}

// TestEmptyPartsCostNothing reads a file of one byte beside 10^20 empty parts.
func TestEmptyPartsCostNothing(t *testing.T) {
	m := newMemory()
	c := m.put(format.DagPB, pbNode(file(0)))
	for range 20 {
		links := make([][]byte, 10)
		for i := range links {
			links[i] = pbLink(c, "", 0)
		}
		c = m.put(format.DagPB, pbNode(file(0, make([]uint64, 10)...), links...))
	}
	raw := format.RawCID(m.raw([]byte("x")))
	root := m.put(format.DagPB, pbNode(file(1, 0, 1), pbLink(c, "", 0), pbLink(raw, "", 1)))
	m.gets = 0
	_, walk, read := visitors(t, m, root)
	require.NoError(t, walk)
	require.NoError(t, read)
	require.Less(t, m.gets, 40)
}

// TestHAMTBombEnds lists a trie in which every slot of every shard is the same shard: 256^8 entries if believed.
func TestHAMTBombEnds(t *testing.T) {
	m := newMemory()
	full := bytes.Repeat([]byte{0xff}, unixfs.ShardFanout/8)
	all := func(c cid.Cid, name string) cid.Cid {
		links := make([][]byte, unixfs.ShardFanout)
		for i := range links {
			links[i] = pbLink(c, fmt.Sprintf("%02X%s", i, name), 1)
		}
		return m.put(format.DagPB, pbNode(shard(unixfs.ShardFanout, full...), links...))
	}
	c := all(someCID(1), "name")
	for range 7 {
		c = all(c, "")
	}
	m.gets = 0
	list := unixfs.ListDir(t.Context(), m.get, c, func(unixfs.Link) error { return nil })
	require.ErrorIs(t, list, unixfs.ErrInvalidNode)
	require.Less(t, m.gets, 10)

	list, walk, _ := visitors(t, m, all(c, ""))
	require.ErrorIs(t, list, unixfs.ErrTooDeep)
	require.ErrorIs(t, walk, unixfs.ErrTooDeep)

	empty := m.put(format.DagPB, pbNode(shard(unixfs.ShardFanout)))
	list, _, _ = visitors(t, m, empty)
	require.NoError(t, list, "an empty HAMT is an empty directory")
	list, _, _ = visitors(t, m, all(empty, ""))
	require.ErrorIs(t, list, unixfs.ErrInvalidNode, "an empty shard in a HAMT is not")
	_, walk, _ = visitors(t, m, all(buildDir(t, m, nil, unixfs.Attributes{}).Cid, ""))
	require.ErrorIs(t, walk, unixfs.ErrInvalidNode)
}

func TestGetterErrorsComeThrough(t *testing.T) {
	m := newMemory()
	root, _ := tree(t, m)
	gone := errors.New("peer is gone")
	m2 := &memory{blocks: map[cid.Cid][]byte{root: m.blocks[root]}}
	_, err := unixfs.ResolvePath(t.Context(), m2.get, root, "sub/deep")
	require.ErrorContains(t, err, "failed to get block")
	_, err = unixfs.Load(t.Context(), func(context.Context, cid.Cid) ([]byte, error) { return nil, gone }, root)
	require.ErrorIs(t, err, gone)
	_, err = unixfs.Load(t.Context(), m.get, cid.Undef)
	require.ErrorIs(t, err, unixfs.ErrUnsupported)
	_, err = unixfs.Load(t.Context(), m.get, format.CBORCID(format.Digest{1}))
	require.ErrorIs(t, err, unixfs.ErrUnsupported)
}
