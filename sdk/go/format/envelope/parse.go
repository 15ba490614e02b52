package envelope

import (
	"encoding/binary"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Header is a parsed envelope. It refers to the envelope's bytes, which must not change while it is in use.
// Its methods may be called concurrently.
type Header struct {
	Algorithm   Algorithm
	Params      int           // of the algorithm, as Encode takes them
	Entries     []Entry       // the blocks, in payload order; at least one
	PlainSize   uint32        // length of all blocks together, in bytes
	PlainDigest format.Digest // BLAKE3-256 of all blocks end to end
	PayloadSize uint32        // length of the payload, in bytes

	env     []byte
	payload []byte
	single  [1]Entry // backs Entries of an envelope of one block
}

// IsPack tells whether the envelope has a pack table.
func (h *Header) IsPack() bool { return len(h.Entries) > 1 }

// Digest returns the digest of the envelope's bytes: what its encoding CID is made of. It hashes at each call.
func (h *Header) Digest() format.Digest { return EncodingDigest(h.env) }

// Length returns the length of the envelope in bytes.
func (h *Header) Length() int { return len(h.env) }

// Parse reads the header and table of an envelope, which must be all of env, without decompressing anything.
// Nothing about the payload but its size is verified: that is Decode's part.
//
// It fails with ErrMagic, ErrVersion, ErrTruncated, ErrTrailing, ErrTooLarge, ErrAlgorithm, ErrParams, ErrCodec or
// ErrNonCanonical.
func Parse(env []byte) (*Header, error) {
	if len(env) > format.MaxEncodingSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(env))
	}
	h, rest, err := parseHead(env)
	if err != nil {
		return nil, err
	}
	switch {
	case uint64(len(rest)) < uint64(h.PayloadSize):
		return nil, fmt.Errorf("%w: payload has %d of %d bytes", ErrTruncated, len(rest), h.PayloadSize)
	case uint64(len(rest)) > uint64(h.PayloadSize):
		return nil, fmt.Errorf("%w: %d", ErrTrailing, uint64(len(rest))-uint64(h.PayloadSize))
	}
	h.payload = rest
	return h, nil
}

// TableSize returns the length of the header and table of an envelope of count blocks, in bytes.
func TableSize(count int) int {
	if count == 1 {
		return HeaderSize
	}
	return HeaderSize + count*EntrySize
}

// ParseTable reads the blocks that an envelope names from its first bytes, as many as TableSize says or more. It fails
// as Parse does.
func ParseTable(head []byte) ([]Entry, error) {
	h, _, err := parseHead(head)
	if err != nil {
		return nil, err
	}
	return h.Entries, nil
}

// parseHead reads header and table, and returns what follows them.
func parseHead(env []byte) (*Header, []byte, error) {
	if len(env) < len(Magic) || string(env[:len(Magic)]) != Magic {
		return nil, nil, ErrMagic
	}
	if len(env) <= offVersion {
		return nil, nil, ErrTruncated
	}
	if v := env[offVersion]; v != Version {
		return nil, nil, fmt.Errorf("%w: %d", ErrVersion, v)
	}
	if len(env) < HeaderSize {
		return nil, nil, fmt.Errorf("%w: %d bytes, header has %d", ErrTruncated, len(env), HeaderSize)
	}
	h := &Header{
		Algorithm:   Algorithm(env[offAlgorithm]),
		Params:      int(env[offParams]),
		PlainSize:   binary.LittleEndian.Uint32(env[offPlainSize:]),
		PlainDigest: format.Digest(env[offDigest : offDigest+format.DigestSize]),
		PayloadSize: binary.LittleEndian.Uint32(env[offPayload:]),
		env:         env,
	}
	if err := h.checkSizes(); err != nil {
		return nil, nil, err
	}
	rest, err := h.readTable(env)
	return h, rest, err
}

