package layout_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/layout"
)

func TestALayoutReadsBackAndValidates(t *testing.T) {
	for _, n := range []int{1, 2, 500, 7000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := newSample(t, n)
			r := s.layout(t, s.encodings, nil)
			require.NoError(t, layout.Validate(t.Context(), r, s.manifest))

			got, err := readAll(t.Context(), r)
			require.NoError(t, err)
			require.Len(t, got, len(s.encodings))
			var offset uint64
			var commit commitment.Builder
			for i, e := range got {
				want := s.encodings[i]
				want.Offset = offset
				require.Equal(t, want, e)
				require.NoError(t, commit.Add(e.Leaf()))
				offset += uint64(e.Length)
			}
			require.Equal(t, offset, r.Header().Length)
			require.EqualValues(t, len(got), r.Header().Encodings)
			commD, err := commit.CommD()
			require.NoError(t, err)
			require.Equal(t, commD, r.Header().CommD)

			i := 0
			for leaf, err := range r.Leaves(t.Context()) {
				require.NoError(t, err)
				require.Equal(t, got[i].Leaf(), leaf)
				i++
			}
			require.Equal(t, len(got), i)
		})
	}
}

func TestPagesStayWithinTheirLimit(t *testing.T) {
	s := newSample(t, 1)
	encodings := madeUp(30_000)
	for i := range 20 { // some that name as many blocks as an envelope can hold
		e := &encodings[i*1000]
		for len(e.Blocks) < envelope.MaxBlocks {
			e.Blocks = append(e.Blocks, e.Blocks[len(e.Blocks)-1]+211)
		}
	}
	r := s.layout(t, encodings, nil)
	require.Greater(t, len(r.Header().Pages), 5)
	for c, data := range s.store {
		require.LessOrEqual(t, len(data), layout.MaxBlockSize, c)
	}
	got, err := readAll(t.Context(), r)
	require.NoError(t, err)
	for i := range got {
		got[i].Offset = 0
	}
	require.Equal(t, encodings, got)
}

func TestTheBlocksAreDagCBORAsIPLDWritesIt(t *testing.T) {
	s := newSample(t, 300)
	s.store = blocks{s.manifest.CID(): s.store[s.manifest.CID()]}
	s.layout(t, s.encodings, nil)
	s.layout(t, madeUp(10_000), nil)
	for _, data := range s.store {
		node := basicnode.Prototype.Any.NewBuilder()
		require.NoError(t, dagcbor.Decode(node, bytes.NewReader(data)))
		var again bytes.Buffer
		require.NoError(t, dagcbor.Encode(node.Build(), &again))
		require.Equal(t, data, again.Bytes())
	}
}

func TestTheBuilderRefusesBadEncodings(t *testing.T) {
	good := madeUp(1)[0]
	for name, tc := range map[string]struct {
		change func(*layout.Encoding)
		want   error
	}{
		"empty":           {func(e *layout.Encoding) { e.Length = 0 }, layout.ErrTooLarge},
		"below header":    {func(e *layout.Encoding) { e.Length = layout.MinLength - 1 }, layout.ErrTooLarge},
		"too long":        {func(e *layout.Encoding) { e.Length = layout.MaxLength + 1 }, layout.ErrTooLarge},
		"algorithm":       {func(e *layout.Encoding) { e.Algorithm = 9 }, layout.ErrAlgorithm},
		"no blocks":       {func(e *layout.Encoding) { e.Blocks = nil }, layout.ErrNoBlocks},
		"too many blocks": {func(e *layout.Encoding) { e.Blocks = make([]uint32, envelope.MaxBlocks+1) }, layout.ErrTooLarge},
		"block twice":     {func(e *layout.Encoding) { e.Blocks = []uint32{1, 1} }, layout.ErrOrder},
		"descending":      {func(e *layout.Encoding) { e.Blocks = []uint32{2, 1} }, layout.ErrOrder},
		"index":           {func(e *layout.Encoding) { e.Blocks = []uint32{layout.MaxIndices} }, layout.ErrIndex},
	} {
		t.Run(name, func(t *testing.T) {
			b := layout.NewBuilder(format.CBORCID(format.Sum(nil)), func(format.Block) error { return nil })
			e := good
			tc.change(&e)
			require.ErrorIs(t, b.Append(e), tc.want)
			_, err := b.Finish()
			require.ErrorIs(t, err, layout.ErrCount)
		})
	}
	b := layout.NewBuilder(format.CBORCID(format.Sum(nil)), func(format.Block) error { return errMissing })
	require.NoError(t, b.Append(good))
	_, err := b.Finish()
	require.ErrorIs(t, err, errMissing)
	b = layout.NewBuilder(format.RawCID(format.Sum(nil)), func(format.Block) error { return nil })
	require.NoError(t, b.Append(good))
	_, err = b.Finish()
	require.ErrorIs(t, err, layout.ErrEncoding, "a raw block is no manifest")
}

