package pebblestore

import (
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// The first byte of every index key.
const (
	spaceBlock    = 'b'
	spaceEncoding = 'e'
	spaceMeta     = 'm'
	spaceRecord   = 'n'
)

const (
	blockPrefixSize = 1 + format.DigestSize
	blockKeySize    = blockPrefixSize + 8
	blockValueSize  = 1 + 2 + 4
)

func blockPrefix(d format.Digest) []byte {
	return append(append(make([]byte, 0, blockKeySize), spaceBlock), d[:]...)
}

func blockKey(d format.Digest, number uint64) []byte {
	return binary.BigEndian.AppendUint64(blockPrefix(d), number)
}

func encodingKey(d format.Digest) []byte {
	return append(append(make([]byte, 0, blockPrefixSize), spaceEncoding), d[:]...)
}

func recordKey(number uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 9), spaceRecord), number)
}

func metaKey(key []byte) []byte {
	return append(append(make([]byte, 0, 1+len(key)), spaceMeta), key...)
}

// blockValue is what the index says of a block in one encoding.
type blockValue struct {
	codec uint64
	index int
	size  uint32
}

func (v blockValue) append(dst []byte) []byte {
	dst = append(dst, byte(v.codec))
	dst = binary.BigEndian.AppendUint16(dst, uint16(v.index))
	return binary.BigEndian.AppendUint32(dst, v.size)
}

func decodeBlockValue(b []byte) (blockValue, error) {
	if len(b) != blockValueSize {
		return blockValue{}, fmt.Errorf("block entry of %d bytes, want %d", len(b), blockValueSize)
	}
	return blockValue{
		codec: uint64(b[0]),
		index: int(binary.BigEndian.Uint16(b[1:])),
		size:  binary.BigEndian.Uint32(b[3:]),
	}, nil
}

// comparer orders keys by their bytes and tells pebble that all keys of one block share a prefix, so that a Bloom
// filter answers for blocks that are not stored.
var comparer = func() *pebble.Comparer {
	c := *pebble.DefaultComparer
	c.Name = "ipdm.index.v1"
	c.Split = func(key []byte) int {
		if len(key) > blockPrefixSize && key[0] == spaceBlock {
			return blockPrefixSize
		}
		return len(key)
	}
	c.Separator = func(dst, a, _ []byte) []byte { return append(dst, a...) }
	c.Successor = func(dst, a []byte) []byte { return append(dst, a...) }
	return &c
}()

// keyAfter returns the first key behind all that begin with prefix, nil if there is none.
func keyAfter(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}
