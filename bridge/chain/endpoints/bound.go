package endpoints

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// ErrTooLong reports an answer that is longer than any that is needed.
var ErrTooLong = errors.New("the answer is too long")

// Bound returns a transport that ends answers of more than maxBytes with ErrTooLong.
func Bound(inner http.RoundTripper, maxBytes int64) http.RoundTripper {
	return bound{inner, maxBytes}
}

type bound struct {
	http.RoundTripper
	maxBytes int64
}

// RoundTrip implements http.RoundTripper.
func (b bound) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		response.Body = &body{ReadCloser: response.Body, left: b.maxBytes, maxBytes: b.maxBytes}
	}
	return response, err
}

// CloseIdleConnections is what a client of the transport's calls.
func (b bound) CloseIdleConnections() {
	if t, ok := b.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

type body struct {
	io.ReadCloser
	left, maxBytes int64
}

// Read implements io.Reader. It reads a byte more than is left, to tell an answer that ends there from one that goes on.
func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, fmt.Errorf("%w: it has more than %d bytes", ErrTooLong, b.maxBytes)
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return n - 1, fmt.Errorf("%w: it has more than %d bytes", ErrTooLong, b.maxBytes)
	}
	return n, err
}
