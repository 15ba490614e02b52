package provider

import (
	"context"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
)

// queue sends the provider's transactions one after the other, so that each gets its sequence number, proofs before all others.
type queue struct {
	sender         Sender
	urgent, normal chan *request
}

// request is one transaction to send.
type request struct {
	ctx   context.Context
	msgs  []sdk.Msg
	reply chan reply // has room for the one reply
}

type reply struct {
	hash string
	err  error
}

func newQueue(sender Sender) *queue {
	return &queue{sender: sender, urgent: make(chan *request), normal: make(chan *request)}
}

// run sends what is queued until ctx is done.
func (q *queue) run(ctx context.Context) {
	for {
		select {
		case r := <-q.urgent:
			q.send(r)
			continue
		default:
		}
		select {
		case <-ctx.Done():
			return
		case r := <-q.urgent:
			q.send(r)
		case r := <-q.normal:
			q.send(r)
		}
	}
}

func (q *queue) send(r *request) {
	hash, err := "", r.ctx.Err()
	if err == nil {
		hash, err = q.sender.Broadcast(r.ctx, r.msgs...)
	}
	r.reply <- reply{hash, err}
}

// submit sends the messages in one transaction and waits until it is in a block. ctx must end when run's does.
func (q *queue) submit(ctx context.Context, lane chan *request, msgs ...sdk.Msg) (*chain.TxResult, error) {
	r := &request{ctx: ctx, msgs: msgs, reply: make(chan reply, 1)}
	select {
	case lane <- r:
	case <-ctx.Done():
		return nil, fmt.Errorf("failed to send transaction: %w", ctx.Err())
	}
	select {
	case answer := <-r.reply:
		if answer.err != nil {
			return nil, answer.err
		}
		return q.sender.Wait(ctx, answer.hash)
	case <-ctx.Done():
		return nil, fmt.Errorf("failed to send transaction: %w", ctx.Err())
	}
}

// submitProof sends messages ahead of all that are not proofs.
func (a *Agent) submitProof(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error) {
	return a.queue.submit(ctx, a.queue.urgent, msgs...)
}

// lanes gives both lanes to those who look after sealed sectors.
type lanes struct{ agent *Agent }

// Address implements sectors.Sender.
func (l lanes) Address() string { return l.agent.address }

// Submit implements sectors.Sender.
func (l lanes) Submit(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error) {
	return l.agent.submit(ctx, msgs...)
}

// SubmitUrgent implements sectors.Sender.
func (l lanes) SubmitUrgent(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error) {
	return l.agent.submitProof(ctx, msgs...)
}

// submit sends messages after waiting proofs.
func (a *Agent) submit(ctx context.Context, msgs ...sdk.Msg) (*chain.TxResult, error) {
	return a.queue.submit(ctx, a.queue.normal, msgs...)
}
