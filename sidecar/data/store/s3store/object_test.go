package s3store

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// goldenID is bytes that rise from first.
func goldenID(first byte) (id identity) {
	for i := range id {
		id[i] = first + byte(i)
	}
	return id
}

func goldenChanges() []change {
	rec := record{
		segment: 1<<32 + 2, offset: 3, length: 100, plain: 9, alg: envelope.Zstd, digest: format.Sum([]byte("encoding")),
		entries: []envelope.Entry{
			{Codec: format.Raw, Digest: format.Sum([]byte("one")), Size: 4},
			{Codec: format.DagPB, Digest: format.Sum([]byte("two")), Offset: 4, Size: 5},
		},
	}
	return []change{
		{kind: changeAdd, number: 7, rec: rec},
		{kind: changeDelete, number: 6},
		{kind: changeMove, number: 5, segment: 1<<32 + 3, offset: 77},
		{kind: changeSetMeta, key: []byte("key"), value: []byte("value")},
		{kind: changeSetMeta, key: []byte("empty"), value: []byte{}},
		{kind: changeUnset, key: []byte("gone")},
		{kind: changeSegment, segment: 1<<32 + 2, length: 103},
		{kind: changeDrop, segment: 1 << 32},
	}
}

// goldenObjects is one of each kind, by the name of its file in testdata.
func goldenObjects() map[string][]byte {
	var changes []byte
	for _, c := range goldenChanges() {
		changes = c.append(changes)
	}
	count := uint32(len(goldenChanges()))
	return map[string][]byte{
		"store": sealStore(goldenID(1)),
		"lock": lockObject{
			owner: goldenID(1), session: goldenID(33), renewals: 4, lease: 30 * time.Second, held: true, host: "höst",
		}.seal(),
		"entry": entry{seq: 9, epoch: 1, count: count, changes: changes}.seal(),
		"part":  part{seq: 9, number: 1, count: count, changes: changes}.seal(),
		"head":  head{seq: 9, epoch: 1, next: 8, parts: []format.Digest{format.Sum([]byte("a")), format.Sum([]byte("b"))}}.seal(),
	}
}

// reseal reads an object of any kind and writes it again.
func reseal(b []byte) ([]byte, error) {
	var err error
	var again []byte
	kind := byte(0)
	if len(b) > 5 {
		kind = b[5]
	}
	rewrite := func(count uint32, changes []byte) (out []byte, err error) {
		err = eachChange(count, changes, func(c change) error {
			out = c.append(out)
			return nil
		})
		return out, err
	}
	switch kind {
	case kindStore:
		var id identity
		id, err = unsealStore(b)
		again = sealStore(id)
	case kindLock:
		var l lockObject
		l, err = unsealLock(b)
		again = l.seal()
	case kindEntry:
		var e entry
		if e, err = unsealEntry(b); err == nil {
			e.changes, err = rewrite(e.count, e.changes)
		}
		again = e.seal()
	case kindPart:
		var p part
		if p, err = unsealPart(b); err == nil {
			p.changes, err = rewrite(p.count, p.changes)
		}
		again = p.seal()
	default:
		var h head
		h, err = unsealHead(b)
		again = h.seal()
	}
	return again, err
}

// TestGoldenObjects: the bytes of every kind of object stay what they are, and are read back as what they were made of.
func TestGoldenObjects(t *testing.T) {
	for name, data := range goldenObjects() {
		text, err := os.ReadFile("testdata/" + name + ".hex")
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(string(text)), hex.EncodeToString(data), name)
		again, err := reseal(data)
		require.NoError(t, err, name)
		require.Equal(t, data, again, name)
	}
	e, err := unsealEntry(goldenObjects()["entry"])
	require.NoError(t, err)
	var got []change
	require.NoError(t, eachChange(e.count, e.changes, func(c change) error {
		got = append(got, c)
		return nil
	}))
	require.Equal(t, goldenChanges(), got)
	l, err := unsealLock(goldenObjects()["lock"])
	require.NoError(t, err)
	require.Equal(t, lockObject{owner: goldenID(1), session: goldenID(33), renewals: 4, lease: 30 * time.Second, held: true, host: "höst"}, l)
}

