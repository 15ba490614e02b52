package endpoints

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBound(t *testing.T) {
	const limit = 1000
	for name, c := range map[string]struct {
		size int
		long bool
	}{"nothing": {0, false}, "as much as is read": {limit, false}, "a byte more": {limit + 1, true}, "much more": {100 * limit, true}} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, strings.Repeat("x", c.size))
			}))
			defer server.Close()
			client := &http.Client{Transport: Bound(http.DefaultTransport, limit)}
			defer client.CloseIdleConnections()
			response, err := client.Get(server.URL)
			require.NoError(t, err)
			defer response.Body.Close()
			read, err := io.ReadAll(response.Body)
			require.Len(t, read, min(c.size, limit))
			if c.long {
				require.ErrorIs(t, err, ErrTooLong)
				require.ErrorContains(t, err, "more than 1000 bytes")
				return
			}
			require.NoError(t, err)
		})
	}
}
