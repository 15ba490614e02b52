package query_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

var (
	someRoot     = format.RawCID(format.Sum([]byte("root")))
	someManifest = format.CBORCID(format.Sum([]byte("manifest")))
)

func TestParse(t *testing.T) {
	for source, want := range map[string]string{
		"":            "ORDER BY time DESC",
		"  limit 5  ": "ORDER BY time DESC LIMIT 5",
		"tag:lang=go AND size>1MiB ORDER BY time DESC LIMIT 20":   "tag:lang=go AND size>1048576 ORDER BY time DESC LIMIT 20",
		"tag:lang = go and SIZE >= 2kB order by size":             "tag:lang=go AND size>=2000 ORDER BY size ASC",
		"tag:a=1 OR tag:b=2 AND NOT tag:c=3":                      "tag:a=1 OR (tag:b=2 AND NOT tag:c=3) ORDER BY time DESC",
		"(tag:a=1 OR tag:b=2) AND tag:c!=3":                       "(tag:a=1 OR tag:b=2) AND tag:c!=3 ORDER BY time DESC",
		"NOT (type^=image/ OR type=\"\")":                         `NOT (type^=image/ OR type="") ORDER BY time DESC`,
		`tag:"my key"="a \"b\" \\ c"`:                             `tag:"my key"="a \"b\" \\ c" ORDER BY time DESC`,
		`tag:x="OR"`:                                              `tag:x=OR ORDER BY time DESC`,
		"time>=2026-01-31 AND time<2026-01-31T12:00:00.5+02:00":   "time>=2026-01-31T00:00:00Z AND time<2026-01-31T10:00:00.5Z ORDER BY time DESC",
		"time>-24h ORDER BY owner DESC":                           "time>-86400s ORDER BY owner DESC",
		"time>-2w":                                                "time>-1209600s ORDER BY time DESC",
		"root=" + someRoot.String():                               "root=" + someRoot.String() + " ORDER BY time DESC",
		"manifest!=" + someManifest.String() + " AND version=any": "manifest!=" + someManifest.String() + " AND version=any ORDER BY time DESC",
	} {
		t.Run(source, func(t *testing.T) {
			q, err := query.Parse(source)
			require.NoError(t, err)
			require.Equal(t, want, q.String())
			again, err := query.Parse(q.String())
			require.NoError(t, err)
			require.Equal(t, q, again)
		})
	}
}

// TestErrorsSayWhereAndWhat: an error names the column, what should stand there and what does.
func TestErrorsSayWhereAndWhat(t *testing.T) {
	for _, c := range []struct {
		source   string
		column   int
		expected string
		found    string
	}{
		{"size>", 6, "a value", "the end"},
		{"size>abc", 6, "a size such as 4096, 10MB or 1MiB", `"abc"`},
		{"size>99999999999TB", 6, "a size", `"99999999999TB"`},
		{"size>-1", 6, "a size", `"-1"`},
		{"size ^= 1", 6, "an operator that size has (= != < <= > >=)", `"^="`},
		{"root<" + someRoot.String(), 5, "an operator that root has (= !=)", `"<"`},
		{"colour=red", 1, "tag:KEY, owner, time", `"colour"`},
		{"tag:=1", 5, "the key of a tag", `"="`},
		{`tag: "k"=1`, 6, "the key of a tag", `"\"k\""`},
		{"time>yesterday", 6, "a time such as", `"yesterday"`},
		{"time>-5y", 6, "a time such as", `"-5y"`},
		{"time>1969-12-31", 6, "a time such as", `"1969-12-31"`},
		{"root=hello", 6, "a CID", `"hello"`},
		{"version=old", 9, "current, superseded or any", `"old"`},
		{"tag:a=1 tag:b=2", 9, "AND, OR, ORDER BY, LIMIT or the end", `"tag:b"`},
		{"(tag:a=1", 9, "AND, OR or a closing parenthesis", "the end"},
		{"tag:a=1)", 8, "AND, OR, ORDER BY, LIMIT or the end", `")"`},
		{"tag:a=1 AND", 12, "tag:KEY", "the end"},
		{"tag:a 1", 7, "an operator", `"1"`},
		{`tag:a="x`, 9, "a closing quote", "the end"},
		{`tag:a="\n"`, 9, "a quote or a backslash", "another character"},
		{"tag:a=\"\x01\"", 7, "UTF-8 without control characters", `"\"\x01\""`},
		{"tag:a='x'", 7, "a word, a text in double quotes", `"'"`},
		{"ORDER time", 7, "BY", `"time"`},
		{"ORDER BY root", 10, "time, size, type or owner", `"root"`},
		{"LIMIT 0", 7, "a number from 1 to 1000", `"0"`},
		{"LIMIT 1001", 7, "a number from 1 to 1000", `"1001"`},
		{"LIMIT 1 ORDER BY time", 9, "the end", `"ORDER"`},
		{strings.Repeat("(", 40) + "size=1", 33, "at most 32 levels", `"("`},
		{strings.Repeat("NOT ", 40) + "size=1", 129, "at most 32 levels", `"NOT"`},
		{strings.Repeat("size=1 OR ", 64) + "size=1", 641, "at most 64 comparisons", `"size"`},
		{strings.Repeat(" ", query.MaxBytes+1), query.MaxBytes + 1, "at most 4096 bytes", "4097 bytes"},
	} {
		t.Run(c.source[:min(len(c.source), 30)], func(t *testing.T) {
			_, err := query.Parse(c.source)
			require.ErrorIs(t, err, query.ErrSyntax)
			var syntax *query.SyntaxError
			require.ErrorAs(t, err, &syntax)
			require.Equal(t, c.column, syntax.Column)
			require.Contains(t, syntax.Expected, c.expected)
			require.Equal(t, c.found, syntax.Found)
		})
	}
}

