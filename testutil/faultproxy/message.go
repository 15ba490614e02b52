package faultproxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// errUpstream is wrapped by errors of the node behind the proxy.
var errUpstream = errors.New("the node behind the proxy failed")

// A Request is a JSON-RPC request.
type Request struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"` // none for a notification
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params,omitempty"`
}

// Response is a JSON-RPC response.
type response struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// readRequests reads a request or a batch.
func readRequests(body []byte) (requests []*Request, isBatch bool, err error) {
	body = bytes.TrimSpace(body)
	if isBatch = bytes.HasPrefix(body, []byte("[")); isBatch {
		err = json.Unmarshal(body, &requests)
	} else {
		requests = []*Request{{}}
		err = json.Unmarshal(body, requests[0])
	}
	if err != nil {
		return nil, false, fmt.Errorf("failed to read a JSON-RPC request: %w", err)
	}
	if len(requests) > maxBatch {
		return nil, false, fmt.Errorf("a batch of %d requests, at most %d expected", len(requests), maxBatch)
	}
	for _, request := range requests {
		if request == nil || request.Method == "" {
			return nil, false, errors.New("a JSON-RPC request without a method")
		}
	}
	return requests, isBatch, nil
}

// Forward has the node answer a request; nil is the answer to a notification.
func (p *Proxy) Forward(ctx context.Context, request *Request) (json.RawMessage, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, fmt.Errorf("failed to forward %s: %w", request.Method, err)
	}
	post, err := http.NewRequestWithContext(ctx, http.MethodPost, p.upstream, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUpstream, err)
	}
	post.Header.Set("Content-Type", "application/json")
	reply, err := p.client.Do(post)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUpstream, err)
	}
	defer reply.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(reply.Body, maxResponse+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errUpstream, err)
	case len(answer) > maxResponse:
		return nil, fmt.Errorf("%w: an answer to %s of more than %d bytes", errUpstream, request.Method, maxResponse)
	case reply.StatusCode >= http.StatusMultipleChoices:
		return nil, &refusalError{reply.StatusCode, string(answer)}
	case len(answer) == 0:
		return nil, nil
	case !json.Valid(answer):
		return nil, fmt.Errorf("%w: its answer to %s is no JSON", errUpstream, request.Method)
	}
	return answer, nil
}

// Call asks the node for the result of a method.
func (p *Proxy) Call(ctx context.Context, method string, params ...any) (json.RawMessage, error) {
	encoded, err := json.Marshal(params)
	if err != nil {
		return nil, fmt.Errorf("failed to call %s: %w", method, err)
	}
	answer, err := p.Forward(ctx, &Request{Version: "2.0", ID: json.RawMessage("1"), Method: method, Params: encoded})
	if err != nil {
		return nil, err
	}
	var message response
	if err := json.Unmarshal(answer, &message); err != nil {
		return nil, fmt.Errorf("%w: %w", errUpstream, err)
	}
	if message.Error != nil {
		return nil, fmt.Errorf("%w: %s: %s", errUpstream, method, message.Error)
	}
	return message.Result, nil
}

// result makes the answer to a request out of its result.
func (r *Request) result(result json.RawMessage) (json.RawMessage, error) {
	if r.ID == nil {
		return nil, nil
	}
	return json.Marshal(response{Version: "2.0", ID: r.ID, Result: result})
}
