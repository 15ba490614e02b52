package endpoint

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
)

const (
	// MaxAnswerBytes is the longest answer, and the longest message of a socket, that is read.
	MaxAnswerBytes = 64 << 20
	// timeout is how long an endpoint has for one attempt, which may be several questions.
	timeout = 30 * time.Second
)

// ErrTooLong reports an answer of more than MaxAnswerBytes.
var ErrTooLong = fmt.Errorf("the answer has more than %d MiB", MaxAnswerBytes>>20)

// Pool is the endpoints of one network. Its methods may be called concurrently; Close it after the last call.
type Pool struct {
	nodes     []*Node
	transport *http.Transport
}

// NewPool returns the endpoints at URLs of http or https, the preferred one first. Nothing is asked yet.
func NewPool(urls []string) (*Pool, error) {
	p := &Pool{transport: &http.Transport{Proxy: http.ProxyFromEnvironment, IdleConnTimeout: time.Minute, ResponseHeaderTimeout: timeout}}
	client := &http.Client{Transport: bounded{p.transport}}
	for _, text := range urls {
		host := HostOf(text)
		node, err := rpc.DialOptions(context.Background(), text, rpc.WithHTTPClient(client))
		if err != nil {
			p.Close()
			return nil, fmt.Errorf("failed to prepare the connection to %s: %w", host, plain(err))
		}
		p.nodes = append(p.nodes, &Node{rpc: node, host: host})
	}
	return p, nil
}

// Close closes idle connections.
func (p *Pool) Close() {
	for _, n := range p.nodes {
		n.rpc.Close()
	}
	p.transport.CloseIdleConnections()
}

// HostOf returns what may be told of a URL: its scheme, host and port.
func HostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "a malformed URL"
	}
	return u.Scheme + "://" + u.Host
}

// plain takes the URL out of an error, and shortens what an endpoint says.
func plain(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	// A connection's own port is another one each time, which is no news.
	var broken *net.OpError
	if errors.As(err, &broken) && broken.Op != "dial" {
		return fmt.Errorf("%s: %w", broken.Op, broken.Err)
	}
	var status rpc.HTTPError
	if errors.As(err, &status) {
		return fmt.Errorf("HTTP status %.100s: %.200q", status.Status, status.Body)
	}
	var refusal rpc.Error
	if errors.As(err, &refusal) && len(refusal.Error()) > 300 {
		return fmt.Errorf("%.300s", refusal.Error())
	}
	return err
}

// bounded ends answers that are too long with ErrTooLong.
type bounded struct{ inner http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.inner.RoundTrip(r)
	if err == nil {
		response.Body = &boundedBody{ReadCloser: response.Body, left: MaxAnswerBytes}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, ErrTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}