// Length returns how long the envelope is that begins with head, of which it reads the first HeaderSize bytes. It tells
// where the next one begins in a file of envelopes end to end; whether this one is sound is for Parse and Decode to say.
// It fails with ErrMagic, ErrVersion, ErrTruncated or ErrTooLarge.
func Length(head []byte) (int, error) {
	if len(head) < len(Magic) || string(head[:len(Magic)]) != Magic {
		return 0, ErrMagic
	}
	if len(head) < HeaderSize {
		return 0, fmt.Errorf("%w: %d bytes, header has %d", ErrTruncated, len(head), HeaderSize)
	}
	if v := head[offVersion]; v != Version {
		return 0, fmt.Errorf("%w: %d", ErrVersion, v)
	}
	length := HeaderSize + uint64(binary.LittleEndian.Uint32(head[offPayload:]))
	if head[offFlags]&flagPack != 0 {
		length += EntrySize * uint64(binary.LittleEndian.Uint16(head[offCount:]))
	}
	if length > format.MaxEncodingSize {
		return 0, fmt.Errorf("%w: %d bytes", ErrTooLarge, length)
	}
	return int(length), nil
}

// checkSizes validates algorithm, parameters and the two sizes against each other.
func (h *Header) checkSizes() error {
	if !h.Algorithm.Known() {
		return fmt.Errorf("%w: %s", ErrAlgorithm, h.Algorithm)
	}
	if h.PlainSize > MaxPlainSize {
		return fmt.Errorf("%w: %d plain bytes, at most %d", ErrTooLarge, h.PlainSize, MaxPlainSize)
	}
	if h.Algorithm == None {
		if h.Params != 0 {
			return fmt.Errorf("%w: parameters %d without compression", ErrNonCanonical, h.Params)
		}
		if h.PayloadSize != h.PlainSize {
			return fmt.Errorf("%w: payload of %d bytes for %d plain bytes", ErrNonCanonical, h.PayloadSize, h.PlainSize)
		}
		return nil
	}
	if err := h.Algorithm.checkParams(h.Params); err != nil {
		return err
	}
	if h.PayloadSize >= h.PlainSize {
		return fmt.Errorf("%w: %s payload of %d bytes for %d plain bytes", ErrNonCanonical, h.Algorithm, h.PayloadSize, h.PlainSize)
	}
	return nil
}

// readTable fills in Entries and returns what follows the table.
func (h *Header) readTable(env []byte) ([]byte, error) {
	flags, codec, count := env[offFlags], uint64(env[offCodec]), int(binary.LittleEndian.Uint16(env[offCount:]))
	if env[offReserved] != 0 || flags&^flagPack != 0 {
		return nil, fmt.Errorf("%w: unknown flags", ErrNonCanonical)
	}
	rest := env[HeaderSize:]
	if flags&flagPack == 0 {
		if count != 1 {
			return nil, fmt.Errorf("%w: %d blocks without a pack table", ErrNonCanonical, count)
		}
		if !format.KnownCodec(codec) {
			return nil, fmt.Errorf("%w: 0x%x", ErrCodec, codec)
		}
		h.single[0] = Entry{Codec: codec, Digest: h.PlainDigest, Size: h.PlainSize}
		h.Entries = h.single[:]
		return rest, nil
	}
	switch {
	case codec != 0:
		return nil, fmt.Errorf("%w: codec in the header of a pack", ErrNonCanonical)
	case count < 2:
		return nil, fmt.Errorf("%w: pack of %d blocks", ErrNonCanonical, count)
	case count > MaxBlocks:
		return nil, fmt.Errorf("%w: %d blocks, at most %d", ErrTooLarge, count, MaxBlocks)
	case len(rest) < count*EntrySize:
		return nil, fmt.Errorf("%w: table of %d blocks", ErrTruncated, count)
	}
	h.Entries = make([]Entry, count)
	var offset uint32
	for i := range h.Entries {
		row := rest[i*EntrySize : (i+1)*EntrySize]
		e := Entry{
			Codec:  uint64(row[0]),
			Digest: format.Digest(row[1 : 1+format.DigestSize]),
			Offset: offset,
			Size:   binary.LittleEndian.Uint32(row[1+format.DigestSize:]),
		}
		if !format.KnownCodec(e.Codec) {
			return nil, fmt.Errorf("%w: 0x%x of block %d", ErrCodec, e.Codec, i)
		}
		if e.Size > h.PlainSize-offset {
			return nil, fmt.Errorf("%w: blocks are longer than the plain size", ErrNonCanonical)
		}
		offset += e.Size
		h.Entries[i] = e
	}
	if offset != h.PlainSize {
		return nil, fmt.Errorf("%w: blocks are shorter than the plain size", ErrNonCanonical)
	}
	return rest[count*EntrySize:], nil
}
