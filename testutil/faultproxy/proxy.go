package faultproxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	maxRequest  = 16 << 20 // bytes
	maxResponse = 64 << 20 // bytes
	maxBatch    = 1000     // requests
	closeGrace  = 2 * time.Second
)

// A Proxy forwards JSON-RPC requests to a node, but for what its rules say. Its methods may be called concurrently.
type Proxy struct {
	upstream string
	url      string
	server   *http.Server
	client   *http.Client
	served   chan struct{} // closed when the server has ended
	closing  context.Context
	close    context.CancelFunc

	mu    sync.Mutex // guards the rest
	rules []*active
	calls map[string]int
}

// A Rule says what goes wrong with which requests. Of the rules that match, the one that was added first counts.
type Rule struct {
	// Methods are the methods that it is about; none stands for all.
	Methods []string
	// Count is how many requests it is about; 0 stands for all until the rule is removed.
	Count int
	// Fault is what happens to them.
	Fault Fault
}

// Start listens on a free port of 127.0.0.1 in front of the node at a URL.
func Start(upstream string) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("failed to start a fault proxy: %w", err)
	}
	closing, cancel := context.WithCancel(context.Background())
	p := &Proxy{
		upstream: upstream,
		url:      "http://" + listener.Addr().String(),
		client:   &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}},
		served:   make(chan struct{}),
		closing:  closing,
		close:    cancel,
		calls:    map[string]int{},
	}
	p.server = &http.Server{Handler: http.HandlerFunc(p.serve), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		defer close(p.served)
		_ = p.server.Serve(listener) // ends by Close only
	}()
	return p, nil
}

// URL is where clients find the proxy.
func (p *Proxy) URL() string { return p.url }

// Close ends the proxy and all requests that it holds, and waits for them.
func (p *Proxy) Close() error {
	p.close()
	grace, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	err := p.server.Shutdown(grace)
	if err != nil { // a client that sends its request slowly
		err = p.server.Close()
	}
	<-p.served
	p.client.CloseIdleConnections()
	return err
}

// Add adds a rule and returns a function that removes it.
func (p *Proxy) Add(rule Rule) (remove func()) {
	added := newActive(rule)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = append(p.rules, added)
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.remove(added)
	}
}

// Clear removes all rules.
func (p *Proxy) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = nil
}

// Calls returns how many requests with a method have come.
func (p *Proxy) Calls(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[method]
}

// AllCalls returns how many requests have come, by method.
func (p *Proxy) AllCalls() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.calls)
}

// serve answers one HTTP request: a JSON-RPC request or a batch.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(p.closing, cancel)()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	requests, isBatch, err := readRequests(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answers := make([]json.RawMessage, 0, len(requests))
	for _, request := range requests {
		answer, err := p.answer(ctx, request)
		if err != nil {
			fail(w, err)
			return
		}
		if answer != nil {
			answers = append(answers, answer)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	switch {
	case isBatch:
		_ = json.NewEncoder(w).Encode(answers) // a client that is gone needs no answer
	case len(answers) > 0:
		_, _ = w.Write(answers[0])
	}
}

// answer counts a request and answers it by the node or by a rule; nil is the answer to a notification.
func (p *Proxy) answer(ctx context.Context, request *Request) (json.RawMessage, error) {
	fault := p.take(request.Method)
	if fault == nil {
		return p.Forward(ctx, request)
	}
	return fault(ctx, p, request)
}

// take counts a request and returns the fault that is meant for it, or nil.
func (p *Proxy) take(method string) Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[method]++
	for _, rule := range p.rules {
		if !rule.matches(method) {
			continue
		}
		if rule.left > 0 {
			if rule.left--; rule.left == 0 {
				p.remove(rule)
			}
		}
		return rule.fault
	}
	return nil
}

// fail answers by the status of a fault, or by ending the connection.
func fail(w http.ResponseWriter, err error) {
	if refusal, ok := errors.AsType[*refusalError](err); ok {
		if refusal.status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		http.Error(w, refusal.Error(), refusal.status)
		return
	}
	if errors.Is(err, errUpstream) {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	panic(http.ErrAbortHandler) // the way of net/http to end a connection without an answer
}
