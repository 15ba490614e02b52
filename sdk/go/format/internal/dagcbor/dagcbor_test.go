package dagcbor_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/ipld/go-ipld-prime/codec/dagcbor"
	"github.com/ipld/go-ipld-prime/datamodel"
	"github.com/ipld/go-ipld-prime/fluent/qp"
	cidlink "github.com/ipld/go-ipld-prime/linking/cid"
	"github.com/ipld/go-ipld-prime/node/basicnode"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	ours "github.com/ipdm-network/ipdm/sdk/go/format/internal/dagcbor"
)

func TestUintsAreTheShortestFormAndReadBack(t *testing.T) {
	for _, v := range []uint64{0, 1, 23, 24, 255, 256, 65535, 65536, 1<<32 - 1, 1 << 32, math.MaxUint64} {
		got := ours.AppendUint(nil, v)
		want, err := cbor.Marshal(v)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Len(t, got, ours.UintSize(v))

		d := ours.NewDecoder(got)
		require.Equal(t, v, d.Uint(math.MaxUint64))
		require.NoError(t, d.End())

		for n := range got {
			d = ours.NewDecoder(got[:n])
			d.Uint(math.MaxUint64)
			require.ErrorIs(t, d.End(), ours.ErrSyntax)
		}
		if v > 0 {
			d = ours.NewDecoder(got)
			d.Uint(v - 1)
			require.ErrorIs(t, d.End(), ours.ErrRange)
		}
	}
}

func TestTheEncodingEqualsThatOfIPLD(t *testing.T) {
	link := format.NodeCID(format.Sum([]byte("x")))
	node, err := qp.BuildMap(basicnode.Prototype.Any, 4, func(m datamodel.MapAssembler) {
		qp.MapEntry(m, "longer", qp.List(2, func(l datamodel.ListAssembler) {
			qp.ListEntry(l, qp.Link(cidlink.Link{Cid: link}))
			qp.ListEntry(l, qp.Null())
		}))
		qp.MapEntry(m, "b", qp.Bytes([]byte{1, 2, 3}))
		qp.MapEntry(m, "a", qp.Int(70000))
		qp.MapEntry(m, "text", qp.String("späß"))
	})
	require.NoError(t, err)
	var want bytes.Buffer
	require.NoError(t, dagcbor.Encode(node, &want))

	got := ours.AppendMap(nil, 4)
	got = ours.AppendUint(ours.AppendText(got, "a"), 70000)
	got = ours.AppendBytes(ours.AppendText(got, "b"), []byte{1, 2, 3})
	got = ours.AppendText(ours.AppendText(got, "text"), "späß")
	got = ours.AppendArray(ours.AppendText(got, "longer"), 2)
	got = ours.AppendNull(ours.AppendLink(got, link))
	require.Equal(t, want.Bytes(), got)
	require.Len(t, ours.AppendLink(nil, link), ours.LinkSize)

	d := ours.NewDecoder(got)
	d.Map(4)
	d.Key("a")
	require.EqualValues(t, 70000, d.Uint(math.MaxUint64))
	d.Key("b")
	require.Equal(t, []byte{1, 2, 3}, d.Bytes(3))
	d.Key("text")
	require.Equal(t, "späß", d.Text(100))
	d.Key("longer")
	require.Equal(t, 2, d.Array(2, 1))
	require.False(t, d.Null())
	require.True(t, link.Equals(d.Link()))
	require.True(t, d.Null())
	require.NoError(t, d.End())
}

func TestTheDecoderRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		data []byte
		read func(*ours.Decoder)
		want error
	}{
		"long form":          {[]byte{0x18, 23}, func(d *ours.Decoder) { d.Uint(100) }, ours.ErrSyntax},
		"longer form":        {[]byte{0x19, 0, 24}, func(d *ours.Decoder) { d.Uint(100) }, ours.ErrSyntax},
		"indefinite":         {[]byte{0x5f, 0xff}, func(d *ours.Decoder) { d.Bytes(100) }, ours.ErrSyntax},
		"reserved":           {[]byte{0x1c}, func(d *ours.Decoder) { d.Uint(100) }, ours.ErrSyntax},
		"negative":           {[]byte{0x20}, func(d *ours.Decoder) { d.Uint(100) }, ours.ErrSyntax},
		"string beyond end":  {[]byte{0x5a, 0xff, 0xff, 0xff, 0xff, 1}, func(d *ours.Decoder) { d.Bytes(math.MaxInt) }, ours.ErrSyntax},
		"string over limit":  {[]byte{0x42, 1, 2}, func(d *ours.Decoder) { d.Bytes(1) }, ours.ErrRange},
		"array over limit":   {[]byte{0x82, 1, 2}, func(d *ours.Decoder) { d.Array(1, 1) }, ours.ErrRange},
		"array beyond end":   {[]byte{0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, func(d *ours.Decoder) { d.Array(math.MaxInt, 1) }, ours.ErrRange},
		"array of thin air":  {[]byte{0x9a, 0, 1, 0, 0, 1}, func(d *ours.Decoder) { d.Array(math.MaxInt, 1) }, ours.ErrSyntax},
		"other key":          {[]byte{0x61, 'b'}, func(d *ours.Decoder) { d.Key("a") }, ours.ErrSyntax},
		"longer key":         {[]byte{0x62, 'a', 'b'}, func(d *ours.Decoder) { d.Key("a") }, ours.ErrSyntax},
		"map count":          {[]byte{0xa2}, func(d *ours.Decoder) { d.Map(1) }, ours.ErrSyntax},
		"not UTF-8":          {[]byte{0x61, 0xff}, func(d *ours.Decoder) { d.Text(1) }, ours.ErrSyntax},
		"short digest":       {[]byte{0x41, 1}, func(d *ours.Decoder) { d.Digest() }, ours.ErrSyntax},
		"other tag":          {[]byte{0xd8, 43, 0x41, 0}, func(d *ours.Decoder) { d.Link() }, ours.ErrSyntax},
		"link without zero":  {[]byte{0xd8, 42, 0x41, 1}, func(d *ours.Decoder) { d.Link() }, ours.ErrSyntax},
		"link without bytes": {[]byte{0xd8, 42, 0x40}, func(d *ours.Decoder) { d.Link() }, ours.ErrSyntax},
		"link of noise":      {[]byte{0xd8, 42, 0x43, 0, 1, 2}, func(d *ours.Decoder) { d.Link() }, ours.ErrSyntax},
		"trailing":           {[]byte{1, 2}, func(d *ours.Decoder) { d.Uint(1) }, ours.ErrSyntax},
		"empty":              {nil, func(d *ours.Decoder) { d.Uint(1) }, ours.ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			d := ours.NewDecoder(tc.data)
			tc.read(d)
			require.ErrorIs(t, d.End(), tc.want)
			require.Zero(t, d.Uint(100), "the first error sticks")
			require.ErrorIs(t, d.Err(), tc.want)
		})
	}
}
