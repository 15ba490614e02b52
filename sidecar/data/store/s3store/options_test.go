package s3store

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLocations(t *testing.T) {
	for _, l := range []Location{
		{Bucket: "abc"},
		{Bucket: "my.bucket-1", Prefix: "a/b", Endpoint: "https://s3.example.org"},
		{Bucket: "abc", Endpoint: "https://s3.example.org:9000/"},
		{Bucket: "abc", Endpoint: "http://127.0.0.1:7070"},
		{Bucket: "abc", Endpoint: "http://[::1]:7070"},
		{Bucket: "abc", Endpoint: "http://localhost:7070"},
	} {
		require.NoError(t, l.Validate(), l)
	}
	for _, l := range []Location{
		{},
		{Bucket: "ab"},
		{Bucket: "Upper"},
		{Bucket: "with_underscore"},
		{Bucket: "abc", Prefix: "/a"},
		{Bucket: "abc", Prefix: "a/"},
		{Bucket: "abc", Prefix: "a/../b"},
		{Bucket: "abc", Prefix: strings.Repeat("a", 513)},
		{Bucket: "abc", Endpoint: "s3.example.org"},
		{Bucket: "abc", Endpoint: "ftp://s3.example.org"},
		{Bucket: "abc", Endpoint: "http://s3.example.org"},
		{Bucket: "abc", Endpoint: "https://key:secret@s3.example.org"},
		{Bucket: "abc", Endpoint: "https://s3.example.org/bucket"},
	} {
		err := l.Validate()
		require.Error(t, err, l)
		require.NotContains(t, err.Error(), "secret")
	}
	bucket, prefix, err := ParseURL("s3://abc/d/e/")
	require.NoError(t, err)
	require.Equal(t, "s3://abc/d/e", Location{Bucket: bucket, Prefix: prefix}.String())
	bucket, prefix, err = ParseURL("s3://abc")
	require.NoError(t, err)
	require.Equal(t, "s3://abc", Location{Bucket: bucket, Prefix: prefix}.String())
	for _, text := range []string{"", "local", "s3://", "https://abc/d"} {
		_, _, err := ParseURL(text)
		require.Error(t, err, text)
	}
}
