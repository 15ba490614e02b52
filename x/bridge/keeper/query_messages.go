package keeper

import (
	"context"

	"cosmossdk.io/collections"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
	"github.com/ipdm-network/ipdm/x/internal/page"
)

// maxRanges bounds the ranges in an answer.
const maxRanges = 16

// Status tells where a message or an event is.
func (s queryServer) Status(ctx context.Context, req *types.QueryStatusRequest) (*types.QueryStatusResponse, error) {
	out, err := s.k.status(sdk.UnwrapSDKContext(ctx), req.GetId())
	return out, statusOf(err)
}

// Limits tells what can be sent and received now.
func (s queryServer) Limits(goCtx context.Context, req *types.QueryLimitsRequest) (*types.QueryLimitsResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	lanes, err := s.k.allLanes(ctx)
	if err != nil {
		return nil, statusOf(err)
	}
	pause, err := s.k.Pause(ctx)
	if err != nil {
		return nil, statusOf(err)
	}
	out, now := &types.QueryLimitsResponse{}, ctx.BlockTime()
	if paused(pause, now) {
		out.PausedUntilUnixMilli = pause.UntilUnixMilli
	}
	for _, l := range lanes {
		if req.GetDomain() != 0 && req.GetDomain() != l.Domain || req.GetDenom() != "" && req.GetDenom() != l.asset.Denom {
			continue
		}
		out.Lanes = append(out.Lanes, types.LaneQuote{
			Domain: l.Domain, DomainName: l.domain.Config.Name, Denom: l.asset.Denom, Symbol: l.asset.Symbol,
			Send: l.There.Quote(now), Receive: l.Here.Quote(now), Unit: l.asset.Unit(l.domain.Config), Out: l.Out,
		})
	}
	return out, nil
}

// allLanes returns every lane with its asset and chain. Governance makes them, so that they are few.
func (k *Keeper) allLanes(ctx context.Context) ([]lane, error) {
	var all []lane
	err := k.lanes.Walk(ctx, nil, func(_ collections.Pair[[]byte, uint32], value types.Lane) (bool, error) {
		d, err := k.Domain(ctx, value.Domain)
		if err != nil {
			return true, err
		}
		l, err := k.lane(ctx, wire.Hash(value.Asset), d)
		all = append(all, l)
		return err != nil, err
	})
	return all, err
}

// Proof proves a message to its destination.
func (s queryServer) Proof(goCtx context.Context, req *types.QueryProofRequest) (*types.QueryProofResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	m, err := s.k.Message(ctx, req.GetNonce())
	if err != nil {
		return nil, statusOf(err)
	}
	c, err := s.k.Checkpoint(ctx, req.GetSequence())
	if err != nil {
		return nil, statusOf(err)
	}
	if c.OutboxMessages <= req.GetNonce() {
		return nil, status.Errorf(codes.FailedPrecondition, "checkpoint %d has the messages before %d: a later one will prove message %d",
			c.Sequence, c.OutboxMessages, req.GetNonce())
	}
	path, err := wire.InclusionPath(req.GetNonce(), c.OutboxMessages, s.k.loadSubtree(ctx))
	if err != nil {
		return nil, statusOf(err)
	}
	out := &types.QueryProofResponse{Checkpoint: c.Content, Message: m.Content, Payload: m.Payload, Count: c.OutboxMessages}
	for _, h := range path {
		out.Path = append(out.Path, h[:])
	}
	return out, nil
}

// Domains returns the chains that are known.
func (s queryServer) Domains(ctx context.Context, _ *types.QueryDomainsRequest) (*types.QueryDomainsResponse, error) {
	all, err := s.k.Domains(ctx)
	return &types.QueryDomainsResponse{Domains: all}, statusOf(err)
}

// Assets returns what can be sent, and where to.
func (s queryServer) Assets(ctx context.Context, _ *types.QueryAssetsRequest) (*types.QueryAssetsResponse, error) {
	assets, err := valuesOf(ctx, s.k.assets)
	if err != nil {
		return nil, statusOf(err)
	}
	lanes, err := valuesOf(ctx, s.k.lanes)
	return &types.QueryAssetsResponse{Assets: assets, Lanes: lanes}, statusOf(err)
}

// Outbox returns the messages to a chain whose fate is not known.
func (s queryServer) Outbox(ctx context.Context, req *types.QueryOutboxRequest) (*types.QueryOutboxResponse, error) {
	messages, next, err := query.CollectionPaginate(ctx, s.k.pendingMessages, page.Bound(req.GetPagination()),
		func(key collections.Pair[uint32, uint64], _ collections.NoValue) (types.OutboxMessage, error) {
			return s.k.Message(ctx, key.K2())
		}, query.WithCollectionPaginationPairPrefix[uint32, uint64](req.GetDomain()))
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryOutboxResponse{Messages: messages, Pagination: next}, nil
}

// Ranges returns the attested ranges of a chain's events that were not handed in.
func (s queryServer) Ranges(ctx context.Context, req *types.QueryRangesRequest) (*types.QueryRangesResponse, error) {
	d, err := s.k.Domain(ctx, req.GetDomain())
	if err != nil {
		return nil, statusOf(err)
	}
	out := &types.QueryRangesResponse{NextNonce: d.TakenEvents}
	err = s.k.ranges.Walk(ctx, collections.NewPrefixedPairRange[uint32, uint64](req.GetDomain()),
		func(_ collections.Pair[uint32, uint64], r types.Range) (bool, error) {
			out.Ranges = append(out.Ranges, r)
			return len(out.Ranges) == maxRanges, nil
		})
	return out, statusOf(err)
}

// Owed returns what could not be paid out yet.
func (s queryServer) Owed(ctx context.Context, req *types.QueryOwedRequest) (*types.QueryOwedResponse, error) {
	var owed []types.Owed
	var next *query.PageResponse
	var err error
	if of := req.GetRecipient(); of == "" {
		owed, next, err = query.CollectionPaginate(ctx, s.k.owed, page.Bound(req.GetPagination()),
			func(_ collections.Pair[uint32, uint64], o types.Owed) (types.Owed, error) { return o, nil })
	} else {
		owed, next, err = query.CollectionPaginate(ctx, s.k.owed.Indexes.recipient, page.Bound(req.GetPagination()),
			func(key collections.Pair[string, collections.Pair[uint32, uint64]], _ collections.NoValue) (types.Owed, error) {
				return s.k.owed.Get(ctx, key.K2())
			}, query.WithCollectionPaginationPairPrefix[string, collections.Pair[uint32, uint64]](of))
	}
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryOwedResponse{Owed: owed, Pagination: next}, nil
}

// Calls returns calls that wait for a recipient.
func (s queryServer) Calls(ctx context.Context, req *types.QueryCallsRequest) (*types.QueryCallsResponse, error) {
	recipient, err := s.k.accounts.StringToBytes(req.GetRecipient())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	calls, next, err := query.CollectionPaginate(ctx, s.k.calls, page.Bound(req.GetPagination()),
		func(_ collections.Triple[[]byte, uint32, uint64], call types.Call) (types.Call, error) {
			return call, nil
		},
		func(o *query.CollectionsPaginateOptions[collections.Triple[[]byte, uint32, uint64]]) {
			prefix := collections.TriplePrefix[[]byte, uint32, uint64](recipient)
			o.Prefix = &prefix
		})
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &types.QueryCallsResponse{Calls: calls, Pagination: next}, nil
}
