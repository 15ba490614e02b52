package unixfs

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is a UnixFS message as it stands in a node, before it is understood.
type message struct {
	kind             uint64
	hasKind, hasSize bool
	fileSize         uint64
	hashType, fanout uint64
	seconds          int64
	hasSeconds       bool
	nanos            uint32
}

// decodeContent reads the UnixFS message of a node whose links are known.
func (n *Node) decodeContent(b []byte) error {
	var m message
	for len(b) > 0 {
		number, wire, k := protowire.ConsumeTag(b)
		if k < 0 {
			return invalid("bad field in UnixFS message")
		}
		b = b[k:]
		size := protowire.ConsumeFieldValue(number, wire, b)
		if size < 0 {
			return invalid("field of UnixFS message is cut off")
		}
		if err := n.decodeField(&m, number, wire, b[:size]); err != nil {
			return err
		}
		b = b[size:]
	}
	return n.accept(&m)
}

// decodeField reads one field, value being its complete encoding. As in any protobuf the last of several holds.
func (n *Node) decodeField(m *message, number protowire.Number, wire protowire.Type, value []byte) error {
	var v uint64
	var field []byte
	switch wire {
	case protowire.VarintType:
		v, _ = protowire.ConsumeVarint(value)
	case protowire.BytesType:
		field, _ = protowire.ConsumeBytes(value)
	}
	switch tag := uint64(number)<<3 | uint64(wire); tag {
	case tagType:
		m.kind, m.hasKind = v, true
	case tagData:
		n.Data = field
	case tagFileSize:
		m.fileSize, m.hasSize = v, true
	case tagBlockSize:
		return n.addBlockSize(v)
	case packedBlockSizes:
		for len(field) > 0 {
			v, k := protowire.ConsumeVarint(field)
			if k < 0 {
				return invalid("bad block sizes")
			}
			if err := n.addBlockSize(v); err != nil {
				return err
			}
			field = field[k:]
		}
	case tagHashType:
		m.hashType = v
	case tagFanout:
		m.fanout = v
	case tagMode:
		n.Mode = uint32(v) & modeBits
	case tagModTime:
		return m.decodeModTime(field)
	}
	return nil
}

// packedBlockSizes is the other encoding that protobuf allows for a repeated number.
const packedBlockSizes = 4<<3 | 2

func (n *Node) addBlockSize(v uint64) error {
	if n.BlockSizesBytes == nil {
		n.BlockSizesBytes = make([]uint64, 0, len(n.Links))
	}
	if len(n.BlockSizesBytes) == len(n.Links) {
		return invalid("more block sizes than links")
	}
	n.BlockSizesBytes = append(n.BlockSizesBytes, v)
	return nil
}

func (m *message) decodeModTime(b []byte) error {
	m.seconds, m.nanos, m.hasSeconds = 0, 0, false
	for len(b) > 0 {
		number, wire, k := protowire.ConsumeTag(b)
		if k < 0 {
			return invalid("bad field in time")
		}
		b = b[k:]
		size := protowire.ConsumeFieldValue(number, wire, b)
		if size < 0 {
			return invalid("field of time is cut off")
		}
		switch uint64(number)<<3 | uint64(wire) {
		case tagSeconds:
			v, _ := protowire.ConsumeVarint(b)
			m.seconds, m.hasSeconds = int64(v), true
		case tagNanosFixed:
			m.nanos, _ = protowire.ConsumeFixed32(b)
		}
		b = b[size:]
	}
	if !m.hasSeconds || m.nanos >= uint32(time.Second) {
		return invalid("bad time")
	}
	return nil
}

// accept turns the message into the node's fields.
func (n *Node) accept(m *message) error {
	if !m.hasKind {
		return invalid("no type")
	}
	if m.hasSeconds {
		n.ModTime = time.Unix(m.seconds, int64(m.nanos)).UTC()
	}
	switch m.kind {
	case typeRaw:
		n.Kind = KindRaw
	case typeFile:
		n.Kind = KindFile
	case typeDirectory:
		n.Kind = KindDirectory
	case typeSymlink:
		n.Kind = KindSymlink
	case typeShard:
		n.Kind = KindShard
		if m.hashType != hashMurmur3 {
			return invalid("HAMT hash 0x%x", m.hashType)
		}
		if m.fanout < 8 || m.fanout > maxShardFanout || m.fanout&(m.fanout-1) != 0 {
			return invalid("HAMT fanout %d", m.fanout)
		}
		n.Fanout = int(m.fanout)
	default:
		return unsupported("UnixFS type %d", m.kind)
	}
	if n.IsFile() {
		n.FileSizeBytes = m.fileSize
		if !m.hasSize {
			n.FileSizeBytes = uint64(len(n.Data)) // written by early software for single nodes
		}
	}
	return nil
}
