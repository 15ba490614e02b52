package unixfs

import (
	"fmt"

	"github.com/ipfs/go-cid"
	"google.golang.org/protobuf/encoding/protowire"
)

// DecodeNode reads a dag-pb block with a UnixFS message in it. Data before links and links out of order are accepted,
// as older software wrote them; unknown fields of the UnixFS message are skipped.
//
// It fails with ErrInvalidNode, ErrSizeMismatch or ErrUnsupported, having checked that the node is consistent in
// itself: the sizes of a file's parts make up its size, a directory's names are valid and distinct, a shard's links
// are those of its bitmap.
func DecodeNode(block []byte) (*Node, error) {
	if len(block) > MaxNodeBytes {
		return nil, invalid("%d bytes", len(block))
	}
	count, err := countLinks(block)
	if err != nil {
		return nil, err
	}
	n := &Node{}
	if count > 0 {
		n.Links = make([]Link, 0, count)
	}
	var payload []byte
	hasPayload := false
	for rest := block; len(rest) > 0; {
		tag, field, after, err := nextField(rest)
		if err != nil {
			return nil, err
		}
		rest = after
		if tag == tagNodeLink {
			l, err := decodeLink(field)
			if err != nil {
				return nil, err
			}
			n.Links = append(n.Links, l)
			continue
		}
		if hasPayload {
			return nil, invalid("two data fields")
		}
		payload, hasPayload = field, true
	}
	if !hasPayload {
		return nil, invalid("no UnixFS message")
	}
	if err := n.decodeContent(payload); err != nil {
		return nil, err
	}
	if err := n.check(); err != nil {
		return nil, err
	}
	return n, nil
}

// countLinks walks over a node's fields without keeping anything, to bound what is allocated for them.
func countLinks(block []byte) (int, error) {
	count := 0
	for rest := block; len(rest) > 0; {
		tag, _, after, err := nextField(rest)
		if err != nil {
			return 0, err
		}
		if tag == tagNodeLink {
			count++
		}
		rest = after
	}
	if count > MaxLinks {
		return 0, invalid("%d links", count)
	}
	return count, nil
}

// nextField splits the first field off a dag-pb node.
func nextField(b []byte) (tag uint64, field, rest []byte, err error) {
	tag, n := protowire.ConsumeVarint(b)
	if n < 0 || (tag != tagNodeData && tag != tagNodeLink) {
		return 0, nil, nil, invalid("bad field in node")
	}
	field, m := protowire.ConsumeBytes(b[n:])
	if m < 0 {
		return 0, nil, nil, invalid("field of node is cut off")
	}
	return tag, field, b[n+m:], nil
}

// decodeLink reads a PBLink: hash, name and size, each at most once and in this order.
func decodeLink(b []byte) (Link, error) {
	var l Link
	last := uint64(0)
	for len(b) > 0 {
		tag, n := protowire.ConsumeVarint(b)
		if n < 0 || tag <= last {
			return Link{}, invalid("bad field in link")
		}
		last, b = tag, b[n:]
		switch tag {
		case tagLinkHash, tagLinkName:
			field, n := protowire.ConsumeBytes(b)
			if n < 0 {
				return Link{}, invalid("field of link is cut off")
			}
			b = b[n:]
			if tag == tagLinkName {
				l.Name = string(field)
				continue
			}
			if len(field) > maxCIDBytes {
				return Link{}, invalid("CID of %d bytes", len(field))
			}
			c, err := cid.Cast(field)
			if err != nil {
				return Link{}, fmt.Errorf("%w: bad CID in link: %w", ErrInvalidNode, err)
			}
			l.Cid = c
		case tagLinkSize:
			size, n := protowire.ConsumeVarint(b)
			if n < 0 || size > MaxFileBytes {
				return Link{}, invalid("bad size in link")
			}
			l.TotalSizeBytes, b = size, b[n:]
		default:
			return Link{}, invalid("unknown field in link")
		}
	}
	if !l.Cid.Defined() {
		return Link{}, invalid("link without CID")
	}
	return l, nil
}

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalidNode}, args...)...)
}
