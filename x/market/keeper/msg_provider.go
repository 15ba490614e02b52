package keeper

import (
	"context"
	"errors"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/market/types"
)

type msgServer struct{ k *Keeper }

var _ types.MsgServer = msgServer{}

// NewMsgServer returns the handler of the module's messages.
func NewMsgServer(k *Keeper) types.MsgServer { return msgServer{k} }

// RegisterProvider opens a provider that accepts replicas at once. It fails with ErrInvalidAsk, ErrInvalidEndpoint,
// ErrInvalidAmount, ErrPledge, ErrProviderExists, ErrFunds or ErrTooManyProviders.
func (s msgServer) RegisterProvider(
	goCtx context.Context, msg *types.MsgRegisterProvider,
) (*types.MsgRegisterProviderResponse, error) {
	ctx := sdk.UnwrapSDKContext(goCtx)
	k := s.k
	address, err := k.address(msg.Provider)
	if err != nil {
		return nil, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := validateOffer(msg.Ask, msg.Endpoint, msg.Region); err != nil {
		return nil, err
	}
	if err := types.ValidateAmount("pledge", msg.Pledge); err != nil {
		return nil, err
	}
	if msg.Pledge.LT(params.MinPledge) {
		return nil, errorsmod.Wrapf(types.ErrPledge, "%s, at least %s%s", msg.Pledge, params.MinPledge, params.Denom)
	}
	if _, err := k.Provider(ctx, msg.Provider); err == nil {
		return nil, errorsmod.Wrap(types.ErrProviderExists, msg.Provider)
	} else if !errors.Is(err, types.ErrProviderNotFound) {
		return nil, err
	}
	if err := k.takePledge(ctx, params, address, msg.Pledge); err != nil {
		return nil, err
	}
	slot, err := k.weights.Alloc(ctx, weightsOwner)
	if err != nil {
		return nil, fmt.Errorf("failed to take a slot: %w", err)
	}
	if slot >= types.MaxProviders {
		return nil, errorsmod.Wrapf(types.ErrTooManyProviders, "there are %d", types.MaxProviders)
	}
	if err := k.slots.Set(ctx, slot, address); err != nil {
		return nil, fmt.Errorf("failed to write slot: %w", err)
	}
	provider := types.Provider{
		Address: msg.Provider, Ask: msg.Ask, Endpoint: msg.Endpoint, Region: msg.Region, Accepting: true,
		Pledge: msg.Pledge, Slot: slot, Earned: sdkmath.ZeroInt(), Slashed: sdkmath.ZeroInt(), RegisteredAt: ctx.BlockTime(),
		CommittedPledge: sdkmath.ZeroInt(), AccruingOpen: sdkmath.ZeroInt(), AccruingSealed: sdkmath.ZeroInt(),
	}
	if err := k.setProvider(ctx, params, provider); err != nil {
		return nil, err
	}
	err = emit(ctx, &types.EventProviderRegistered{Provider: msg.Provider, Pledge: msg.Pledge.String()})
	return &types.MsgRegisterProviderResponse{}, err
}

// UpdateProvider replaces a provider's offer; replicas that it was assigned keep their price. It fails with
// ErrInvalidAsk, ErrInvalidEndpoint, ErrProviderNotFound, or ErrJailed when a jailed provider wants to accept again too early.
func (s msgServer) UpdateProvider(ctx context.Context, msg *types.MsgUpdateProvider) (*types.MsgUpdateProviderResponse, error) {
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := validateOffer(msg.Ask, msg.Endpoint, msg.Region); err != nil {
		return nil, err
	}
	provider, err := s.k.Provider(ctx, msg.Provider)
	if err != nil {
		return nil, err
	}
	if msg.Accepting && provider.JailedUntil != nil {
		if provider.Jailed(sdk.UnwrapSDKContext(ctx).BlockTime()) {
			return nil, errorsmod.Wrapf(types.ErrJailed, "until %s", provider.JailedUntil)
		}
		provider.JailedUntil = nil
	}
	provider.Ask, provider.Endpoint, provider.Region, provider.Accepting = msg.Ask, msg.Endpoint, msg.Region, msg.Accepting
	if err := s.k.setProvider(ctx, params, provider); err != nil {
		return nil, err
	}
	return &types.MsgUpdateProviderResponse{}, emit(ctx, &types.EventProviderUpdated{Provider: msg.Provider})
}

// AddPledge adds to a provider's pledge. It fails with ErrInvalidAmount, ErrProviderNotFound or ErrFunds.
func (s msgServer) AddPledge(ctx context.Context, msg *types.MsgAddPledge) (*types.MsgAddPledgeResponse, error) {
	params, err := s.k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := types.ValidateAmount("amount", msg.Amount); err != nil {
		return nil, err
	}
	provider, err := s.k.Provider(ctx, msg.Provider)
	if err != nil {
		return nil, err
	}
	address, err := s.k.address(msg.Provider)
	if err != nil {
		return nil, err
	}
	provider.Pledge = provider.Pledge.Add(msg.Amount)
	if err := types.ValidateAmount("pledge", provider.Pledge); err != nil {
		return nil, err
	}
	if err := s.k.takePledge(ctx, params, address, msg.Amount); err != nil {
		return nil, err
	}
	if err := s.k.setProvider(ctx, params, provider); err != nil {
		return nil, err
	}
	return &types.MsgAddPledgeResponse{}, emit(ctx, &types.EventProviderUpdated{Provider: msg.Provider})
}

// WithdrawPledge takes back pledge that backs nothing; the minimum stays. A provider that has nothing reserved may take
// all of it, which closes the provider, unless it is jailed. It fails with ErrInvalidAmount, ErrProviderNotFound, ErrPledge or ErrJailed.
func (s msgServer) WithdrawPledge(ctx context.Context, msg *types.MsgWithdrawPledge) (*types.MsgWithdrawPledgeResponse, error) {
	k := s.k
	params, err := k.Params(ctx)
	if err != nil {
		return nil, err
	}
	if err := types.ValidateAmount("amount", msg.Amount); err != nil {
		return nil, err
	}
	provider, err := k.Provider(ctx, msg.Provider)
	if err != nil {
		return nil, err
	}
	closing := msg.Amount.Equal(provider.Pledge) && provider.ReservedBytes == 0
	if closing && provider.Jailed(sdk.UnwrapSDKContext(ctx).BlockTime()) {
		// Whoever closes and registers anew would be out of jail.
		return nil, errorsmod.Wrapf(types.ErrJailed, "until %s, and cannot close before", provider.JailedUntil)
	}
	rest := provider.Pledge.Sub(msg.Amount)
	keep := sdkmath.MaxInt(params.MinPledge, provider.CommittedPledge)
	if !closing && rest.LT(keep) {
		return nil, errorsmod.Wrapf(types.ErrPledge, "of %s%s at least %s must stay while %d bytes are reserved",
			provider.Pledge, params.Denom, keep, provider.ReservedBytes)
	}
	address, err := k.address(msg.Provider)
	if err != nil {
		return nil, err
	}
	if err := k.bank.SendCoinsFromModuleToAccount(ctx, types.PledgeAccount, address, coins(params, msg.Amount)); err != nil {
		return nil, fmt.Errorf("failed to return pledge: %w", err)
	}
	if closing {
		return &types.MsgWithdrawPledgeResponse{}, k.closeProvider(ctx, provider)
	}
	provider.Pledge = rest
	if err := k.setProvider(ctx, params, provider); err != nil {
		return nil, err
	}
	return &types.MsgWithdrawPledgeResponse{}, emit(ctx, &types.EventProviderUpdated{Provider: msg.Provider})
}

func (k *Keeper) takePledge(ctx context.Context, params types.Params, from sdk.AccAddress, amount sdkmath.Int) error {
	if has := k.bank.GetBalance(ctx, from, params.Denom).Amount; has.LT(amount) {
		return errorsmod.Wrapf(types.ErrFunds, "the pledge takes %s%s and %s has %s%s", amount, params.Denom, from, has, params.Denom)
	}
	if err := k.bank.SendCoinsFromAccountToModule(ctx, from, types.PledgeAccount, coins(params, amount)); err != nil {
		return errorsmod.Wrapf(types.ErrFunds, "failed to take pledge of %s%s: %s", amount, params.Denom, err)
	}
	return nil
}

func validateOffer(ask types.Ask, endpoint types.Endpoint, region string) error {
	if err := ask.Validate(); err != nil {
		return err
	}
	if err := endpoint.Validate(1); err != nil {
		return err
	}
	return types.ValidateRegion(region)
}
