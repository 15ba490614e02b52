package format

import (
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
)

// The multicodec codes of the blocks IPDM stores.
const (
	Raw     uint64 = cid.Raw         // plain bytes: a chunk of a file, or an envelope
	DagPB   uint64 = cid.DagProtobuf // a UnixFS node
	DagCBOR uint64 = cid.DagCBOR     // a manifest or layout block
)

const (
	// MaxBlockSize is the largest block in plain form, in bytes.
	MaxBlockSize = 1 << 20
	// MaxEncodingSize is the largest envelope in bytes, its header included. It is what Bitswap peers accept.
	MaxEncodingSize = 2 << 20
)

const (
	// cidSize is the binary length of every CID accepted: version, codec (all below 0x80), hash code, hash length, hash.
	cidSize = 4 + DigestSize
	// cidTextSize is the length of such a CID in base32 with its multibase prefix.
	cidTextSize = 1 + (cidSize*8+4)/5
)

var (
	// ErrCID reports text or bytes that are not a canonical CIDv1.
	ErrCID = errors.New("invalid CID")
	// ErrCIDVersion reports a CID of another version than 1.
	ErrCIDVersion = errors.New("CID is not version 1")
	// ErrCIDHash reports a CID whose hash is not BLAKE3-256.
	ErrCIDHash = errors.New("CID hash is not BLAKE3-256")
	// ErrCIDCodec reports a CID whose codec is none of Raw, DagPB and DagCBOR.
	ErrCIDCodec = errors.New("CID codec is unknown")
)

// KnownCodec tells whether codec is one of Raw, DagPB and DagCBOR.
func KnownCodec(codec uint64) bool {
	return codec == Raw || codec == DagPB || codec == DagCBOR
}

// BlockCID returns the CIDv1 of a block with the given codec and digest of its plain bytes.
// It does not check the codec: see KnownCodec.
func BlockCID(codec uint64, d Digest) cid.Cid {
	var mh [2 + DigestSize]byte
	mh[0] = multihash.BLAKE3
	mh[1] = DigestSize
	copy(mh[2:], d[:])
	return cid.NewCidV1(codec, mh[:])
}

// RawCID returns the block CID of a chunk of plain bytes.
func RawCID(d Digest) cid.Cid { return BlockCID(Raw, d) }

// NodeCID returns the block CID of a dag-pb (UnixFS) node.
func NodeCID(d Digest) cid.Cid { return BlockCID(DagPB, d) }

// CBORCID returns the block CID of a dag-cbor (manifest or layout) block.
func CBORCID(d Digest) cid.Cid { return BlockCID(DagCBOR, d) }

// EncodingCID returns the CID of an envelope, d being the digest of the envelope's bytes.
func EncodingCID(d Digest) cid.Cid { return BlockCID(Raw, d) }

// DigestOf returns the digest inside c. It fails with ErrCID, ErrCIDVersion, ErrCIDHash or ErrCIDCodec
// unless c is a CIDv1 with a BLAKE3-256 hash and a known codec.
func DigestOf(c cid.Cid) (Digest, error) {
	if !c.Defined() {
		return Digest{}, fmt.Errorf("%w: undefined", ErrCID)
	}
	p := c.Prefix()
	switch {
	case p.Version != 1:
		return Digest{}, fmt.Errorf("%w: %s", ErrCIDVersion, c)
	case p.MhType != multihash.BLAKE3 || p.MhLength != DigestSize:
		return Digest{}, fmt.Errorf("%w: %s", ErrCIDHash, c)
	case !KnownCodec(p.Codec):
		return Digest{}, fmt.Errorf("%w: 0x%x in %s", ErrCIDCodec, p.Codec, c)
	}
	return digestFromCIDBytes(c.Bytes())
}

// ParseCID reads the canonical text form of a CID that DigestOf accepts: lower-case base32 with the prefix "b".
// There is exactly one accepted text for a CID.
func ParseCID(s string) (cid.Cid, error) {
	if s == "" {
		return cid.Undef, fmt.Errorf("%w: empty text", ErrCID)
	}
	if len(s) > 2*cidTextSize {
		return cid.Undef, fmt.Errorf("%w: %d characters", ErrCID, len(s))
	}
	c, err := cid.Decode(s)
	if err != nil {
		return cid.Undef, fmt.Errorf("%w: %q: %w", ErrCID, s, err)
	}
	if _, err := DigestOf(c); err != nil {
		return cid.Undef, err
	}
	if c.String() != s {
		return cid.Undef, fmt.Errorf("%w: %q is not in canonical form, want %s", ErrCID, s, c)
	}
	return c, nil
}

// CIDFromBytes reads the binary form of a CID that DigestOf accepts, all of b.
func CIDFromBytes(b []byte) (cid.Cid, error) {
	if len(b) != cidSize {
		return cid.Undef, fmt.Errorf("%w: %d bytes, want %d", ErrCID, len(b), cidSize)
	}
	c, err := cid.Cast(b)
	if err != nil {
		return cid.Undef, fmt.Errorf("%w: %w", ErrCID, err)
	}
	if _, err := DigestOf(c); err != nil {
		return cid.Undef, err
	}
	return c, nil
}

func digestFromCIDBytes(b []byte) (Digest, error) {
	if len(b) != cidSize {
		return Digest{}, fmt.Errorf("%w: %d bytes, want %d", ErrCID, len(b), cidSize)
	}
	return Digest(b[cidSize-DigestSize:]), nil
}
