package pebblestore

import (
	"encoding/binary"

	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// The first byte of every index key.
const (
	spaceBlock    = 'b' // of a former layout, which had the blocks here too
	spaceEncoding = 'e'
	spaceMeta     = 'm'
	spaceRecord   = 'n'
	spaceVersion  = 'v'
)

// blockPrefixSize is the length of what the keys of one block share.
const blockPrefixSize = 1 + format.DigestSize

func encodingKey(d format.Digest) []byte {
	return append(append(make([]byte, 0, 1+format.DigestSize), spaceEncoding), d[:]...)
}

func recordKey(number uint64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 9), spaceRecord), number)
}

func metaKey(key []byte) []byte {
	return append(append(make([]byte, 0, 1+len(key)), spaceMeta), key...)
}

// comparer orders keys by their bytes. Of the keys of a former layout it says that those of one block share a prefix:
// pebble opens what was written with it by the same rules only.
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
