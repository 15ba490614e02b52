package keeper

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// recoverGas is what the recovery of a signer from a signature costs, a few times what the SDK asks for a verification.
const recoverGas = 5_000

type msgServer struct{ *Keeper }

// NewMsgServer returns the message service over a keeper.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// SetSignerKey registers or changes the key of a validator. There is no way to be rid of one but with the validator.
func (m msgServer) SetSignerKey(ctx context.Context, msg *types.MsgSetSignerKey) (*types.MsgSetSignerKeyResponse, error) {
	operator, err := m.operators.StringToBytes(msg.Validator)
	if err != nil {
		return nil, types.ErrUnknownValidator.Wrapf("%q: %s", msg.Validator, err)
	}
	validator, err := m.deps.Staking.GetValidator(ctx, operator)
	if errors.Is(err, stakingtypes.ErrNoValidatorFound) {
		return nil, types.ErrUnknownValidator.Wrap(msg.Validator)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read validator %s: %w", msg.Validator, err)
	}
	consensusAddress, err := validator.GetConsAddr()
	if err != nil {
		return nil, fmt.Errorf("failed to read the consensus address of %s: %w", msg.Validator, err)
	}
	if len(msg.Address) != len(wire.Address{}) || wire.Address(msg.Address) == (wire.Address{}) {
		return nil, types.ErrInvalidKey.Wrapf("the address of a key has %d bytes that are not all zero, not %x", len(wire.Address{}), msg.Address)
	}
	if len(msg.Possession) != len(wire.Signature{}) {
		return nil, types.ErrInvalidPossession.Wrapf("%d bytes, want %d", len(msg.Possession), len(wire.Signature{}))
	}
	sdkCtx := sdk.UnwrapSDKContext(ctx)
	sdkCtx.GasMeter().ConsumeGas(recoverGas, "bridge: recover a signer")
	signer, err := wire.Signature(msg.Possession).Signer(wire.PossessionDigest(sdkCtx.ChainID(), consensusAddress))
	if err != nil {
		return nil, types.ErrInvalidPossession.Wrap(err.Error())
	}
	if signer != wire.Address(msg.Address) {
		return nil, types.ErrInvalidPossession.Wrapf("made with the key %s, or for another chain or validator", signer)
	}
	key, err := m.setKey(ctx, consensusAddress, signer)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetSignerKeyResponse{}, emit(ctx, &types.EventSignerKeySet{
		Validator: msg.Validator, ConsensusAddress: key.ConsensusAddress, Address: signer.String(),
	})
}

// SignCheckpoint hands in a signature of the newest checkpoint.
func (m msgServer) SignCheckpoint(ctx context.Context, msg *types.MsgSignCheckpoint) (*types.MsgSignCheckpointResponse, error) {
	if len(msg.Signature) != len(wire.Signature{}) {
		return nil, types.ErrInvalidSignature.Wrapf("%d bytes, want %d", len(msg.Signature), len(wire.Signature{}))
	}
	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(recoverGas, "bridge: recover a signer")
	if err := m.Sign(ctx, msg.Sequence, wire.Signature(msg.Signature)); err != nil {
		return nil, err
	}
	return &types.MsgSignCheckpointResponse{}, nil
}

// SubmitEvidence punishes the signer of a false checkpoint.
func (m msgServer) SubmitEvidence(goCtx context.Context, msg *types.MsgSubmitEvidence) (*types.MsgSubmitEvidenceResponse, error) {
	if len(msg.Signature) != len(wire.Signature{}) {
		return nil, types.ErrInvalidSignature.Wrapf("%d bytes, want %d", len(msg.Signature), len(wire.Signature{}))
	}
	content, err := wire.DecodeCheckpoint(msg.Content)
	if err != nil {
		return nil, types.ErrNoEvidence.Wrap(err.Error())
	}
	ctx := sdk.UnwrapSDKContext(goCtx)
	ctx.GasMeter().ConsumeGas(recoverGas, "bridge: recover a signer")
	guilty, err := m.punish(ctx, content, wire.Signature(msg.Signature))
	if err != nil {
		return nil, err
	}
	return &types.MsgSubmitEvidenceResponse{ConsensusAddress: guilty.ConsensusAddress}, nil
}

// AbandonEpoch ends an epoch whose signers do not sign any more.
func (m msgServer) AbandonEpoch(goCtx context.Context, msg *types.MsgAbandonEpoch) (*types.MsgAbandonEpochResponse, error) {
	if msg.Authority != m.authority {
		return nil, types.ErrUnauthorized.Wrapf("%s, want %s", msg.Authority, m.authority)
	}
	ctx := sdk.UnwrapSDKContext(goCtx)
	next, err := m.abandon(ctx, msg.Epoch)
	if err != nil {
		return nil, err
	}
	return &types.MsgAbandonEpochResponse{Epoch: next.Epoch}, emit(ctx, &types.EventEpochAbandoned{Epoch: msg.Epoch, Next: next.Epoch})
}

// UpdateParams replaces the parameters by governance.
func (m msgServer) UpdateParams(ctx context.Context, msg *types.MsgUpdateParams) (*types.MsgUpdateParamsResponse, error) {
	if msg.Authority != m.authority {
		return nil, types.ErrUnauthorized.Wrapf("%s, want %s", msg.Authority, m.authority)
	}
	if err := m.SetParams(ctx, msg.Params); err != nil {
		return nil, err
	}
	return &types.MsgUpdateParamsResponse{}, nil
}
