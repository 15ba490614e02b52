package endpoints

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"testing"

	"github.com/ethereum/go-ethereum/rpc"
	"github.com/stretchr/testify/require"
)

func TestPlain(t *testing.T) {
	long := errors.New(strings.Repeat("x", 1000))
	reset := &net.OpError{Op: "read", Net: "tcp", Source: &net.TCPAddr{Port: 50123}, Err: syscall.ECONNRESET}
	for name, c := range map[string]struct {
		err, found error
		text       string
	}{
		"nothing": {nil, nil, ""},
		"with the URL": {
			&url.Error{Op: "Post", URL: "https://example.org/secret", Err: syscall.ECONNREFUSED}, syscall.ECONNREFUSED, "connection refused",
		},
		"of a connection":   {&url.Error{Op: "Post", URL: "https://example.org/secret", Err: reset}, syscall.ECONNRESET, "read: connection reset by peer"},
		"of an HTTP server": {rpc.HTTPError{Status: "429 Too Many Requests", Body: []byte("slow\ndown")}, nil, `HTTP status 429 Too Many Requests: "slow\ndown"`},
		"of a server, asked for something": {
			fmt.Errorf("who: %w", rpc.HTTPError{Status: "429 Too Many Requests"}), nil, `who: HTTP status 429 Too Many Requests: ""`,
		},
		"said before": {fmt.Errorf("who: %w", Plain(reset)), syscall.ECONNRESET, "who: read: connection reset by peer"},
		"long":        {long, long, strings.Repeat("x", 300) + "..."},
		"short":       {syscall.ECONNREFUSED, syscall.ECONNREFUSED, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Plain(c.err)
			if c.err == nil {
				require.NoError(t, err)
				return
			}
			require.Equal(t, c.text, err.Error())
			if c.found != nil {
				require.ErrorIs(t, err, c.found)
			}
		})
	}
}

func TestHost(t *testing.T) {
	require.Equal(t, "https://example.org:1234", Host("https://user:password@example.org:1234/secret?key=secret"))
	require.Equal(t, "a malformed URL", Host("%secret"))
}