func TestALayoutThatDoesNotMatchItsManifestIsRefused(t *testing.T) {
	s := newSample(t, 200)
	clone := func() []layout.Encoding {
		out := slices.Clone(s.encodings)
		for i := range out {
			out[i].Blocks = slices.Clone(out[i].Blocks)
		}
		return out
	}
	stranger := madeUp(1)[0]
	for name, tc := range map[string]struct {
		change func([]layout.Encoding) []layout.Encoding
		want   error
	}{
		"encoding missing":     {func(e []layout.Encoding) []layout.Encoding { return e[1:] }, layout.ErrUncovered},
		"last page missing":    {func(e []layout.Encoding) []layout.Encoding { return e[:len(e)-1] }, layout.ErrUncovered},
		"header missing":       {func(e []layout.Encoding) []layout.Encoding { return slices.Delete(e, len(e)-2, len(e)-1) }, layout.ErrUncovered},
		"block missing":        {func(e []layout.Encoding) []layout.Encoding { e[1].Blocks = e[1].Blocks[1:]; return e }, layout.ErrUncovered},
		"encoding twice":       {func(e []layout.Encoding) []layout.Encoding { return append(e, e[0]) }, layout.ErrDuplicate},
		"encoding split":       {func(e []layout.Encoding) []layout.Encoding { return split(e) }, layout.ErrDuplicate},
		"block twice":          {func(e []layout.Encoding) []layout.Encoding { e[0].Blocks = []uint32{0, 1}; return e }, layout.ErrDuplicate},
		"index beyond":         {func(e []layout.Encoding) []layout.Encoding { e[len(e)-1].Blocks[0] = 202; return e }, layout.ErrIndex},
		"stranger with blocks": {func(e []layout.Encoding) []layout.Encoding { return append(e, stranger) }, layout.ErrDuplicate},
		"many encodings":       {func([]layout.Encoding) []layout.Encoding { return madeUp(203) }, layout.ErrDuplicate},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.layout(t, tc.change(clone()), nil)
			require.ErrorIs(t, layout.Validate(t.Context(), r, s.manifest), tc.want)
		})
	}
	other := newSample(t, 3)
	r := s.layout(t, s.encodings, nil)
	require.ErrorIs(t, layout.Validate(t.Context(), r, other.manifest), layout.ErrManifest)
	require.NoError(t, layout.Validate(t.Context(), r, s.manifest))
}

// split lists the second encoding twice, each time for half of its blocks.
func split(e []layout.Encoding) []layout.Encoding {
	half := e[1]
	half.Blocks = e[1].Blocks[:10]
	e[1].Blocks = e[1].Blocks[10:]
	return append(e, half)
}

func TestHostileLayoutsAreRefused(t *testing.T) {
	s := newSample(t, 10)
	encodings := madeUp(20_000)
	for name, tc := range map[string]struct {
		change func(*layout.Header)
		want   error
	}{
		"comm_d":        {func(h *layout.Header) { h.CommD[5] ^= 1 }, layout.ErrCommitment},
		"length":        {func(h *layout.Header) { h.Length++ }, layout.ErrCount},
		"count":         {func(h *layout.Header) { h.Encodings-- }, layout.ErrCount},
		"pages swapped": {func(h *layout.Header) { h.Pages[0], h.Pages[1] = h.Pages[1], h.Pages[0] }, layout.ErrOrder},
		"page repeated": {func(h *layout.Header) { h.Pages[1] = h.Pages[0] }, layout.ErrOrder},
		"page missing":  {func(h *layout.Header) { h.Pages = h.Pages[:len(h.Pages)-1] }, layout.ErrCount},
		"page lost":     {func(h *layout.Header) { h.Pages[1] = format.Sum(nil) }, errMissing},
		"manifest header as page": {func(h *layout.Header) {
			h.Pages[0], _ = format.DigestOf(s.manifest.CID())
		}, layout.ErrEncoding},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readAll(t.Context(), s.layout(t, encodings, tc.change))
			require.ErrorIs(t, err, tc.want)
		})
	}
	r := s.layout(t, encodings, nil)
	s.store[format.CBORCID(r.Header().Pages[2])][77] ^= 1
	_, err := readAll(t.Context(), r)
	require.ErrorIs(t, err, layout.ErrDigest)
	_, err = r.Page(t.Context(), len(r.Header().Pages))
	require.ErrorIs(t, err, layout.ErrCount)
}

