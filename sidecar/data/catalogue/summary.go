package catalogue

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/bloom"
	"github.com/ipdm-network/ipdm/sidecar/data/hll"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

const (
	summaryVersion = 1
	// MaxSummaryBytes is the longest summary.
	MaxSummaryBytes = 1 << 20
	// falsePositives is the rate at which a filter does not spare a request that it could.
	falsePositives = 0.01
)

// The bits that say what the filter of a summary has.
const (
	hasManifests = 1 << iota // roots, manifests, owners and tags of pinned manifests
	hasBlocks                // every stored block
	knownContents
)

// The kinds of items in a filter: the byte before a digest, a name or a tag.
const (
	itemContent = 'c'
	itemOwner   = 'o'
	itemTag     = 't'
)

// ErrSummary reports bytes that are not a summary.
var ErrSummary = errors.New("invalid summary")

// summary is what a node says that it has.
type summary struct {
	contents            byte
	filter              *bloom.Cascade
	roots, owners, tags hll.Sketch
}

func contentItem(d format.Digest) []byte { return append([]byte{itemContent}, d[:]...) }

func textItem(kind byte, text string) []byte { return append([]byte{kind}, text...) }

// sketches returns the sketches in the order in which they are encoded.
func (s *summary) sketches() []*hll.Sketch { return []*hll.Sketch{&s.roots, &s.owners, &s.tags} }

// encode returns the bytes of a summary:
//
//	version (1) | contents (1) | three times, of roots, owners and tags: length (4, big endian) and sketch | filter
func (s *summary) encode() []byte {
	b := []byte{summaryVersion, s.contents}
	for _, sketch := range s.sketches() {
		encoded := sketch.Append(nil)
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(encoded))), encoded...)
	}
	return s.filter.Append(b)
}

// decodeSummary reads a summary. It fails with ErrSummary.
func decodeSummary(b []byte) (*summary, error) {
	if len(b) < 2 || len(b) > MaxSummaryBytes || b[0] != summaryVersion || b[1] >= knownContents {
		return nil, fmt.Errorf("%w: %d bytes of an unknown form", ErrSummary, len(b))
	}
	s := &summary{contents: b[1]}
	b = b[2:]
	for _, into := range s.sketches() {
		if len(b) < 4 || uint64(len(b)-4) < uint64(binary.BigEndian.Uint32(b)) {
			return nil, fmt.Errorf("%w: a sketch is cut off", ErrSummary)
		}
		n := binary.BigEndian.Uint32(b)
		sketch, err := hll.Decode(b[4 : 4+n])
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrSummary, err)
		}
		*into, b = *sketch, b[4+n:]
	}
	filter, err := bloom.Decode(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSummary, err)
	}
	s.filter = filter
	return s, nil
}

// mayHave tells whether the node may have a block, root or manifest.
func (s *summary) mayHave(c cid.Cid) bool {
	d, err := format.DigestOf(c)
	if err != nil || s.contents&hasBlocks == 0 && (s.contents&hasManifests == 0 || c.Prefix().Codec != format.DagCBOR) {
		return true
	}
	return s.filter.MayHave(contentItem(d))
}

// mayMatch tells whether the node may have a manifest that an expression matches.
func (s *summary) mayMatch(e query.Expr) bool {
	if s.contents&hasManifests == 0 {
		return true
	}
	switch e := e.(type) {
	case query.And:
		for _, part := range e {
			if !s.mayMatch(part) {
				return false
			}
		}
	case query.Or:
		for _, part := range e {
			if s.mayMatch(part) {
				return true
			}
		}
		return false
	case *query.Comparison:
		return e.Operator != query.Equal || s.mayEqual(e)
	}
	return true
}

// mayEqual tells whether the node may have a manifest of which a comparison by = holds.
func (s *summary) mayEqual(c *query.Comparison) bool {
	switch c.Field {
	case query.Tag:
		return s.filter.MayHave(textItem(itemTag, c.Key+"="+c.Text))
	case query.Owner:
		return s.filter.MayHave(textItem(itemOwner, c.Text))
	case query.Root, query.Manifest:
		d, err := format.DigestOf(c.CID)
		return err != nil || s.filter.MayHave(contentItem(d))
	}
	return true
}
