package manifest

import (
	"bytes"
	"fmt"
	"math"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/internal/dagcbor"
)

const (
	kind   = "manifest"
	domain = "ipdm/manifest/v1"
)

// Header is the first block of a manifest.
type Header struct {
	Meta
	Root      cid.Cid         // root of the content: a raw block or dag-pb node
	PlainSize uint64          // sum of the sizes of all entries, in bytes
	Leaves    uint32          // number of raw entries
	Entries   uint32          // number of entries
	Pages     []format.Digest // digests of the pages, in order
	Signature []byte          // 64 bytes; nil in a header not yet signed
}

// Validate checks every field against its bounds and the others, but for the signature.
func (h *Header) Validate() error {
	if err := h.Meta.Validate(); err != nil {
		return err
	}
	if _, err := format.DigestOf(h.Root); err != nil {
		return fmt.Errorf("%w: root: %w", ErrMetadata, err)
	}
	if codec := h.Root.Prefix().Codec; !contentCodec(codec) {
		return fmt.Errorf("%w: root of codec 0x%x", ErrCodec, codec)
	}
	switch {
	case h.Entries > MaxEntries:
		return fmt.Errorf("%w: %d entries", ErrTooLarge, h.Entries)
	case h.Entries == 0:
		return fmt.Errorf("%w: no entries", ErrCount)
	case h.Leaves > h.Entries:
		return fmt.Errorf("%w: %d leaves of %d entries", ErrCount, h.Leaves, h.Entries)
	case h.PlainSize > uint64(h.Entries)*format.MaxBlockSize:
		return fmt.Errorf("%w: %d entries cannot have %d bytes", ErrCount, h.Entries, h.PlainSize)
	case len(h.Pages) != pageCount(h.Entries):
		return fmt.Errorf("%w: %d pages for %d entries", ErrCount, len(h.Pages), h.Entries)
	}
	return nil
}

// pageCount returns how many pages hold the entries.
func pageCount(entries uint32) int {
	return int((uint64(entries) + EntriesPerPage - 1) / EntriesPerPage)
}

// SigningBytes returns what the creator signs: the domain "ipdm/manifest/v1" and the header without its signature.
func (h *Header) SigningBytes() []byte {
	return h.append([]byte(domain), nil)
}

// Sign has sign sign the SigningBytes and attaches the result. Both forms an Ethereum-style key may return are fine.
func (h *Header) Sign(sign func(message []byte) ([]byte, error)) error {
	sig, err := sign(h.SigningBytes())
	if err != nil {
		return fmt.Errorf("failed to sign manifest: %w", err)
	}
	return h.Attach(sig)
}

// Attach verifies sig and makes it the header's signature. Of an Ethereum-style key's 65 bytes the recovery byte is
// dropped. It fails with ErrSignature if sig is not the creator's, and then leaves the header as it was.
func (h *Header) Attach(sig []byte) error {
	if h.Creator.Kind == EthSecp256k1 && len(sig) == recoverableSize {
		sig = sig[:signatureSize]
	}
	if err := h.Creator.Verify(h.SigningBytes(), sig); err != nil {
		return err
	}
	h.Signature = bytes.Clone(sig)
	return nil
}

// Verify fails with ErrUnsigned or ErrSignature unless the header has its creator's signature.
func (h *Header) Verify() error {
	if h.Signature == nil {
		return ErrUnsigned
	}
	return h.Creator.Verify(h.SigningBytes(), h.Signature)
}

// Encode returns the signed header as a block, whose CID is the manifest's. It fails if the header is not valid, or
// with ErrUnsigned.
func (h *Header) Encode() (format.Block, error) {
	if err := h.Validate(); err != nil {
		return format.Block{}, err
	}
	if len(h.Signature) != signatureSize {
		return format.Block{}, ErrUnsigned
	}
	return format.NewBlock(format.DagCBOR, h.append(nil, h.Signature)), nil
}

