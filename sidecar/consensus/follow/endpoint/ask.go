package endpoint

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// Attempt asks one endpoint. It tells whether there is anything new at it, with an error too: that says that the new could not be read. An error that
// wraps feed.ErrContradiction says that the endpoint contradicts what is stored.
type Attempt func(ctx context.Context, n *Node) (news bool, err error)

// Ask tries one endpoint after the other, each in a time of its own, until there is something new. It does well too if at least one answers and none
// has anything new. An endpoint that contradicts is passed over as long as another one does not: Dissent tells of it. If all that answer
// contradict, the error wraps feed.ErrContradiction.
func (p *Pool) Ask(ctx context.Context, attempt Attempt) error {
	var contradictions, unread, failures error
	answered := false
	for _, n := range p.nodes {
		news, err := n.try(ctx, attempt)
		switch {
		case err == nil && news:
			return nil
		case err == nil:
			answered = true
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, feed.ErrContradiction):
			contradictions = errors.Join(contradictions, err)
		case news:
			unread = errors.Join(unread, err)
		default:
			failures = errors.Join(failures, err)
		}
	}
	if answered {
		return unread
	}
	return errors.Join(contradictions, unread, failures)
}

// Dissent returns the contradictions of those endpoints that contradicted when they answered last, nil if none did.
func (p *Pool) Dissent() error {
	var all error
	for _, n := range p.nodes {
		if err := n.dissent.Load(); err != nil {
			all = errors.Join(all, *err)
		}
	}
	return all
}

// try attempts it once. An error names the endpoint.
func (n *Node) try(ctx context.Context, attempt Attempt) (news bool, err error) {
	within, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	news, err = attempt(within, n)
	if err == nil {
		n.dissent.Store(nil)
		return news, nil
	}
	contradicts := errors.Is(err, feed.ErrContradiction)
	if within.Err() != nil && !contradicts {
		err = fmt.Errorf("no answer within %s", timeout)
	}
	err = fmt.Errorf("%s: %w", n.host, endpoints.Plain(err))
	if contradicts {
		n.dissent.Store(&err)
	}
	return news, err
}
