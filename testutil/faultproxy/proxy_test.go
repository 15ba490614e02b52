package faultproxy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echo is a node that answers each request with its method and params, and counts them.
type echo struct {
	*httptest.Server
	seen atomic.Int64
}

func startEcho(t *testing.T) *echo {
	e := &echo{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.seen.Add(1)
		var request Request
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if request.Method == "broken" {
			fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"error":{"code":-1,"message":"broken"}}`, request.ID)
			return
		}
		fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,"result":[%q,%s]}`, request.ID, request.Method, request.Params)
	}))
	t.Cleanup(e.Server.Close)
	return e
}

func startProxy(t *testing.T, upstream string) *Proxy {
	p, err := Start(upstream)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Close()) })
	return p
}

// post returns the status and the body of an answer.
func post(t *testing.T, p *Proxy, body string) (int, string, error) {
	reply, err := http.Post(p.URL(), "application/json", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer reply.Body.Close()
	answer, err := io.ReadAll(reply.Body)
	return reply.StatusCode, strings.TrimSpace(string(answer)), err
}

func call(method string) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":9223372036854775807,"method":%q,"params":[1]}`, method)
}

const (
	answered = `{"jsonrpc":"2.0","id":9223372036854775807,"result":["a",[1]]}`
	aMinute  = time.Minute
)

func TestWithoutRulesNothingChanges(t *testing.T) {
	p := startProxy(t, startEcho(t).URL)
	status, body, err := post(t, p, call("a"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, answered, body)
	_, body, err = post(t, p, "["+call("a")+","+call("broken")+"]")
	require.NoError(t, err)
	require.Equal(t, "["+answered+`,{"jsonrpc":"2.0","id":9223372036854775807,"error":{"code":-1,"message":"broken"}}]`, body)
	require.Equal(t, map[string]int{"a": 2, "broken": 1}, p.AllCalls())
}

func TestARuleIsForItsMethodsAndItsCount(t *testing.T) {
	p := startProxy(t, startEcho(t).URL)
	p.Add(Rule{Methods: []string{"a", "b"}, Count: 2, Fault: Status(http.StatusTooManyRequests)})
	for _, c := range []struct {
		method string
		status int
	}{{"c", 200}, {"a", 429}, {"b", 429}, {"a", 200}} {
		status, _, err := post(t, p, call(c.method))
		require.NoError(t, err)
		require.Equal(t, c.status, status, c.method)
	}
	require.Equal(t, 2, p.Calls("a"))

	remove := p.Add(Rule{Fault: Status(http.StatusServiceUnavailable)})
	for range 3 {
		status, _, err := post(t, p, call("c"))
		require.NoError(t, err)
		require.Equal(t, http.StatusServiceUnavailable, status)
	}
	remove()
	status, _, err := post(t, p, call("c"))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  Fault
		body   string // empty where the connection is cut
		status int
		seen   int64 // requests that reach the node
	}{
		{"status", Status(503), "refused by order of the test", 503, 0},
		{"cut", Cut(), "", 0, 0},
		{"cut answer", CutAnswer(), "", 0, 1},
		{"delay", Delay(time.Millisecond), answered, 200, 1},
		{
			"swallow", Swallow(func(params json.RawMessage) (any, error) { return string(params), nil }),
			`{"jsonrpc":"2.0","id":9223372036854775807,"result":"[1]"}`, 200, 0,
		},
		{
			"lie", Lie(func(_, result json.RawMessage) (any, error) { return "not " + string(result), nil }),
			`{"jsonrpc":"2.0","id":9223372036854775807,"result":"not [\"a\",[1]]"}`, 200, 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			node := startEcho(t)
			p := startProxy(t, node.URL)
			p.Add(Rule{Fault: c.fault})
			status, body, err := post(t, p, call("a"))
			if c.status == 0 {
				require.ErrorIs(t, err, io.EOF)
			} else {
				require.NoError(t, err)
			}
			require.Equal(t, c.status, status)
			require.Equal(t, c.body, body)
			require.Equal(t, c.seen, node.seen.Load())
		})
	}
}

func TestALieLeavesErrorsAlone(t *testing.T) {
	p := startProxy(t, startEcho(t).URL)
	p.Add(Rule{Fault: Lie(func(_, _ json.RawMessage) (any, error) { return "lie", nil })})
	_, body, err := post(t, p, call("broken"))
	require.NoError(t, err)
	require.Contains(t, body, `"message":"broken"`)
}

func TestCloseEndsWhatHangs(t *testing.T) {
	for name, fault := range map[string]Fault{"hang": Hang(), "delay": Delay(aMinute)} {
		t.Run(name, func(t *testing.T) {
			p, err := Start(startEcho(t).URL)
			require.NoError(t, err)
			taken := make(chan struct{})
			p.Add(Rule{Fault: func(ctx context.Context, p *Proxy, request *Request) (json.RawMessage, error) {
				close(taken)
				return fault(ctx, p, request)
			}})
			ended := make(chan error, 1)
			go func() {
				_, _, err := post(t, p, call("a"))
				ended <- err
			}()
			<-taken
			require.NoError(t, p.Close())
			require.Error(t, <-ended)
		})
	}
}

func TestBadRequestsAreRefused(t *testing.T) {
	node := startEcho(t)
	p := startProxy(t, node.URL)
	for name, body := range map[string]string{
		"no JSON":      "{",
		"no method":    `{"jsonrpc":"2.0","id":1}`,
		"null":         "[null]",
		"a long batch": "[" + strings.TrimSuffix(strings.Repeat(call("a")+",", maxBatch+1), ",") + "]",
	} {
		t.Run(name, func(t *testing.T) {
			status, _, err := post(t, p, body)
			require.NoError(t, err)
			require.Equal(t, http.StatusBadRequest, status)
		})
	}
	require.Zero(t, node.seen.Load())
}

func TestANodeThatIsGoneIsABadGateway(t *testing.T) {
	node := startEcho(t)
	node.Server.Close()
	p := startProxy(t, node.URL)
	status, _, err := post(t, p, call("a"))
	require.NoError(t, err)
	require.Equal(t, http.StatusBadGateway, status)
}
