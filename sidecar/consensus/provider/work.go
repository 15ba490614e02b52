package provider

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// work brings one assignment to its end: activated or refused. waiting ends when there is no time left to wait for data.
func (a *Agent) work(ctx, waiting context.Context, key jobKey, assignment markettypes.Assignment, declined *refusal) {
	var msg sdk.Msg
	var err error
	if declined != nil {
		err = declined
	} else {
		msg, err = a.acquire(ctx, waiting, assignment)
	}
	var refused *refusal
	switch {
	case ctx.Err() != nil:
		return // the agent is being stopped; the next one takes the assignment up again
	case err == nil:
	case errors.As(err, &refused):
		msg = a.refusalOf(assignment, refused)
		a.log.Info("assignment refused", "deal", key.deal, "index", key.index, "reason", refused.reason, "err", refused.err)
	default:
		a.problem(ctx, "a replica could not be activated", fmt.Errorf("deal %d: %w", key.deal, err))
		a.jobs.failed(key, a.cfg)
		return
	}
	if msg == nil {
		a.metrics.fetchedBytes.Add(float64(assignment.Deal.SizeBytes))
		a.log.Info("replica is ready to be sealed", "deal", key.deal, "index", key.index, "bytes", assignment.Deal.SizeBytes)
		a.jobs.handOn(key)
		return
	}
	if err := a.deliver(ctx, msg); err != nil {
		a.problem(ctx, "an assignment could not be answered", fmt.Errorf("deal %d: %w", key.deal, err))
		a.jobs.failed(key, a.cfg)
		return
	}
	if refused != nil {
		a.metrics.refusals.WithLabelValues(refused.reason.String()).Inc()
	} else {
		a.metrics.activations.Inc()
		a.metrics.fetchedBytes.Add(float64(assignment.Deal.SizeBytes))
		a.log.Info("replica activated", "deal", key.deal, "index", key.index, "bytes", assignment.Deal.SizeBytes)
	}
	a.jobs.ended(key)
}

// deliver sends a message until the chain has accepted or rejected it.
func (a *Agent) deliver(ctx context.Context, msg sdk.Msg) error {
	var tries retry
	for {
		_, err := a.submit(ctx, msg)
		if err == nil || errors.Is(err, chain.ErrRejected) || ctx.Err() != nil {
			return err
		}
		tries.failed(a.cfg.RetryMin, a.cfg.RetryMax)
		if err := pause(ctx, tries.pause); err != nil {
			return err
		}
	}
}

func (a *Agent) refusalOf(assignment markettypes.Assignment, r *refusal) sdk.Msg {
	return &markettypes.MsgRefuseReplica{
		Provider: a.address, DealId: assignment.Replica.DealId, Index: assignment.Replica.Index, Reason: r.reason,
	}
}

// acquire gets the data of an assignment, checks it against the deal and makes the message that activates the replica; one that is
// to be sealed is queued for that, and there is no message. It
// fails with a refusal when that is not to be. waiting bounds the fetch only: what is there in time is proven in time.
func (a *Agent) acquire(ctx, waiting context.Context, assignment markettypes.Assignment) (sdk.Msg, error) {
	deal, replica := assignment.Deal, assignment.Replica
	want, err := layoutOf(deal)
	if err != nil {
		return nil, &refusal{markettypes.REFUSAL_REASON_MISMATCH, err}
	}
	select {
	case a.jobs.slots <- struct{}{}:
		defer func() { <-a.jobs.slots }()
	case <-waiting.Done():
		return nil, refuse(markettypes.REFUSAL_REASON_CAPACITY, "other deals were fetched for too long: %w", context.Cause(waiting))
	}
	if err := a.fetch(waiting, deal, want); err != nil {
		return nil, err
	}
	commD, sizeBytes, err := a.data.Recompute(ctx, want.CID)
	switch {
	case errors.Is(err, ErrMismatch):
		return nil, &refusal{markettypes.REFUSAL_REASON_MISMATCH, err}
	case err != nil:
		return nil, err
	case commD != want.CommD || sizeBytes != want.SizeBytes:
		return nil, refuse(markettypes.REFUSAL_REASON_MISMATCH, "%w: it commits to %s over %d bytes, the data is %s over %d bytes",
			ErrMismatch, want.CommD, want.SizeBytes, commD, sizeBytes)
	}
	if replica.Class == poreptypes.CLASS_SEALED {
		return nil, a.queueForSealing(ctx, assignment, want)
	}
	return a.activation(ctx, replica, want)
}

