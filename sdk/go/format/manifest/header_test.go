package manifest_test

import (
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

func TestAHeaderThatCannotBeTrueIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*manifest.Header)
		want   error
	}{
		"no root":       {func(h *manifest.Header) { h.Root = cid.Undef }, manifest.ErrMetadata},
		"root codec":    {func(h *manifest.Header) { h.Root = format.CBORCID(format.Sum(nil)) }, manifest.ErrCodec},
		"no entries":    {func(h *manifest.Header) { h.Entries = 0 }, manifest.ErrCount},
		"leaves":        {func(h *manifest.Header) { h.Leaves = h.Entries + 1 }, manifest.ErrCount},
		"size":          {func(h *manifest.Header) { h.PlainSize = uint64(h.Entries)*format.MaxBlockSize + 1 }, manifest.ErrCount},
		"page too much": {func(h *manifest.Header) { h.Pages = append(h.Pages, h.Pages[0]) }, manifest.ErrCount},
		"no pages":      {func(h *manifest.Header) { h.Pages = nil }, manifest.ErrCount},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, h := build(t, rawEntries(10), nil)
			tc.change(h)
			_, err := h.Encode()
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func TestDecodePageRefusesBadEntries(t *testing.T) {
	_, store, h := build(t, rawEntries(2), nil)
	page := store[format.CBORCID(h.Pages[0])]
	empty := append([]byte{0xa2, 0x65}, append([]byte("first"), append([]byte{0x00, 0x67}, append([]byte("entries"), 0x80)...)...)...)
	_, _, err := manifest.DecodePage(empty)
	require.ErrorIs(t, err, manifest.ErrCount)

	body := len(empty) - 1 // where the array of entries begins
	require.Equal(t, empty[:body], page[:body])
	for name, tc := range map[string]struct {
		at    int
		value byte
		want  error
	}{
		"codec dag-cbor":       {body + 3, 0x71, manifest.ErrCodec},
		"codec unknown":        {body + 3, 0x60, manifest.ErrCodec},
		"codec beyond":         {body + 3, 0xff, manifest.ErrTooLarge},
		"two elements":         {body + 1, 0x82, manifest.ErrEncoding},
		"digest of 31 bytes":   {body + 5, 31, manifest.ErrEncoding},
		"fewer than announced": {body, 0x83, manifest.ErrEncoding},
		"more than announced":  {body, 0x81, manifest.ErrEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			bad := append([]byte(nil), page...)
			bad[tc.at] = tc.value
			_, _, err := manifest.DecodePage(bad)
			require.ErrorIs(t, err, tc.want)
		})
	}
}
