package manifest

import (
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/internal/dagcbor"
)

// minEntrySize is the length of the shortest encoded entry: array head, codec, digest, size below 24.
const minEntrySize = 1 + 2 + 2 + format.DigestSize + 1

func appendEntry(dst []byte, e Entry) []byte {
	dst = dagcbor.AppendArray(dst, 3)
	dst = dagcbor.AppendUint(dst, e.Codec)
	dst = dagcbor.AppendBytes(dst, e.Digest[:])
	return dagcbor.AppendUint(dst, uint64(e.Size))
}

// encodePage returns the page of count entries, whose dag-cbor is body, the first of which is entry number first.
func encodePage(first uint32, count int, body []byte) format.Block {
	data := make([]byte, 0, len(body)+32)
	data = dagcbor.AppendMap(data, 2)
	data = dagcbor.AppendUint(dagcbor.AppendText(data, "first"), uint64(first))
	data = dagcbor.AppendArray(dagcbor.AppendText(data, "entries"), count)
	return format.NewBlock(format.DagCBOR, append(data, body...))
}

// DecodePage reads a page: the number of its first entry and the entries.
// It fails with ErrEncoding, ErrTooLarge, ErrCodec or ErrCount (no entries). The result does not alias data.
func DecodePage(data []byte) (first uint32, entries []Entry, err error) {
	if len(data) > MaxBlockSize {
		return 0, nil, fmt.Errorf("%w: page of %d bytes", ErrTooLarge, len(data))
	}
	d := dagcbor.NewDecoder(data)
	d.Map(2)
	d.Key("first")
	first = uint32(d.Uint(MaxEntries - 1))
	d.Key("entries")
	entries = make([]Entry, d.Array(EntriesPerPage, minEntrySize))
	for i := range entries {
		if n := d.Array(3, 1); d.Err() == nil && n != 3 {
			return 0, nil, fmt.Errorf("%w: entry of %d elements", ErrEncoding, n)
		}
		entries[i] = Entry{Codec: d.Uint(format.DagCBOR), Digest: d.Digest(), Size: uint32(d.Uint(format.MaxBlockSize))}
		if d.Err() != nil {
			break
		}
		if err := entries[i].check(); err != nil {
			return 0, nil, err
		}
	}
	if err := d.End(); err != nil {
		return 0, nil, encodingError("page", err)
	}
	if len(entries) == 0 {
		return 0, nil, fmt.Errorf("%w: empty page", ErrCount)
	}
	return first, entries, nil
}

// encodingError makes of a decoder's error ErrTooLarge or ErrEncoding.
func encodingError(what string, err error) error {
	if errors.Is(err, dagcbor.ErrRange) {
		return fmt.Errorf("%w: %s: %w", ErrTooLarge, what, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrEncoding, what, err)
}
