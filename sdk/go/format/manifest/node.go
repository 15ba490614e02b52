package manifest

import (
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// The UnixFS node types.
const (
	unixfsRaw       = 0
	unixfsDirectory = 1
	unixfsFile      = 2
	unixfsSymlink   = 4
	unixfsHAMT      = 5
)

// key identifies a block: the same bytes under two codecs are two blocks.
type key struct {
	codec  uint64
	digest format.Digest
}

// node is what the walk needs of a dag-pb UnixFS node.
type node struct {
	kind     uint64
	inline   uint64 // length of the data inside the node
	fileSize uint64 // stated length of a file
	links    []key
}

// minLinkSize is the length of the shortest encoded link: field head, length, hash field.
const minLinkSize = 2 + 2 + 4 + format.DigestSize

// decodeNode reads the links and UnixFS type of a dag-pb node. It fails with ErrNode, or with ErrCodec for a link
// that is not to a raw block or dag-pb node under BLAKE3-256.
func decodeNode(data []byte) (*node, error) {
	n := &node{links: make([]key, 0, min(len(data)/minLinkSize, 256))}
	seenData := false
	for len(data) > 0 {
		field, value, _, rest, err := protoField(data)
		if err != nil {
			return nil, err
		}
		data = rest
		switch {
		case field == 2<<3|2 && !seenData:
			link, err := decodeLink(value)
			if err != nil {
				return nil, err
			}
			n.links = append(n.links, link)
		case field == 1<<3|2 && !seenData:
			seenData = true
			if err := n.decodeUnixFS(value); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("%w: unexpected dag-pb field %d", ErrNode, field>>3)
		}
	}
	if !seenData {
		return nil, fmt.Errorf("%w: dag-pb node without data", ErrNode)
	}
	return n, nil
}

// decodeLink returns the target of an encoded link: field 1 is its CID.
func decodeLink(data []byte) (key, error) {
	field, value, _, _, err := protoField(data)
	if err != nil {
		return key{}, err
	}
	if field != 1<<3|2 {
		return key{}, fmt.Errorf("%w: link without CID", ErrNode)
	}
	c, err := format.CIDFromBytes(value)
	if err != nil {
		return key{}, fmt.Errorf("%w: link: %w", ErrCodec, err)
	}
	codec := c.Prefix().Codec
	if !contentCodec(codec) {
		return key{}, fmt.Errorf("%w: link to %s", ErrCodec, c)
	}
	digest, err := format.DigestOf(c)
	if err != nil {
		return key{}, fmt.Errorf("%w: link: %w", ErrCodec, err)
	}
	return key{codec, digest}, nil
}

// decodeUnixFS reads type (field 1), inline data (2) and file size (3) and skips the other fields.
func (n *node) decodeUnixFS(data []byte) error {
	seenType := false
	for len(data) > 0 {
		field, value, number, rest, err := protoField(data)
		if err != nil {
			return err
		}
		data = rest
		switch field {
		case 1<<3 | 0:
			n.kind, seenType = number, true
		case 2<<3 | 2:
			n.inline = uint64(len(value))
		case 3<<3 | 0:
			n.fileSize = number
		}
	}
	switch {
	case !seenType:
		return fmt.Errorf("%w: no type", ErrNode)
	case n.kind > unixfsHAMT || n.kind == 3:
		return fmt.Errorf("%w: type %d", ErrNode, n.kind)
	}
	return nil
}

// contentSize returns the length of the content below the node, children being the sum over its links.
func (n *node) contentSize(children uint64) (uint64, error) {
	switch n.kind {
	case unixfsDirectory, unixfsHAMT:
		return children, nil
	case unixfsSymlink:
		return 0, nil
	}
	if children+n.inline != n.fileSize {
		return 0, fmt.Errorf("%w: file states %d bytes and has %d", ErrNode, n.fileSize, children+n.inline)
	}
	return n.fileSize, nil
}

// protoField reads one protobuf field: its head (number and wire type), its bytes (wire type 2) or its number (other
// wire types), and what follows.
func protoField(data []byte) (head uint64, value []byte, number uint64, rest []byte, err error) {
	head, used := binary.Uvarint(data)
	if used <= 0 {
		return 0, nil, 0, nil, fmt.Errorf("%w: cut off", ErrNode)
	}
	data = data[used:]
	switch head & 7 {
	case 0, 2:
		if number, used = binary.Uvarint(data); used <= 0 {
			return 0, nil, 0, nil, fmt.Errorf("%w: cut off", ErrNode)
		}
		data = data[used:]
		if head&7 == 0 {
			return head, nil, number, data, nil
		}
		if number > uint64(len(data)) {
			return 0, nil, 0, nil, fmt.Errorf("%w: cut off", ErrNode)
		}
		return head, data[:number], 0, data[number:], nil
	case 5:
		if len(data) >= 4 {
			return head, nil, uint64(binary.LittleEndian.Uint32(data)), data[4:], nil
		}
	case 1:
		if len(data) >= 8 {
			return head, nil, binary.LittleEndian.Uint64(data), data[8:], nil
		}
	}
	return 0, nil, 0, nil, fmt.Errorf("%w: cut off or of unknown wire type", ErrNode)
}
