package query_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// TestCursorGolden holds the format of cursors still.
func TestCursorGolden(t *testing.T) {
	const digest = "8302efd50880d2db2cb9a0c4b7b41a6cff3ba8a353e78f10e4cfc98f8d1e2bbf"
	raw, err := hex.DecodeString(digest)
	require.NoError(t, err)
	subject := &query.Subject{Manifest: format.CBORCID(format.Digest(raw)), UnixMilli: 0x0102030405, SizeBytes: 7, Type: "a/b", Owner: "me"}
	for want, order := range map[string]query.Order{
		"0181" + "0000000102030405" + digest: {Field: query.Time, Descending: true},
		"0102" + "0000000000000007" + digest: {Field: query.Size},
		"0103" + "03612f62" + digest:         {Field: query.Type},
		"0184" + "026d65" + digest:           {Field: query.Owner, Descending: true},
	} {
		b, err := query.CursorBehind(order, subject).Encode()
		require.NoError(t, err)
		require.Equal(t, want, hex.EncodeToString(b))
		c, err := query.DecodeCursor(b, order)
		require.NoError(t, err)
		require.Zero(t, order.Compare(c.Subject(), subject))
		_, err = query.DecodeCursor(b, query.Order{Field: order.Field, Descending: !order.Descending})
		require.ErrorIs(t, err, query.ErrCursor)
		for n := range b {
			_, err := query.DecodeCursor(b[:n], order)
			require.ErrorIs(t, err, query.ErrCursor)
		}
	}
	longest := &query.Subject{Manifest: someManifest, Type: strings.Repeat("x", 255)}
	b, err := query.CursorBehind(query.Order{Field: query.Type}, longest).Encode()
	require.NoError(t, err)
	require.Len(t, b, query.MaxCursorBytes)
}

// FuzzDecodeCursor: what is accepted is what Encode writes.
func FuzzDecodeCursor(f *testing.F) {
	for _, field := range []query.Field{query.Time, query.Type} {
		b, err := query.CursorBehind(query.Order{Field: field}, &query.Subject{Manifest: someManifest, Type: "text/plain"}).Encode()
		require.NoError(f, err)
		f.Add(b, byte(field), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, field byte, descending bool) {
		c, err := query.DecodeCursor(b, query.Order{Field: query.Field(field), Descending: descending})
		if err != nil {
			require.ErrorIs(t, err, query.ErrCursor)
			return
		}
		again, err := c.Encode()
		require.NoError(t, err)
		require.Equal(t, b, again)
	})
}
