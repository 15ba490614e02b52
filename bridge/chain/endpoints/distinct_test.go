package endpoints

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDistinct(t *testing.T) {
	for _, urls := range [][]string{
		nil,
		{"http://127.0.0.1:1", "http://127.0.0.1:2"},
		{"https://a.example.org/secret", "https://b.example.org/secret"},
		{"http://[::1]:1", "http://[::1]:2"},
		{"%secret", "%secret"}, // refused elsewhere
	} {
		require.NoError(t, Distinct(urls), "%v", urls)
	}
	for _, urls := range [][]string{
		{"http://127.0.0.1:1", "http://127.0.0.1:2", "http://127.0.0.1:1"},
		{"https://a.example.org/secret", "https://a.example.org/v2/secret"},
		{"https://a.example.org", "https://A.example.org.:443/"},
		{"https://a.example.org", "http://a.example.org:80"},
		{"https://a.example.org", "wss://user:secret@a.example.org"},
	} {
		err := Distinct(urls)
		require.ErrorContains(t, err, "would count as two")
		require.NotContains(t, err.Error(), "secret")
	}
	require.ErrorContains(t, Distinct([]string{"http://x:1", "http://y", "http://y"}), "endpoints 2 and 3 are the same, y,")
}