// append appends the header's dag-cbor, without the pair "sig" if sig is nil.
func (h *Header) append(dst, sig []byte) []byte {
	pairs := 13
	if sig != nil {
		pairs++
	}
	dst = dagcbor.AppendMap(dst, pairs)
	dst = dagcbor.AppendUint(dagcbor.AppendText(dst, "v"), Version)
	if sig != nil {
		dst = dagcbor.AppendBytes(dagcbor.AppendText(dst, "sig"), sig)
	}
	dst = dagcbor.AppendText(dagcbor.AppendText(dst, "kind"), kind)
	dst = dagcbor.AppendLink(dagcbor.AppendText(dst, "root"), h.Root)
	dst = dagcbor.AppendUint(dagcbor.AppendText(dst, "size"), h.PlainSize)
	dst = dagcbor.AppendArray(dagcbor.AppendText(dst, "tags"), len(h.Tags))
	for _, tag := range h.Tags {
		dst = dagcbor.AppendText(dst, tag)
	}
	dst = dagcbor.AppendUint(dagcbor.AppendText(dst, "time"), uint64(h.UnixMilli))
	dst = dagcbor.AppendText(dagcbor.AppendText(dst, "type"), h.ContentType)
	dst = dagcbor.AppendArray(dagcbor.AppendText(dst, "pages"), len(h.Pages))
	for _, page := range h.Pages {
		dst = dagcbor.AppendLink(dst, format.CBORCID(page))
	}
	dst = dagcbor.AppendUint(dagcbor.AppendText(dst, "leaves"), uint64(h.Leaves))
	dst = dagcbor.AppendUint(dagcbor.AppendText(dst, "length"), h.ContentSize)
	dst = dagcbor.AppendMap(dagcbor.AppendText(dst, "creator"), 2)
	dst = dagcbor.AppendBytes(dagcbor.AppendText(dst, "key"), h.Creator.Key)
	dst = dagcbor.AppendUint(dagcbor.AppendText(dst, "kind"), uint64(h.Creator.Kind))
	dst = dagcbor.AppendUint(dagcbor.AppendText(dst, "entries"), uint64(h.Entries))
	dst = dagcbor.AppendText(dst, "supersedes")
	if !h.Supersedes.Defined() {
		return dagcbor.AppendNull(dst)
	}
	return dagcbor.AppendLink(dst, h.Supersedes)
}

// DecodeHeader reads the header block of a manifest and validates it. The signature is there, but not verified: see
// Verify. It fails with ErrEncoding, ErrVersion, ErrTooLarge or what Header.Validate fails with. The result does not
// alias data.
func DecodeHeader(data []byte) (*Header, error) {
	if len(data) > MaxBlockSize {
		return nil, fmt.Errorf("%w: header of %d bytes", ErrTooLarge, len(data))
	}
	h := &Header{}
	d := dagcbor.NewDecoder(data)
	d.Map(14)
	d.Key("v")
	if v := d.Uint(math.MaxUint64); d.Err() == nil && v != Version {
		return nil, fmt.Errorf("%w: %d", ErrVersion, v)
	}
	d.Key("sig")
	h.Signature = bytes.Clone(d.Bytes(signatureSize))
	d.Key("kind")
	got := d.Text(len(kind))
	d.Key("root")
	h.Root = d.Link()
	d.Key("size")
	h.PlainSize = d.Uint(math.MaxUint64)
	d.Key("tags")
	if n := d.Array(MaxTags, 1); n > 0 {
		h.Tags = make([]string, n)
		for i := range h.Tags {
			h.Tags[i] = d.Text(MaxTagSize)
		}
	}
	d.Key("time")
	h.UnixMilli = int64(d.Uint(maxUnixMilli))
	d.Key("type")
	h.ContentType = d.Text(MaxContentTypeSize)
	d.Key("pages")
	h.Pages = decodeLinks(d, MaxPages)
	d.Key("leaves")
	h.Leaves = uint32(d.Uint(MaxEntries))
	d.Key("length")
	h.ContentSize = d.Uint(math.MaxInt64)
	d.Key("creator")
	d.Map(2)
	d.Key("key")
	h.Creator.Key = bytes.Clone(d.Bytes(compressedSize))
	d.Key("kind")
	h.Creator.Kind = KeyKind(d.Uint(math.MaxUint8))
	d.Key("entries")
	h.Entries = uint32(d.Uint(MaxEntries))
	d.Key("supersedes")
	if !d.Null() {
		h.Supersedes = d.Link()
	}
	if err := d.End(); err != nil {
		return nil, encodingError("header", err)
	}
	if got != kind {
		return nil, fmt.Errorf("%w: block is a %q", ErrEncoding, got)
	}
	if len(h.Signature) != signatureSize {
		return nil, fmt.Errorf("%w: signature of %d bytes", ErrEncoding, len(h.Signature))
	}
	if err := h.Validate(); err != nil {
		return nil, err
	}
	return h, nil
}

// decodeLinks reads an array of links to dag-cbor blocks.
func decodeLinks(d *dagcbor.Decoder, limit int) []format.Digest {
	links := make([]format.Digest, d.Array(limit, dagcbor.LinkSize))
	for i := range links {
		links[i] = d.LinkTo(format.DagCBOR)
	}
	return links
}
