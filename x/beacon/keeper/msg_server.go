package keeper

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/x/beacon/types"
	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

// possessionGas is what the verification of one proof costs: a few times that of a signature, as is its work.
const possessionGas = 50_000

type msgServer struct{ *Keeper }

// NewMsgServer returns the message service over a keeper.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// SetBeaconKey registers or changes the key of a validator. There is no way to be rid of one: a validator that could would choose, block
// by block, whether its output counts.
func (m msgServer) SetBeaconKey(ctx context.Context, msg *types.MsgSetBeaconKey) (*types.MsgSetBeaconKeyResponse, error) {
	operator, err := m.operators.StringToBytes(msg.Validator)
	if err != nil {
		return nil, types.ErrUnknownValidator.Wrapf("%q: %s", msg.Validator, err)
	}
	validator, err := m.staking.GetValidator(ctx, operator)
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

	sdk.UnwrapSDKContext(ctx).GasMeter().ConsumeGas(possessionGas, "beacon key: proof of possession")
	if err := vrf.CheckPublicKey(msg.PublicKey); err != nil {
		return nil, types.ErrInvalidKey.Wrap(err.Error())
	}
	alpha := vrf.PossessionAlpha(chainID(ctx), consensusAddress)
	if _, err := vrf.Verify(msg.PublicKey, msg.Possession, alpha); err != nil {
		return nil, types.ErrInvalidPossession.Wrap(err.Error())
	}
	key, err := m.setKey(ctx, consensusAddress, msg.PublicKey)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetBeaconKeyResponse{EffectiveHeight: key.PendingHeight}, emit(ctx, &types.EventKeySet{
		Validator: msg.Validator, ConsensusAddress: key.ConsensusAddress,
		PublicKey: msg.PublicKey, EffectiveHeight: key.PendingHeight,
	})
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
