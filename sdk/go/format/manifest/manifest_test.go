package manifest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

// readAll returns the entries up to the first error.
func readAll(ctx context.Context, r *manifest.Reader) ([]manifest.Entry, error) {
	var entries []manifest.Entry
	for e, err := range r.Entries(ctx) {
		if err != nil {
			return entries, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func TestAManifestReadsBackAsItWasBuilt(t *testing.T) {
	for _, n := range []int{1, 2, manifest.EntriesPerPage - 1, manifest.EntriesPerPage, manifest.EntriesPerPage + 1, 3*manifest.EntriesPerPage + 17} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			want := rawEntries(n)
			before := format.CBORCID(format.Sum([]byte("the one before")))
			c, store, built := build(t, want, func(m *manifest.Meta) { m.Supersedes, m.ContentSize = before, 12345 })
			for _, data := range store {
				require.LessOrEqual(t, len(data), manifest.MaxBlockSize)
			}
			r, err := manifest.Open(t.Context(), c, store.fetch)
			require.NoError(t, err)
			require.Equal(t, c, r.CID())
			require.Equal(t, built, r.Header())
			require.EqualValues(t, n, r.Header().Entries)
			require.EqualValues(t, n-1, r.Header().Leaves)
			require.Len(t, r.Header().Pages, (n+manifest.EntriesPerPage-1)/manifest.EntriesPerPage)
			require.Equal(t, before, r.Header().Supersedes)

			got, err := readAll(t.Context(), r)
			require.NoError(t, err)
			require.Equal(t, want, got)
			for _, i := range []int{0, n / 2, n - 1} {
				e, err := r.Entry(t.Context(), uint32(i))
				require.NoError(t, err)
				require.Equal(t, want[i], e)
			}
			_, err = r.Entry(t.Context(), uint32(n))
			require.ErrorIs(t, err, manifest.ErrCount)
			_, err = r.Page(t.Context(), -1)
			require.ErrorIs(t, err, manifest.ErrCount)
		})
	}
}

