package keeper

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/bridge/types"
)

type queryServer struct{ k *Keeper }

// NewQueryServer returns the query service over a keeper.
func NewQueryServer(k *Keeper) types.QueryServer { return queryServer{k} }

// Params returns the parameters.
func (s queryServer) Params(ctx context.Context, _ *types.QueryParamsRequest) (*types.QueryParamsResponse, error) {
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, statusOf(err)
	}
	return &types.QueryParamsResponse{Params: params}, nil
}

// Checkpoint returns a checkpoint and who signs it.
func (s queryServer) Checkpoint(ctx context.Context, req *types.QueryCheckpointRequest) (*types.QueryCheckpointResponse, error) {
	c, err := s.k.checkpointAt(ctx, req.GetSequence(), req.GetOfHeight())
	if err != nil {
		return nil, statusOf(err)
	}
	content, err := c.Decode()
	if err != nil {
		return nil, statusOf(err)
	}
	epoch, err := s.k.Epoch(ctx, content.Epoch)
	if err != nil {
		return nil, statusOf(err)
	}
	return &types.QueryCheckpointResponse{Checkpoint: c, SignerEpoch: epoch, Content: types.CheckpointContent{
		Digest: content.Digest().String(), Epoch: content.Epoch, Height: content.Height, TimeUnixMilli: content.TimeMillis,
		AnchorRoot: content.AnchorRoot.String(), OutboxRoot: content.OutboxRoot.String(), SetRoot: content.Set.String(),
		NextSetRoot: content.NextSet.String(), Previous: content.Previous.String(),
	}}, nil
}

// Pending returns the newest checkpoint, and in words what the bridge waits for.
func (s queryServer) Pending(ctx context.Context, _ *types.QueryPendingRequest) (*types.QueryPendingResponse, error) {
	c, there, err := s.k.Newest(ctx)
	if err != nil {
		return nil, statusOf(err)
	}
	if !there {
		state, err := s.k.stateWithoutCheckpoint(ctx)
		if err != nil {
			return nil, statusOf(err)
		}
		return &types.QueryPendingResponse{State: state}, nil
	}
	content, err := c.Decode()
	if err != nil {
		return nil, statusOf(err)
	}
	epoch, err := s.k.Epoch(ctx, content.Epoch)
	if err != nil {
		return nil, statusOf(err)
	}
	set, err := epoch.Set()
	if err != nil {
		return nil, statusOf(err)
	}
	state := fmt.Sprintf("checkpoint %d waits for signatures: %d of %d power have signed, more than two thirds are needed", c.Sequence, c.Power, set.TotalPower())
	if c.Complete {
		state = fmt.Sprintf("nothing: checkpoint %d is complete, %d of %d power have signed", c.Sequence, c.Power, set.TotalPower())
	}
	return &types.QueryPendingResponse{Checkpoint: &c, SignerEpoch: &epoch, State: state}, nil
}

// stateWithoutCheckpoint tells why there is none yet.
func (k *Keeper) stateWithoutCheckpoint(ctx context.Context) (string, error) {
	validators, err := k.candidates(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("the bridge waits for signer keys: validators with %d of %d power have one, more than two thirds are needed; "+
		"`ipdmd bridge register-command` prints how to register that of a validator", validators.power, validators.totalPower), nil
}

// Signers returns the signer set of an epoch.
func (s queryServer) Signers(ctx context.Context, req *types.QuerySignersRequest) (*types.QuerySignersResponse, error) {
	epoch, err := s.k.Epoch(ctx, req.GetEpoch())
	if err != nil {
		return nil, statusOf(err)
	}
	set, err := epoch.Set()
	if err != nil {
		return nil, statusOf(err)
	}
	return &types.QuerySignersResponse{SignerEpoch: epoch, TotalPower: set.TotalPower()}, nil
}

// Key returns the key of a validator.
func (s queryServer) Key(ctx context.Context, req *types.QueryKeyRequest) (*types.QueryKeyResponse, error) {
	address, err := s.k.consensus.StringToBytes(req.GetConsensusAddress())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	key, err := s.k.key(ctx, address)
	if err != nil {
		return nil, statusOf(err)
	}
	return &types.QueryKeyResponse{Key: key}, nil
}

// statusOf gives an error its gRPC code.
func statusOf(err error) error {
	if err == nil {
		return nil
	}
	for _, missing := range []error{
		types.ErrUnknownCheckpoint, types.ErrUnknownEpoch, types.ErrUnknownKey, types.ErrUnknownDomain, types.ErrUnknownMessage, types.ErrUnknownAsset,
	} {
		if errors.Is(err, missing) {
			return status.Error(codes.NotFound, err.Error())
		}
	}
	return status.Error(codes.Internal, err.Error())
}