func TestMatch(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	subject := query.Subject{
		Root: someRoot, Manifest: someManifest, Owner: "ipdm1abc", Type: "image/png",
		Tags:      []string{"lang=c", "lang=go", "name=a=b", "year=2025"},
		UnixMilli: now.Add(-2 * time.Hour).UnixMilli(), SizeBytes: 1 << 20,
	}
	for source, want := range map[string]bool{
		"":                                     true,
		"tag:lang=go":                          true,
		"tag:lang=rust":                        false,
		"tag:lan=go":                           false,
		"tag:lang!=go":                         false,
		"tag:lang!=rust":                       true,
		"tag:none!=x":                          true,
		`tag:name="a=b"`:                       true,
		"tag:year>=2025 AND tag:year<2026":     true,
		"tag:year>2025":                        false,
		"tag:lang^=g":                          true,
		`tag:lang^=""`:                         true,
		`tag:none^=""`:                         false,
		"size=1MiB":                            true,
		"size>1MiB":                            false,
		"size<=1MiB AND size>=1024kib":         true,
		"time>-3h AND time<-1h":                true,
		"time>-1h":                             false,
		"time>=2026-07-01 AND time<2026-07-02": true,
		"owner^=ipdm1":                         true,
		"owner=ipdm1":                          false,
		"type^=image/":                         true,
		"root=" + someRoot.String():            true,
		"root!=" + someRoot.String():           false,
		"manifest=" + someRoot.String():        false,
		"version=superseded":                   false,
		"NOT tag:lang=rust AND (size=1 OR owner=ipdm1abc)": true,
		"NOT (tag:lang=go OR size=1)":                      false,
	} {
		q, err := query.Parse(source)
		require.NoError(t, err, source)
		require.Equal(t, want, q.At(now).Match(&subject), source)
	}
}

func TestSupersededVersionsAreAskedForByName(t *testing.T) {
	old := query.Subject{Superseded: true}
	for source, want := range map[string]bool{
		"": false, "size=0": false, "version=current": false, "version=superseded": true, "version=any": true,
		"size=0 AND version!=current": true, "NOT version=superseded": false,
	} {
		q, err := query.Parse(source)
		require.NoError(t, err)
		require.Equal(t, want, q.Match(&old), source)
	}
	q, err := query.Parse("size=0 OR size=1")
	require.NoError(t, err)
	require.True(t, q.AllVersions().Match(&old))
	require.Equal(t, "(size=0 OR size=1) AND version=any ORDER BY time DESC", q.AllVersions().String())
}

func TestMatchDoesNotAllocate(t *testing.T) {
	q, err := query.Parse("tag:a=1 OR (tag:b^=x AND size>1 AND NOT type=text/plain)")
	require.NoError(t, err)
	subject := query.Subject{Tags: []string{"b=xyz"}, SizeBytes: 5, Type: "text/html"}
	require.True(t, q.Match(&subject))
	require.Zero(t, testing.AllocsPerRun(100, func() { q.Match(&subject) }))
}

// FuzzParse: no text makes Parse panic, and what it accepts is written as a text that means the same.
func FuzzParse(f *testing.F) {
	f.Add("tag:lang=go AND size>1MiB ORDER BY time DESC LIMIT 20")
	f.Add(`NOT (tag:"a b"^="x\"y" OR time>-24h) AND version=any`)
	f.Add("root=" + someRoot.String() + " OR time<=2026-01-31T12:00:00.123Z")
	f.Fuzz(func(t *testing.T, source string) {
		q, err := query.Parse(source)
		if err != nil {
			require.ErrorIs(t, err, query.ErrSyntax)
			return
		}
		written := q.String()
		if len(written) > query.MaxBytes {
			return // names and units may be longer than they were
		}
		again, err := query.Parse(written)
		require.NoError(t, err, written)
		require.Equal(t, q, again)
		q.At(time.UnixMilli(1e12)).Match(&query.Subject{Tags: []string{"a=b"}})
	})
}