// TestMalformedObjects: an object that was cut, extended, flipped anywhere, or is of another kind or version is refused.
func TestMalformedObjects(t *testing.T) {
	for name, data := range goldenObjects() {
		for i := range data {
			_, err := reseal(data[:i])
			require.ErrorIs(t, err, errMalformed, "%s cut at %d", name, i)
			flipped := bytes.Clone(data)
			flipped[i] ^= 1
			_, err = reseal(flipped)
			require.ErrorIs(t, err, errMalformed, "%s flipped at %d", name, i)
		}
		body := data[:len(data)-format.DigestSize]
		later := bytes.Clone(body)
		later[4]++
		_, err := reseal(seal(later))
		require.ErrorContains(t, err, "version 2")
		if name != "lock" { // its last field takes the rest
			_, err = reseal(seal(append(bytes.Clone(body), 0)))
			require.ErrorIs(t, err, errMalformed, name)
		}
	}
}

// TestBoundsOfChanges: sizes out of bounds are refused whatever the length of the object.
func TestBoundsOfChanges(t *testing.T) {
	room := make([]byte, 2*store.MaxMetaValueBytes)
	big := goldenChanges()[0]
	big.rec.length = format.MaxEncodingSize + 1
	long := goldenChanges()[0]
	long.rec.entries = []envelope.Entry{{Size: long.rec.plain + 1}}
	for name, b := range map[string][]byte{
		"kind 0":      {0},
		"kind 8":      append([]byte{8}, room...),
		"empty key":   append([]byte{byte(changeUnset), 0, 0}, room...),
		"long key":    append([]byte{byte(changeUnset), 0xff, 0xff}, room...),
		"long value":  append([]byte{byte(changeSetMeta), 0, 1, 'k', 0, 0x10, 0, 1}, room...),
		"envelope":    append(big.append(nil), room...),
		"block":       append(long.append(nil), room...),
		"no blocks":   append([]byte{byte(changeAdd)}, room...),
		"many blocks": append(append([]byte{byte(changeAdd)}, bytes.Repeat([]byte{0}, 8+recordHeaderSize-2)...), append([]byte{0xff, 0xff}, room...)...),
	} {
		_, _, err := decodeChange(b)
		require.ErrorIs(t, err, errMalformed, name)
	}
}

func TestKeysOfObjects(t *testing.T) {
	require.Equal(t, "journal/00000000000000ff", entryKey(255))
	require.Equal(t, "segments/0000000100000002", segmentKey(1<<32+2))
	require.Equal(t, "checkpoint/000000000000000a/head", headKey(10))
	require.Equal(t, "checkpoint/000000000000000a/00000003", partKey(10, 3))
	number, rest, ok := numberOf("checkpoint/000000000000000a/head", checkpointFolder)
	require.True(t, ok)
	require.EqualValues(t, 10, number)
	require.Equal(t, "/head", rest)
	for _, key := range []string{"segments/1", "segments/notanumber-here", "other/0000000100000002"} {
		_, _, ok := numberOf(key, segmentFolder)
		require.False(t, ok, key)
	}
}

func FuzzObjects(f *testing.F) {
	for _, data := range goldenObjects() {
		f.Add(data[:len(data)-format.DigestSize])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		data := seal(body)
		again, err := reseal(data)
		if err != nil {
			require.ErrorIs(t, err, errMalformed)
			return
		}
		require.Equal(t, data, again)
	})
}

// FuzzIndexValues: what lies in the local index is read without a panic, and is what was written.
func FuzzIndexValues(f *testing.F) {
	f.Add(goldenChanges()[0].rec.append(nil))
	f.Add(blockCopy{number: 1, index: 2, codec: format.Raw, size: 3}.append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, rest, err := decodeRecord(b); err == nil {
			require.Equal(t, b, append(r.append(nil), rest...))
		}
		copies, err := decodeCopies(b)
		if err != nil {
			return
		}
		var again []byte
		for _, c := range copies {
			again = c.append(again)
		}
		require.True(t, bytes.Equal(b, again))
	})
}
