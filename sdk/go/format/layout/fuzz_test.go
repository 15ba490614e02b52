package layout_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
)

// FuzzDecodeHeader: what the decoder accepts has exactly one encoding.
func FuzzDecodeHeader(f *testing.F) {
	s := newSample(f, 10)
	f.Add(s.store[s.layout(f, s.encodings, nil).CID()])
	f.Add(s.store[s.layout(f, madeUp(10_000), nil).CID()])
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := layout.DecodeHeader(data)
		if err != nil {
			return
		}
		block, err := h.Encode()
		require.NoError(t, err)
		require.Equal(t, data, block.Data)
	})
}

// FuzzDecodePage: what the decoder accepts is what a Builder writes for the same encodings.
func FuzzDecodePage(f *testing.F) {
	s := newSample(f, 10)
	r := s.layout(f, s.encodings, nil)
	f.Add(s.store[format.CBORCID(r.Header().Pages[0])])
	f.Fuzz(func(t *testing.T, data []byte) {
		page, err := layout.DecodePage(data)
		if err != nil || page.First != 0 || page.Encodings[0].Offset != 0 || len(data) > layout.MaxBlockSize-1024 {
			return
		}
		var got []byte
		b := layout.NewBuilder(format.CBORCID(format.Sum(nil)), func(block format.Block) error {
			got = block.Data
			return nil
		})
		for _, e := range page.Encodings {
			require.NoError(t, b.Append(e))
		}
		_, err = b.Finish()
		require.NoError(t, err)
		require.Equal(t, data, got)
	})
}
