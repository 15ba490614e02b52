package endpoint_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
)

// server answers every request by a function.
func server(t *testing.T, answer func(w http.ResponseWriter, r *http.Request)) string {
	s := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(s.Close)
	return s.URL
}

// saying answers with a result.
func saying(result string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":1,"result":%s}`, result)
	}
}

// ask asks the endpoints at URLs who they are.
func ask(t *testing.T, urls ...string) (string, error) {
	t.Helper()
	pool, err := endpoint.NewPool(urls)
	require.NoError(t, err)
	defer pool.Close()
	var said string
	err = pool.Ask(t.Context(), func(ctx context.Context, n *endpoint.Node) (bool, error) {
		return true, n.Call(ctx, &said, "who")
	})
	return said, err
}

func TestTheFirstThatAnswersIsAsked(t *testing.T) {
	down := server(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, strings.Repeat("x", 1000), http.StatusTooManyRequests)
	})
	said, err := ask(t, down+"/secret", "http://127.0.0.1:1/secret", server(t, saying(`"me"`)), server(t, saying(`"another"`)))
	require.NoError(t, err)
	require.Equal(t, "me", said)

	_, err = ask(t, down+"/secret", "http://127.0.0.1:1/secret")
	require.ErrorContains(t, err, down+": who: HTTP status 429")
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "secret")
	require.Less(t, len(err.Error()), 600)
}

func TestAnswersThatAreNone(t *testing.T) {
	for _, text := range []string{``, `{`, `[]`, `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"` + strings.Repeat("x", 1000) + `"}}`, `{"jsonrpc":"2.0","id":1,"result":5}`} {
		_, err := ask(t, server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
		require.Error(t, err, text)
		require.Less(t, len(err.Error()), 600)
	}
}

func TestAnswersAreBounded(t *testing.T) {
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":"`)
		chunk := []byte(strings.Repeat("x", 1<<20))
		for range 2 * endpoint.MaxAnswerBytes >> 20 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	_, err := ask(t, url)
	require.ErrorIs(t, err, endpoints.ErrTooLong)
}

func TestNetworksAreTold(t *testing.T) {
	pool, err := endpoint.NewPool([]string{server(t, saying(`"mine"`))})
	require.NoError(t, err)
	defer pool.Close()
	for want, ok := range map[string]bool{"": true, "mine": true, "yours": false} {
		err := pool.Ask(t.Context(), func(ctx context.Context, n *endpoint.Node) (bool, error) {
			said, err := n.Network(ctx, "genesis", want)
			if err == nil && said != "mine" {
				err = errors.New(said)
			}
			return true, err
		})
		require.Equal(t, ok, err == nil, want)
	}
}

func TestANetworkThatWasNotWantedIsAskedForAgain(t *testing.T) {
	asked := 0
	pool, err := endpoint.NewPool([]string{server(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		saying(fmt.Sprintf(`"network %d"`, min(asked, 2)))(w, r)
	})})
	require.NoError(t, err)
	defer pool.Close()
	ask := func() error {
		return pool.Ask(t.Context(), func(ctx context.Context, n *endpoint.Node) (bool, error) {
			_, err := n.Network(ctx, "genesis", "network 2")
			return true, err
		})
	}
	require.ErrorContains(t, ask(), "genesis is network 1, not network 2")
	require.NoError(t, ask())
	require.NoError(t, ask())
	require.Equal(t, 2, asked, "what was wanted is kept")
}

func TestPausesGrowAndEnd(t *testing.T) {
	var p endpoint.Pause
	failed := errors.New("failed")
	require.Equal(t, time.Millisecond, p.After(nil, time.Millisecond))
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		require.Equal(t, want*time.Second, p.After(failed, time.Millisecond))
	}
	require.Equal(t, time.Millisecond, p.After(nil, time.Millisecond))
	require.Equal(t, time.Second, p.After(failed, time.Millisecond))
}

// socketServer runs a conversation with each client.
func socketServer(t *testing.T, talk func(*websocket.Conn)) string {
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer conn.Close()
		talk(conn)
	})
	return "ws" + strings.TrimPrefix(url, "http")
}

func TestASocketHandsOverWhatComes(t *testing.T) {
	url := socketServer(t, func(conn *websocket.Conn) {
		for range 2 {
			_, request, err := conn.ReadMessage()
			if err != nil || conn.WriteMessage(websocket.TextMessage, request) != nil {
				return
			}
		}
		_, _, _ = conn.ReadMessage() // until the client goes
	})
	ctx, cancel := context.WithCancel(t.Context())
	var heard []string
	err := endpoint.Listen(ctx, url, []any{1, 2}, func(m []byte) error {
		if heard = append(heard, strings.TrimSpace(string(m))); len(heard) == 2 {
			cancel()
		}
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []string{"1", "2"}, heard)

	refused := errors.New("refused")
	require.ErrorIs(t, endpoint.Listen(t.Context(), url, []any{1}, func([]byte) error { return refused }), refused)
}

func TestSocketsThatEnd(t *testing.T) {
	nothing := func([]byte) error { return nil }
	closed := socketServer(t, func(*websocket.Conn) {})
	require.ErrorContains(t, endpoint.Listen(t.Context(), closed+"/secret", nil, nothing), "the connection ended")
	require.NotContains(t, endpoint.Listen(t.Context(), closed+"/secret", nil, nothing).Error(), "secret")
	long := socketServer(t, func(conn *websocket.Conn) {
		_ = conn.WriteMessage(websocket.TextMessage, make([]byte, endpoint.MaxAnswerBytes+1))
		_, _, _ = conn.ReadMessage()
	})
	require.ErrorIs(t, endpoint.Listen(t.Context(), long, nil, nothing), endpoints.ErrTooLong)
	plain := "ws" + strings.TrimPrefix(server(t, saying(`1`)), "http")
	require.ErrorContains(t, endpoint.Listen(t.Context(), plain, nil, nothing), "HTTP status 200")
}