func TestOpenRefuses(t *testing.T) {
	s := newSample(t, 10)
	huge := format.NewBlock(format.DagCBOR, make([]byte, layout.MaxBlockSize+1))
	require.NoError(t, s.store.put(huge))
	for name, tc := range map[string]struct {
		c    cid.Cid
		want error
	}{
		"undefined":    {cid.Undef, format.ErrCID},
		"raw":          {format.RawCID(format.Sum(nil)), layout.ErrEncoding},
		"not there":    {format.CBORCID(format.Sum(nil)), errMissing},
		"a manifest":   {s.manifest.CID(), layout.ErrEncoding},
		"too large":    {huge.CID(), layout.ErrTooLarge},
		"another hash": {cid.MustParse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn"), format.ErrCIDVersion},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := layout.Open(t.Context(), tc.c, s.store.fetch)
			require.ErrorIs(t, err, tc.want)
		})
	}
	_, err := layout.DecodeHeader(huge.Data)
	require.ErrorIs(t, err, layout.ErrTooLarge)
	_, err = layout.DecodePage(huge.Data)
	require.ErrorIs(t, err, layout.ErrTooLarge)
}

func TestTruncatedAndFlippedBlocksAreRefused(t *testing.T) {
	s := newSample(t, 10)
	r := s.layout(t, s.encodings, nil)
	header, page := s.store[r.CID()], s.store[format.CBORCID(r.Header().Pages[0])]
	for n := range header {
		_, err := layout.DecodeHeader(header[:n])
		require.Error(t, err)
	}
	for n := range page {
		_, err := layout.DecodePage(page[:n])
		require.Error(t, err)
	}
	_, err := layout.DecodePage(append(bytes.Clone(page), 0))
	require.ErrorIs(t, err, layout.ErrEncoding)
	future := bytes.Clone(header)
	future[bytes.Index(future, []byte{0x61, 'v'})+2] = 2
	_, err = layout.DecodeHeader(future)
	require.ErrorIs(t, err, layout.ErrVersion)
}

func TestEnvelopesAreComparedWithTheLayout(t *testing.T) {
	s := newSample(t, 120)
	targets, err := layout.ReadTargets(t.Context(), s.manifest)
	require.NoError(t, err)
	require.EqualValues(t, 122, targets.Len())
	_, _, err = targets.At(122)
	require.ErrorIs(t, err, layout.ErrIndex)

	for _, e := range s.encodings {
		h, err := targets.Check(e, s.envelopes[e.Digest])
		require.NoError(t, err)
		_, err = h.Decode(nil)
		require.NoError(t, err)
	}

	e := s.encodings[1]
	env := s.envelopes[e.Digest]
	flipped := bytes.Clone(env)
	flipped[100] ^= 1
	_, err = targets.Check(e, flipped)
	require.ErrorIs(t, err, layout.ErrEnvelope)
	_, err = targets.Check(e, env[:len(env)-1])
	require.ErrorIs(t, err, layout.ErrEnvelope)

	wrong := e
	wrong.Algorithm = envelope.None
	_, err = targets.Check(wrong, env)
	require.ErrorIs(t, err, layout.ErrEnvelope)
	wrong = e
	wrong.Blocks = []uint32{0}
	_, err = targets.Check(wrong, env)
	require.ErrorIs(t, err, layout.ErrEnvelope, "a block the envelope does not hold")
	wrong.Blocks = []uint32{500}
	_, err = targets.Check(wrong, env)
	require.ErrorIs(t, err, layout.ErrIndex)

	noise := []byte("no envelope")
	_, err = targets.Check(layout.Encoding{Digest: format.Sum(noise), Length: uint32(len(noise)), Blocks: []uint32{0}}, noise)
	require.ErrorIs(t, err, envelope.ErrMagic)
}
