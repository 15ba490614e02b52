package layout_test

import (
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
)

func TestAHeaderThatCannotBeTrueIsRefused(t *testing.T) {
	good := layout.Header{Manifest: format.CBORCID(format.Sum(nil)), Length: 2 * layout.MinLength, Encodings: 2, Pages: make([]format.Digest, 1)}
	_, err := good.Encode()
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		change func(*layout.Header)
		want   error
	}{
		"no manifest":        {func(h *layout.Header) { h.Manifest = cid.Undef }, layout.ErrEncoding},
		"node as manifest":   {func(h *layout.Header) { h.Manifest = format.NodeCID(format.Sum(nil)) }, layout.ErrEncoding},
		"no encodings":       {func(h *layout.Header) { h.Encodings = 0 }, layout.ErrCount},
		"too many encodings": {func(h *layout.Header) { h.Encodings = layout.MaxIndices + 1 }, layout.ErrTooLarge},
		"too many pages":     {func(h *layout.Header) { h.Encodings, h.Pages = 7000, make([]format.Digest, 6001) }, layout.ErrTooLarge},
		"too short":          {func(h *layout.Header) { h.Length-- }, layout.ErrCount},
		"too long":           {func(h *layout.Header) { h.Length = 2*layout.MaxLength + 1 }, layout.ErrCount},
		"no pages":           {func(h *layout.Header) { h.Pages = nil }, layout.ErrCount},
		"empty pages":        {func(h *layout.Header) { h.Pages = make([]format.Digest, 3) }, layout.ErrCount},
	} {
		t.Run(name, func(t *testing.T) {
			h := good
			tc.change(&h)
			_, err := h.Encode()
			require.ErrorIs(t, err, tc.want)
		})
	}

	largest := layout.Header{Manifest: good.Manifest, Length: layout.MaxIndices * layout.MaxLength, Encodings: layout.MaxIndices, Pages: make([]format.Digest, 6000)}
	block, err := largest.Encode()
	require.NoError(t, err)
	require.LessOrEqual(t, len(block.Data), layout.MaxBlockSize)
	again, err := layout.DecodeHeader(block.Data)
	require.NoError(t, err)
	require.Equal(t, &largest, again)
}