// activation makes the message that activates a replica whose data is there.
func (a *Agent) activation(ctx context.Context, replica markettypes.Replica, want Layout) (sdk.Msg, error) {
	params, err := a.chain.MarketParams(ctx)
	if err != nil {
		return nil, err
	}
	if len(replica.Seed) != 32 {
		return nil, fmt.Errorf("the assignment has a seed of %d bytes", len(replica.Seed))
	}
	offsets := proof.Offsets([32]byte(replica.Seed), params.ActivationOpenings, want.SizeBytes)
	ap, err := proof.ProveActivation(ctx, proof.ClassOpen, want.CommD, want.SizeBytes, offsets, a.data.Source())
	if err != nil {
		return nil, err
	}
	encoded, err := ap.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("failed to encode the activation proof: %w", err)
	}
	return &markettypes.MsgActivateReplica{
		Provider: a.address, DealId: replica.DealId, Index: replica.Index, Proof: encoded,
	}, nil
}

// fetch gets the data of a deal from its client or other holders, again and again until ctx ends. It fails with a refusal.
func (a *Agent) fetch(ctx context.Context, deal markettypes.Deal, want Layout) error {
	var tries retry
	for {
		err := a.data.Fetch(ctx, deal.Id, want, a.sources(ctx, deal))
		switch {
		case err == nil:
			a.metrics.fetches.WithLabelValues("ok").Inc()
			return nil
		case errors.Is(err, ErrMismatch):
			a.metrics.fetches.WithLabelValues("mismatch").Inc()
			return &refusal{markettypes.REFUSAL_REASON_MISMATCH, err}
		case errors.Is(err, ErrNoSpace):
			a.metrics.fetches.WithLabelValues("full").Inc()
			return &refusal{markettypes.REFUSAL_REASON_CAPACITY, err}
		}
		a.metrics.fetches.WithLabelValues("failed").Inc()
		if ctx.Err() == nil {
			a.log.Info("data could not be fetched yet", "deal", deal.Id, "err", err)
			tries.failed(a.cfg.RetryMin, a.cfg.RetryMax)
			if pause(ctx, tries.pause) == nil {
				continue
			}
		}
		return &refusal{markettypes.REFUSAL_REASON_UNREACHABLE, fmt.Errorf("%w: %w", context.Cause(ctx), err)}
	}
}

// sources tells who should have the data of a deal: the client's node, then the providers that hold replicas.
func (a *Agent) sources(ctx context.Context, deal markettypes.Deal) []markettypes.Endpoint {
	var sources []markettypes.Endpoint
	if deal.Source.PeerId != "" {
		sources = append(sources, deal.Source)
	}
	_, replicas, err := a.chain.Deal(ctx, deal.Id)
	if err != nil {
		a.log.Debug("other holders could not be looked up", "deal", deal.Id, "err", err)
		return sources
	}
	for _, replica := range replicas {
		held := replica.Status == markettypes.REPLICA_STATUS_ACTIVE || replica.Status == markettypes.REPLICA_STATUS_FAULTY
		if !held || replica.Provider == a.address {
			continue
		}
		holder, _, err := a.chain.Provider(ctx, replica.Provider)
		if err != nil {
			a.log.Debug("another holder could not be looked up", "holder", replica.Provider, "err", err)
			continue
		}
		sources = append(sources, holder.Endpoint)
	}
	return sources
}
