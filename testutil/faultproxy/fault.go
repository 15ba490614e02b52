package faultproxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A Fault answers a request in place of the node. An error ends the connection without an answer.
type Fault func(ctx context.Context, p *Proxy, request *Request) (json.RawMessage, error)

// refusalError is a refusal by an HTTP status.
type refusalError struct {
	status int
	body   string
}

func (e *refusalError) Error() string { return e.body }

// errCut ends a connection without an answer.
var errCut = errors.New("cut by order of the test")

// Status refuses a request by an HTTP status, such as 429 or 503.
func Status(status int) Fault {
	return func(context.Context, *Proxy, *Request) (json.RawMessage, error) {
		return nil, &refusalError{status, "refused by order of the test"}
	}
}

// Cut ends the connection without an answer; the node never sees the request.
func Cut() Fault {
	return func(context.Context, *Proxy, *Request) (json.RawMessage, error) { return nil, errCut }
}

// CutAnswer has the node do what was asked, and ends the connection in place of the answer.
func CutAnswer() Fault {
	return func(ctx context.Context, p *Proxy, request *Request) (json.RawMessage, error) {
		if _, err := p.Forward(ctx, request); err != nil {
			return nil, err
		}
		return nil, errCut
	}
}

// Hang never answers: until the client gives up or the proxy is closed.
func Hang() Fault {
	return func(ctx context.Context, _ *Proxy, _ *Request) (json.RawMessage, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

// Delay forwards a request after some time.
func Delay(by time.Duration) Fault {
	return func(ctx context.Context, p *Proxy, request *Request) (json.RawMessage, error) {
		timer := time.NewTimer(by)
		defer timer.Stop()
		select {
		case <-timer.C:
			return p.Forward(ctx, request)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Swallow acknowledges a request with a result and loses it: the node never sees it. The result may depend on the params.
func Swallow(result func(params json.RawMessage) (any, error)) Fault {
	return func(_ context.Context, _ *Proxy, request *Request) (json.RawMessage, error) {
		value, err := result(request.Params)
		if err != nil {
			return nil, fmt.Errorf("failed to acknowledge %s: %w", request.Method, err)
		}
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("failed to acknowledge %s: %w", request.Method, err)
		}
		return request.result(encoded)
	}
}

// Lie forwards a request and changes the result. Errors of the node pass unchanged.
func Lie(change func(params, result json.RawMessage) (any, error)) Fault {
	return func(ctx context.Context, p *Proxy, request *Request) (json.RawMessage, error) {
		answer, err := p.Forward(ctx, request)
		if err != nil || answer == nil {
			return nil, err
		}
		var message response
		if err := json.Unmarshal(answer, &message); err != nil {
			return nil, fmt.Errorf("%w: %w", errUpstream, err)
		}
		if message.Error != nil {
			return answer, nil
		}
		return Swallow(func(params json.RawMessage) (any, error) { return change(params, message.Result) })(ctx, p, request)
	}
}
