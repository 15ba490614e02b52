package trie

import (
	"encoding/binary"
	"fmt"
)

const (
	// ValueBytes is the size of an encoded value.
	ValueBytes = 99

	valueVersion   = 1
	flagSuperseded = 1
	flagTombstoned = 2
)

// The codecs of the roots of contents.
const (
	Raw   = 0x55
	DagPB = 0x70
)

// Value is what the trie says of an anchored manifest.
type Value struct {
	Superseded   bool
	Tombstoned   bool
	Codec        uint8    // of the content's root CID, Raw or DagPB
	RootDigest   [32]byte // BLAKE3 digest of the content's root CID
	Owner        [32]byte // filled with zeros on the left
	SizeBytes    uint64   // of the content
	Height       uint64   // of the block that anchored it
	TimeMillis   uint64   // of that block, since 1970
	VersionCount uint64   // along the chain of manifests that supersede each other, from 1
}

// Encode returns the ValueBytes of a value.
func (v Value) Encode() []byte {
	var flags byte
	if v.Superseded {
		flags |= flagSuperseded
	}
	if v.Tombstoned {
		flags |= flagTombstoned
	}
	out := append(make([]byte, 0, ValueBytes), valueVersion, flags, v.Codec)
	out = append(append(out, v.RootDigest[:]...), v.Owner[:]...)
	for _, n := range []uint64{v.SizeBytes, v.Height, v.TimeMillis, v.VersionCount} {
		out = binary.BigEndian.AppendUint64(out, n)
	}
	return out
}

// DecodeValue reads a value. It fails if the bytes are none.
func DecodeValue(raw []byte) (Value, error) {
	switch {
	case len(raw) != ValueBytes:
		return Value{}, fmt.Errorf("a value has %d bytes, not %d", ValueBytes, len(raw))
	case raw[0] != valueVersion:
		return Value{}, fmt.Errorf("a value of version %d, expected %d", raw[0], valueVersion)
	case raw[1] > flagSuperseded|flagTombstoned:
		return Value{}, fmt.Errorf("a value with unknown flags 0x%x", raw[1])
	case raw[2] != Raw && raw[2] != DagPB:
		return Value{}, fmt.Errorf("a value with codec 0x%x of the root", raw[2])
	}
	at := func(i int) uint64 { return binary.BigEndian.Uint64(raw[i:]) }
	return Value{
		Superseded: raw[1]&flagSuperseded != 0, Tombstoned: raw[1]&flagTombstoned != 0, Codec: raw[2],
		RootDigest: [32]byte(raw[3:35]), Owner: [32]byte(raw[35:67]),
		SizeBytes: at(67), Height: at(75), TimeMillis: at(83), VersionCount: at(91),
	}, nil
}