func TestTheLargestManifestFitsItsBlocks(t *testing.T) {
	s := ed25519Signer(t)
	h := &manifest.Header{
		Root:      format.NodeCID(format.Sum(nil)),
		PlainSize: manifest.MaxEntries * format.MaxBlockSize,
		Leaves:    manifest.MaxEntries,
		Entries:   manifest.MaxEntries,
		Pages:     make([]format.Digest, manifest.MaxPages),
		Meta: manifest.Meta{
			Creator:     s.creator,
			UnixMilli:   1 << 45,
			ContentType: strings.Repeat("t", manifest.MaxContentTypeSize),
			ContentSize: math.MaxInt64,
			Supersedes:  format.CBORCID(format.Sum(nil)),
		},
	}
	for i := range manifest.MaxTags {
		tag := fmt.Sprintf("%03d=", i)
		h.Tags = append(h.Tags, tag+strings.Repeat("v", manifest.MaxTagSize-len(tag)))
	}
	require.NoError(t, h.Sign(s.sign))
	block, err := h.Encode()
	require.NoError(t, err)
	require.LessOrEqual(t, len(block.Data), manifest.MaxBlockSize)
	again, err := manifest.DecodeHeader(block.Data)
	require.NoError(t, err)
	require.Equal(t, h, again)

	pages := 0
	b := manifest.NewBuilder(func(page format.Block) error {
		pages++
		require.LessOrEqual(t, len(page.Data), manifest.MaxBlockSize)
		return nil
	})
	for i := range 1_000_000 { // no special case
		e := manifest.Entry{Codec: format.Raw, Size: format.MaxBlockSize}
		e.Digest[0], e.Digest[1], e.Digest[2] = byte(i), byte(i>>8), byte(i>>16)
		if err := b.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	_, err = b.Finish(h.Meta)
	require.NoError(t, err)
	require.Equal(t, 163, pages)

	h.Entries++
	_, err = h.Encode()
	require.ErrorIs(t, err, manifest.ErrTooLarge)
}

func TestTheBlocksAreDagCBORAsIPLDWritesIt(t *testing.T) {
	_, store, _ := build(t, rawEntries(100), nil)
	_, other, _ := build(t, rawEntries(manifest.EntriesPerPage*30), func(m *manifest.Meta) {
		m.Supersedes = format.CBORCID(format.Sum(nil))
		m.Tags = nil
	})
	for _, s := range []blocks{store, other} {
		for c, data := range s {
			require.EqualValues(t, format.DagCBOR, c.Prefix().Codec)
			node := basicnode.Prototype.Any.NewBuilder()
			require.NoError(t, dagcbor.Decode(node, bytes.NewReader(data)))
			var again bytes.Buffer
			require.NoError(t, dagcbor.Encode(node.Build(), &again))
			require.Equal(t, data, again.Bytes())
		}
	}
}

func TestInvalidMetadataIsRefused(t *testing.T) {
	s := ed25519Signer(t)
	for name, tc := range map[string]struct {
		change func(*manifest.Meta)
		want   error
	}{
		"negative time":     {func(m *manifest.Meta) { m.UnixMilli = -1 }, manifest.ErrMetadata},
		"time in year 9999": {func(m *manifest.Meta) { m.UnixMilli = math.MaxInt64 }, manifest.ErrMetadata},
		"tag without =":     {func(m *manifest.Meta) { m.Tags = []string{"tag"} }, manifest.ErrMetadata},
		"tag without key":   {func(m *manifest.Meta) { m.Tags = []string{"=v"} }, manifest.ErrMetadata},
		"empty tag":         {func(m *manifest.Meta) { m.Tags = []string{""} }, manifest.ErrMetadata},
		"tag not UTF-8":     {func(m *manifest.Meta) { m.Tags = []string{"k=\xff"} }, manifest.ErrMetadata},
		"tag with newline":  {func(m *manifest.Meta) { m.Tags = []string{"k=a\nb"} }, manifest.ErrMetadata},
		"tags unsorted":     {func(m *manifest.Meta) { m.Tags = []string{"b=1", "a=1"} }, manifest.ErrMetadata},
		"tag twice":         {func(m *manifest.Meta) { m.Tags = []string{"a=1", "a=1"} }, manifest.ErrMetadata},
		"tag too long":      {func(m *manifest.Meta) { m.Tags = []string{"k=" + strings.Repeat("v", 255)} }, manifest.ErrTooLarge},
		"too many tags":     {func(m *manifest.Meta) { m.Tags = make([]string, 65) }, manifest.ErrTooLarge},
		"type too long":     {func(m *manifest.Meta) { m.ContentType = strings.Repeat("t", 256) }, manifest.ErrTooLarge},
		"type not UTF-8":    {func(m *manifest.Meta) { m.ContentType = "\xff" }, manifest.ErrMetadata},
		"size":              {func(m *manifest.Meta) { m.ContentSize = math.MaxUint64 }, manifest.ErrTooLarge},
		"supersedes a node": {func(m *manifest.Meta) { m.Supersedes = format.NodeCID(format.Sum(nil)) }, manifest.ErrMetadata},
		"supersedes sha256": {func(m *manifest.Meta) {
			m.Supersedes = cid.MustParse("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn")
		}, manifest.ErrMetadata},
	} {
		t.Run(name, func(t *testing.T) {
			b := manifest.NewBuilder(func(format.Block) error { return nil })
			require.NoError(t, b.Append(rawEntries(1)[0]))
			meta := manifest.Meta{Creator: s.creator}
			tc.change(&meta)
			_, err := b.Finish(meta)
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func TestTheBuilderRefusesBadEntries(t *testing.T) {
	failure := errors.New("disk full")
	b := manifest.NewBuilder(func(format.Block) error { return failure })
	require.ErrorIs(t, b.Append(manifest.Entry{Codec: format.DagCBOR}), manifest.ErrCodec)
	require.ErrorIs(t, b.Append(manifest.Entry{Codec: format.Raw, Size: format.MaxBlockSize + 1}), manifest.ErrTooLarge)
	_, err := b.Finish(manifest.Meta{Creator: ed25519Signer(t).creator})
	require.Error(t, err, "no entries")

	b = manifest.NewBuilder(func(format.Block) error { return failure })
	require.NoError(t, b.Append(rawEntries(1)[0]))
	_, err = b.Finish(manifest.Meta{Creator: ed25519Signer(t).creator})
	require.ErrorIs(t, err, failure)

	_, _, h := build(t, rawEntries(1), nil)
	require.ErrorIs(t, h.Sign(func([]byte) ([]byte, error) { return nil, failure }), failure)
}

// resign signs the header after a change and returns the manifest's CID; the header may be one Encode would refuse,
// so the block is made by replacing the header's own block.
func resign(t *testing.T, store blocks, h *manifest.Header) cid.Cid {
	t.Helper()
	require.NoError(t, h.Sign(ed25519Signer(t).sign))
	block, err := h.Encode()
	require.NoError(t, err)
	require.NoError(t, store.put(block))
	return block.CID()
}

func TestHostileManifestsAreRefused(t *testing.T) {
	n := 2*manifest.EntriesPerPage + 5
	for name, tc := range map[string]struct {
		change func(*testing.T, blocks, *manifest.Header)
		want   error
	}{
		"pages swapped": {func(_ *testing.T, _ blocks, h *manifest.Header) {
			h.Pages[0], h.Pages[1] = h.Pages[1], h.Pages[0]
		}, manifest.ErrOrder},
		"page repeated": {func(_ *testing.T, _ blocks, h *manifest.Header) { h.Pages[1] = h.Pages[0] }, manifest.ErrOrder},
		"one entry more stated": {func(_ *testing.T, _ blocks, h *manifest.Header) {
			h.Entries++
		}, manifest.ErrCount},
		"size":      {func(_ *testing.T, _ blocks, h *manifest.Header) { h.PlainSize++ }, manifest.ErrCount},
		"leaves":    {func(_ *testing.T, _ blocks, h *manifest.Header) { h.Leaves-- }, manifest.ErrCount},
		"root":      {func(_ *testing.T, _ blocks, h *manifest.Header) { h.Root = format.NodeCID(format.Sum(nil)) }, manifest.ErrRoot},
		"no page":   {func(_ *testing.T, s blocks, h *manifest.Header) { delete(s, format.CBORCID(h.Pages[1])) }, errMissing},
		"page flip": {func(_ *testing.T, s blocks, h *manifest.Header) { s[format.CBORCID(h.Pages[1])][9] ^= 1 }, manifest.ErrDigest},
		"page is a header": {func(t *testing.T, s blocks, h *manifest.Header) {
			block, err := h.Encode()
			require.NoError(t, err)
			require.NoError(t, s.put(block))
			h.Pages[1] = block.Digest
		}, manifest.ErrEncoding},
		"page too large": {func(t *testing.T, s blocks, h *manifest.Header) {
			block := format.NewBlock(format.DagCBOR, make([]byte, manifest.MaxBlockSize+1))
			require.NoError(t, s.put(block))
			h.Pages[0] = block.Digest
		}, manifest.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, store, h := build(t, rawEntries(n), nil)
			tc.change(t, store, h)
			r, err := manifest.Open(t.Context(), resign(t, store, h), store.fetch)
			require.NoError(t, err)
			_, err = readAll(t.Context(), r)
			require.ErrorIs(t, err, tc.want)
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	c, store, h := build(t, rawEntries(10), nil)
	_, err := manifest.Open(t.Context(), cid.Undef, store.fetch)
	require.ErrorIs(t, err, format.ErrCID)
	_, err = manifest.Open(t.Context(), format.RawCID(format.Sum(nil)), store.fetch)
	require.ErrorIs(t, err, manifest.ErrEncoding)
	_, err = manifest.Open(t.Context(), format.CBORCID(format.Sum(nil)), store.fetch)
	require.ErrorIs(t, err, errMissing)
	_, err = manifest.Open(t.Context(), format.CBORCID(h.Pages[0]), store.fetch)
	require.ErrorIs(t, err, manifest.ErrEncoding, "a page is no header")

	huge := format.NewBlock(format.DagCBOR, make([]byte, manifest.MaxBlockSize+1))
	require.NoError(t, store.put(huge))
	_, err = manifest.Open(t.Context(), huge.CID(), store.fetch)
	require.ErrorIs(t, err, manifest.ErrTooLarge)
	_, err = manifest.DecodeHeader(huge.Data)
	require.ErrorIs(t, err, manifest.ErrTooLarge)
	_, _, err = manifest.DecodePage(huge.Data)
	require.ErrorIs(t, err, manifest.ErrTooLarge)

	// A signature that is well formed and not the creator's.
	wrong := bytes.Clone(store[c])
	at := bytes.Index(wrong, h.Signature)
	wrong[at] ^= 1
	block := format.NewBlock(format.DagCBOR, wrong)
	require.NoError(t, store.put(block))
	_, err = manifest.Open(t.Context(), block.CID(), store.fetch)
	require.ErrorIs(t, err, manifest.ErrSignature)

	store[c][100] ^= 1
	_, err = manifest.Open(t.Context(), c, store.fetch)
	require.ErrorIs(t, err, manifest.ErrDigest)
}

func TestDecodeHeaderRefusesEveryTruncationAndFlip(t *testing.T) {
	c, store, h := build(t, rawEntries(10), nil)
	data := store[c]
	for n := range data {
		_, err := manifest.DecodeHeader(data[:n])
		require.Error(t, err)
	}
	_, err := manifest.DecodeHeader(append(bytes.Clone(data), 0))
	require.ErrorIs(t, err, manifest.ErrEncoding)
	for bit := range len(data) * 8 {
		bad := bytes.Clone(data)
		bad[bit/8] ^= 1 << (bit % 8)
		if got, err := manifest.DecodeHeader(bad); err == nil {
			require.Error(t, got.Verify(), "bit %d", bit)
		}
	}
	page := store[format.CBORCID(h.Pages[0])]
	for n := range page {
		_, _, err := manifest.DecodePage(page[:n])
		require.Error(t, err)
	}

	future := bytes.Clone(data)
	at := bytes.Index(future, []byte{0x61, 'v', manifest.Version})
	future[at+2] = 2
	_, err = manifest.DecodeHeader(future)
	require.ErrorIs(t, err, manifest.ErrVersion)
}
