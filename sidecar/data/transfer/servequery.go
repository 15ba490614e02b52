package transfer

import (
	"context"
	"fmt"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
)

func (s *Server) query(ctx context.Context, w *wire, m *datav1.QueryRequest) error {
	if err := checkQuery(m); err != nil {
		return refusedError{err}
	}
	if s.opts.Catalogue == nil {
		return refusedError{ErrNotOffered}
	}
	headers, next, err := s.opts.Catalogue.Query(ctx, m.Filter, int(m.Limit), m.Cursor)
	if err != nil {
		text := err.Error()
		return w.write(queryResponse(&datav1.QueryResponse{Error: text[:min(len(text), maxRefusalText)]}))
	}
	sizeBytes := 0
	for _, h := range headers {
		sizeBytes += len(h)
	}
	if sizeBytes > MaxSummaryBytes {
		return refusedError{fmt.Errorf("%w: the answer has %d bytes, ask for fewer manifests", ErrInvalid, sizeBytes)}
	}
	return w.write(queryResponse(&datav1.QueryResponse{ManifestHeaders: headers, NextCursor: next}))
}

func queryResponse(m *datav1.QueryResponse) *datav1.Response {
	return &datav1.Response{Result: &datav1.Response_Query{Query: m}}
}

func (s *Server) summary(ctx context.Context, w *wire, m *datav1.SummaryRequest) error {
	if s.opts.Catalogue == nil {
		return refusedError{ErrNotOffered}
	}
	version, summary, err := s.opts.Catalogue.Summary(ctx)
	if err == nil && len(summary) > MaxSummaryBytes {
		err = fmt.Errorf("summary of %d bytes, at most %d", len(summary), MaxSummaryBytes)
	}
	if err != nil {
		return refusedError{err}
	}
	if version == m.KnownVersion {
		summary = nil
	}
	return w.write(&datav1.Response{Result: &datav1.Response_Summary{Summary: &datav1.SummaryResponse{Version: version, Summary: summary}}})
}
