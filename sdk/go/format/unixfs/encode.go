package unixfs

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Tags of the fields of dag-pb and UnixFS messages: field number times eight plus wire type.
const (
	tagNodeData = 1<<3 | 2
	tagNodeLink = 2<<3 | 2

	tagLinkHash = 1<<3 | 2
	tagLinkName = 2<<3 | 2
	tagLinkSize = 3<<3 | 0

	tagType       = 1<<3 | 0
	tagData       = 2<<3 | 2
	tagFileSize   = 3<<3 | 0
	tagBlockSize  = 4<<3 | 0
	tagHashType   = 5<<3 | 0
	tagFanout     = 6<<3 | 0
	tagMode       = 7<<3 | 0
	tagModTime    = 8<<3 | 2
	tagSeconds    = 1<<3 | 0
	tagNanosFixed = 2<<3 | 5
)

// Values of the UnixFS type field.
const (
	typeRaw       = 0
	typeDirectory = 1
	typeFile      = 2
	typeSymlink   = 4
	typeShard     = 5
)

// Emit takes over a finished node. data is the caller's own from then on. An error stops the builder, which returns
// it wrapped.
type Emit func(codec uint64, digest format.Digest, data []byte) error

// content is a UnixFS message about to be encoded.
type content struct {
	kind       uint64
	data       []byte
	hasSize    bool
	fileSize   uint64
	blockSizes func(i int) uint64 // one for each link, nil for none
	fanout     uint64             // with hashMurmur3, 0 for none
	Attributes
}

// emitNode encodes a node of n links and hands it to emit. It returns a link to it, without a name.
func emitNode(emit Emit, n int, link func(i int) Link, c content) (Link, error) {
	linksSize, total := 0, uint64(0)
	for i := range n {
		l := link(i)
		linksSize += 1 + protowire.SizeBytes(linkBodySize(l))
		if l.TotalSizeBytes > MaxFileBytes {
			return Link{}, fmt.Errorf("%w: link to %d bytes", ErrInvalidSize, l.TotalSizeBytes)
		}
		total += l.TotalSizeBytes
		if total > MaxFileBytes {
			return Link{}, fmt.Errorf("%w: DAG of more than %d bytes", ErrInvalidSize, uint64(MaxFileBytes))
		}
	}
	contentSize := c.size(n)
	size := linksSize + 1 + protowire.SizeBytes(contentSize)
	if size > MaxNodeBytes {
		return Link{}, fmt.Errorf("%w: node of %d bytes", ErrInvalidSize, size)
	}
	out := make([]byte, 0, size)
	for i := range n {
		l := link(i)
		out = append(out, tagNodeLink)
		out = protowire.AppendVarint(out, uint64(linkBodySize(l)))
		out = append(out, tagLinkHash)
		out = protowire.AppendString(out, l.Cid.KeyString())
		out = append(out, tagLinkName)
		out = protowire.AppendString(out, l.Name)
		out = append(out, tagLinkSize)
		out = protowire.AppendVarint(out, l.TotalSizeBytes)
	}
	out = append(out, tagNodeData)
	out = protowire.AppendVarint(out, uint64(contentSize))
	out = c.append(out, n)
	digest := format.Sum(out)
	if err := emit(format.DagPB, digest, out); err != nil {
		return Link{}, fmt.Errorf("failed to store UnixFS node: %w", err)
	}
	return Link{Cid: format.NodeCID(digest), TotalSizeBytes: total + uint64(len(out))}, nil
}

func linkBodySize(l Link) int {
	return 1 + protowire.SizeBytes(l.Cid.ByteLen()) + 1 + protowire.SizeBytes(len(l.Name)) +
		1 + protowire.SizeVarint(l.TotalSizeBytes)
}

func (c *content) size(links int) int {
	n := 1 + protowire.SizeVarint(c.kind)
	if c.data != nil {
		n += 1 + protowire.SizeBytes(len(c.data))
	}
	if c.hasSize {
		n += 1 + protowire.SizeVarint(c.fileSize)
	}
	if c.blockSizes != nil {
		for i := range links {
			n += 1 + protowire.SizeVarint(c.blockSizes(i))
		}
	}
	if c.fanout != 0 {
		n += 1 + protowire.SizeVarint(hashMurmur3) + 1 + protowire.SizeVarint(c.fanout)
	}
	if c.Mode != 0 {
		n += 1 + protowire.SizeVarint(uint64(c.Mode))
	}
	if !c.ModTime.IsZero() {
		n += 1 + protowire.SizeBytes(c.modTimeSize())
	}
	return n
}

func (c *content) modTimeSize() int {
	n := 1 + protowire.SizeVarint(uint64(c.ModTime.Unix()))
	if c.ModTime.Nanosecond() != 0 {
		n += 1 + protowire.SizeFixed32()
	}
	return n
}

func (c *content) append(out []byte, links int) []byte {
	out = append(out, tagType)
	out = protowire.AppendVarint(out, c.kind)
	if c.data != nil {
		out = append(out, tagData)
		out = protowire.AppendBytes(out, c.data)
	}
	if c.hasSize {
		out = append(out, tagFileSize)
		out = protowire.AppendVarint(out, c.fileSize)
	}
	if c.blockSizes != nil {
		for i := range links {
			out = append(out, tagBlockSize)
			out = protowire.AppendVarint(out, c.blockSizes(i))
		}
	}
	if c.fanout != 0 {
		out = append(out, tagHashType)
		out = protowire.AppendVarint(out, hashMurmur3)
		out = append(out, tagFanout)
		out = protowire.AppendVarint(out, c.fanout)
	}
	if c.Mode != 0 {
		out = append(out, tagMode)
		out = protowire.AppendVarint(out, uint64(c.Mode))
	}
	if !c.ModTime.IsZero() {
		out = append(out, tagModTime)
		out = protowire.AppendVarint(out, uint64(c.modTimeSize()))
		out = append(out, tagSeconds)
		out = protowire.AppendVarint(out, uint64(c.ModTime.Unix()))
		if nanos := c.ModTime.Nanosecond(); nanos != 0 {
			out = append(out, tagNanosFixed)
			out = protowire.AppendFixed32(out, uint32(nanos))
		}
	}
	return out
}

// EncodeSymlink makes the node of a symbolic link to target, which is not looked at, and emits it. Only the time of
// modification is recorded, as in Kubo. It fails with ErrInvalidSize unless target has 1 to MaxSymlinkBytes bytes.
func EncodeSymlink(target string, attrs Attributes, emit Emit) (Link, error) {
	if len(target) == 0 || len(target) > MaxSymlinkBytes {
		return Link{}, fmt.Errorf("%w: link target of %d bytes", ErrInvalidSize, len(target))
	}
	attrs.Mode = 0
	return emitNode(emit, 0, nil, content{kind: typeSymlink, data: []byte(target), Attributes: attrs})
}
