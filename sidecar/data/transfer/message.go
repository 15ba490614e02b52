package transfer

import (
	"fmt"

	"github.com/ipfs/go-cid"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// getRequest is a checked GetRequest.
type getRequest struct {
	cids      []cid.Cid       // in the order asked for
	digests   []format.Digest // theirs
	encodings bool            // they are of encodings, not of blocks
	cut       bool
	probe     bool
	fetch     bool
	root      cid.Cid // what is being read, or cid.Undef
}

// parseGet checks a GetRequest. It fails with ErrInvalid.
func parseGet(m *datav1.GetRequest) (*getRequest, error) {
	r := &getRequest{encodings: len(m.Encodings) > 0, cut: m.Cut, probe: m.Probe, fetch: m.Fetch}
	wanted := m.Blocks
	if r.encodings {
		wanted = m.Encodings
	}
	switch {
	case r.encodings && len(m.Blocks) > 0:
		return nil, fmt.Errorf("%w: blocks and encodings", ErrInvalid)
	case len(wanted) == 0 || len(wanted) > MaxWants:
		return nil, fmt.Errorf("%w: %d wants, 1 to %d", ErrInvalid, len(wanted), MaxWants)
	}
	if len(m.Root) > 0 {
		var err error
		if r.root, err = parseCID(m.Root); err != nil {
			return nil, err
		}
	}
	r.cids, r.digests = make([]cid.Cid, len(wanted)), make([]format.Digest, len(wanted))
	for i, b := range wanted {
		c, err := parseCID(b)
		if err != nil {
			return nil, err
		}
		r.cids[i] = c
		if r.digests[i], err = format.DigestOf(c); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return r, nil
}

// parseCID reads a binary CID. It fails with ErrInvalid.
func parseCID(b []byte) (cid.Cid, error) {
	c, err := format.CIDFromBytes(b)
	if err != nil {
		return cid.Undef, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return c, nil
}

// Offer is a manifest that is offered to be stored.
type Offer struct {
	Root     cid.Cid
	Manifest cid.Cid
	Replaced cid.Cid // the root that it replaces, or cid.Undef
}

// parsePut checks a PutRequest. It fails with ErrInvalid.
func parsePut(m *datav1.PutRequest) (Offer, error) {
	root, err := parseCID(m.Root)
	if err != nil {
		return Offer{}, err
	}
	manifest, err := parseCID(m.Manifest)
	if err != nil {
		return Offer{}, err
	}
	return Offer{Root: root, Manifest: manifest}, nil
}

// parseUpdate checks an UpdateRequest. It fails with ErrInvalid.
func parseUpdate(m *datav1.UpdateRequest) (Offer, error) {
	o, err := parsePut(&datav1.PutRequest{Root: m.Root, Manifest: m.Manifest})
	if err != nil {
		return Offer{}, err
	}
	o.Replaced, err = parseCID(m.ReplacedRoot)
	return o, err
}

// checkQuery checks a QueryRequest. It fails with ErrInvalid.
func checkQuery(m *datav1.QueryRequest) error {
	switch {
	case len(m.Filter) > MaxFilterBytes:
		return fmt.Errorf("%w: filter of %d bytes, at most %d", ErrInvalid, len(m.Filter), MaxFilterBytes)
	case len(m.Cursor) > MaxCursorBytes:
		return fmt.Errorf("%w: cursor of %d bytes, at most %d", ErrInvalid, len(m.Cursor), MaxCursorBytes)
	case m.Limit == 0 || m.Limit > MaxQueryLimit:
		return fmt.Errorf("%w: limit %d, 1 to %d", ErrInvalid, m.Limit, MaxQueryLimit)
	}
	return nil
}

// checkQueryResponse checks an answer to a query for at most limit manifests. It fails with ErrProtocol.
func checkQueryResponse(m *datav1.QueryResponse, limit int) error {
	if len(m.ManifestHeaders) > limit || len(m.NextCursor) > MaxCursorBytes {
		return fmt.Errorf("%w: answer with %d manifests of %d, cursor of %d bytes", ErrProtocol, len(m.ManifestHeaders), limit, len(m.NextCursor))
	}
	return nil
}

// checkSummaryResponse checks a summary. It fails with ErrProtocol.
func checkSummaryResponse(m *datav1.SummaryResponse) error {
	if len(m.Summary) > MaxSummaryBytes {
		return fmt.Errorf("%w: summary of %d bytes, at most %d", ErrProtocol, len(m.Summary), MaxSummaryBytes)
	}
	return nil
}

// checkEncoding checks the announcement of an envelope. It fails with ErrProtocol.
func checkEncoding(m *datav1.Encoding) error {
	if m.LengthBytes == 0 || m.LengthBytes > MaxEnvelopeBytes {
		return fmt.Errorf("%w: encoding of %d bytes, at most %d", ErrProtocol, m.LengthBytes, MaxEnvelopeBytes)
	}
	return nil
}

// checkGetEnd checks the end of an answer to a request for so many. It fails with ErrProtocol.
func checkGetEnd(m *datav1.GetEnd, wants int) error {
	next := 0
	for _, i := range m.Missing {
		if int64(i) < int64(next) || int64(i) >= int64(wants) {
			return fmt.Errorf("%w: want %d of %d is missing", ErrProtocol, i, wants)
		}
		next = int(i) + 1
	}
	return nil
}
