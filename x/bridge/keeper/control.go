package keeper

import (
	"context"
	"errors"
	"fmt"

	"github.com/holiman/uint256"

	"cosmossdk.io/collections"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func (m msgServer) onlyAuthority(sender string) error {
	if sender != m.authority {
		return types.ErrUnauthorized.Wrapf("%s, want %s", sender, m.authority)
	}
	return nil
}

// decree sends a control message without a timeout: what governance decides is carried out whenever it arrives.
func (m msgServer) decree(ctx sdk.Context, d types.Domain, control wire.Control) (uint64, error) {
	payload, err := control.Encode()
	if err != nil {
		return 0, err
	}
	return m.post(ctx, letter{kind: wire.KindControl, to: d, payload: payload})
}

// SetDomain makes another chain known, or changes what is said about it.
func (m msgServer) SetDomain(ctx context.Context, msg *types.MsgSetDomain) (*types.MsgSetDomainResponse, error) {
	if err := m.onlyAuthority(msg.Authority); err != nil {
		return nil, err
	}
	return &types.MsgSetDomainResponse{}, m.configureDomain(sdk.UnwrapSDKContext(ctx), msg.Config)
}

// RegisterAsset lets an asset be sent to a chain.
func (m msgServer) RegisterAsset(goCtx context.Context, msg *types.MsgRegisterAsset) (*types.MsgRegisterAssetResponse, error) {
	if err := m.onlyAuthority(msg.Authority); err != nil {
		return nil, err
	}
	ctx := sdk.UnwrapSDKContext(goCtx)
	d, err := m.Domain(ctx, msg.Domain)
	if err != nil {
		return nil, err
	}
	asset, control, err := m.describe(ctx, msg, d)
	if err != nil {
		return nil, err
	}
	if _, err := m.lane(ctx, asset.ID(), d); !errors.Is(err, types.ErrUnknownAsset) {
		if err == nil {
			err = types.ErrInvalidAsset.Wrapf("%s is registered for %s already", asset.Denom, d.Config.Label())
		}
		return nil, err
	}
	if err := m.setAsset(ctx, asset); err != nil {
		return nil, err
	}
	if err := m.setLane(ctx, lane{Lane: types.NewLane(asset.ID(), msg.Domain), asset: asset, domain: d}); err != nil {
		return nil, err
	}
	if asset.Origin == msg.Domain {
		m.deps.Bank.SetDenomMetaData(ctx, metadata(asset, d))
	}
	nonce, err := m.decree(ctx, d, control)
	if err != nil {
		return nil, err
	}
	return &types.MsgRegisterAssetResponse{Denom: asset.Denom, Nonce: nonce}, nil
}

// describe returns the asset that a message registers, and what tells the gateway of it.
func (m msgServer) describe(ctx context.Context, msg *types.MsgRegisterAsset, d types.Domain) (types.Asset, wire.Control, error) {
	asset := types.Asset{Symbol: msg.Symbol, Decimals: msg.Decimals}
	control := wire.Control{Operation: wire.RegisterMinted, Decimals: uint8(msg.Decimals), Symbol: msg.Symbol}
	switch {
	case (msg.Denom == "") == (msg.Token == ""):
		return asset, control, types.ErrInvalidAsset.Wrap("either a denom of IPDM or a token of the other chain is registered")
	case msg.Token != "":
		token, err := d.Config.Form.Parse(msg.Token)
		if err != nil {
			return asset, control, err
		}
		id := wire.AssetID(wire.Domain(msg.Domain), token)
		asset.Asset, asset.Origin, asset.Token, asset.Denom = id[:], msg.Domain, d.Config.Form.Format(token), types.DenomOf(id)
		control = wire.Control{Operation: wire.RegisterLocked, Asset: id, Token: token}
	default:
		known, err := m.denoms.Get(ctx, msg.Denom)
		if err != nil && !errors.Is(err, collections.ErrNotFound) {
			return asset, control, fmt.Errorf("failed to look up the asset %q: %w", msg.Denom, err)
		}
		if err == nil { // what it is was said when it was registered for another chain
			if asset, err = m.assets.Get(ctx, known); err != nil {
				return asset, control, fmt.Errorf("failed to read the asset %q: %w", msg.Denom, err)
			}
			if asset.Symbol != msg.Symbol || asset.Decimals != msg.Decimals {
				return asset, control, types.ErrInvalidAsset.Wrapf("%s is known as %s with %d decimals", msg.Denom, asset.Symbol, asset.Decimals)
			}
		} else {
			id := wire.AssetID(0, wire.DenomToken(msg.Denom))
			asset.Asset, asset.Token, asset.Denom = id[:], msg.Denom, msg.Denom
		}
		control.Asset = asset.ID()
	}
	return asset, control, asset.Validate()
}

// metadata tells wallets how to show what comes from another chain.
func metadata(a types.Asset, d types.Domain) banktypes.Metadata {
	m := banktypes.Metadata{
		Description: fmt.Sprintf("%s of %s, %s", a.Symbol, d.Config.Name, a.Token), Base: a.Denom, Display: a.Denom,
		Name: a.Symbol + " of " + d.Config.Name, Symbol: a.Symbol, DenomUnits: []*banktypes.DenomUnit{{Denom: a.Denom}},
	}
	if a.Decimals > 0 {
		m.Display = "bridged/" + d.Config.Name + "/" + a.Symbol
		m.DenomUnits = append(m.DenomUnits, &banktypes.DenomUnit{Denom: m.Display, Exponent: a.Decimals})
	}
	return m
}

// SetLimits sets the limits of both sides of a lane.
func (m msgServer) SetLimits(goCtx context.Context, msg *types.MsgSetLimits) (*types.MsgSetLimitsResponse, error) {
	if err := m.onlyAuthority(msg.Authority); err != nil {
		return nil, err
	}
	ctx := sdk.UnwrapSDKContext(goCtx)
	d, err := m.Domain(ctx, msg.Domain)
	if err != nil {
		return nil, err
	}
	l, err := m.laneOf(ctx, msg.Denom, d)
	if err != nil {
		return nil, err
	}
	if msg.WindowSeconds == 0 {
		return nil, types.ErrInvalidLimit.Wrap("a window has at least a second")
	}
	if unit := l.asset.Unit(d.Config); msg.There.IsNil() || !msg.There.Mod(unit).IsZero() {
		return nil, types.ErrInvalidLimit.Wrapf("on %s amounts are multiples of %s%s", d.Config.Name, unit, msg.Denom)
	}
	for _, limit := range []struct {
		of       *types.Limit
		capacity sdkmath.Int
	}{{&l.There, msg.There}, {&l.Here, msg.Here}} {
		checked := types.NewLimit()
		checked.Capacity = limit.capacity
		if err := checked.Validate(); err != nil {
			return nil, err
		}
		limit.of.Set(ctx.BlockTime(), limit.capacity, msg.WindowSeconds)
	}
	if err := m.setLane(ctx, l); err != nil {
		return nil, err
	}
	capacity, _ := uint256.FromBig(msg.There.BigInt()) // it has less than 128 bits
	nonce, err := m.decree(ctx, d, wire.Control{Operation: wire.SetLimit, Asset: l.asset.ID(), Limit: capacity, WindowSeconds: msg.WindowSeconds})
	if err != nil {
		return nil, err
	}
	return &types.MsgSetLimitsResponse{Nonce: nonce}, nil
}

// SetGuardian names who may pause on another chain.
func (m msgServer) SetGuardian(goCtx context.Context, msg *types.MsgSetGuardian) (*types.MsgSetGuardianResponse, error) {
	if err := m.onlyAuthority(msg.Authority); err != nil {
		return nil, err
	}
	ctx := sdk.UnwrapSDKContext(goCtx)
	d, err := m.Domain(ctx, msg.Domain)
	if err != nil {
		return nil, err
	}
	control := wire.Control{Operation: wire.SetGuardian}
	if msg.Guardian != "" {
		if control.Guardian, err = d.Config.Form.Parse(msg.Guardian); err != nil {
			return nil, err
		}
	}
	nonce, err := m.decree(ctx, d, control)
	if err != nil {
		return nil, err
	}
	return &types.MsgSetGuardianResponse{Nonce: nonce}, nil
}

// EndPause ends a pause before its time.
func (m msgServer) EndPause(goCtx context.Context, msg *types.MsgEndPause) (*types.MsgEndPauseResponse, error) {
	if err := m.onlyAuthority(msg.Authority); err != nil {
		return nil, err
	}
	ctx := sdk.UnwrapSDKContext(goCtx)
	if msg.Domain == 0 {
		pause, err := m.Keeper.Pause(ctx)
		if err != nil {
			return nil, err
		}
		pause.UntilUnixMilli = min(pause.UntilUnixMilli, ctx.BlockTime().UnixMilli())
		if err := m.setPause(ctx, pause); err != nil {
			return nil, err
		}
		return &types.MsgEndPauseResponse{}, emit(ctx, &types.EventPauseEnded{})
	}
	d, err := m.Domain(ctx, msg.Domain)
	if err != nil {
		return nil, err
	}
	params, err := m.Params(ctx)
	if err != nil {
		return nil, err
	}
	payload, err := wire.Control{Operation: wire.Unpause}.Encode()
	if err != nil {
		return nil, err
	}
	// In time, or not at all: late it would end another pause.
	timeout := uint64(ctx.BlockTime().Add(params.MessageTimeout).UnixMilli())
	_, err = m.post(ctx, letter{kind: wire.KindControl, to: d, timeoutMillis: timeout, payload: payload})
	return &types.MsgEndPauseResponse{}, err
}

// SkipEvents goes on behind events that nobody can attest or hand in any more.
func (m msgServer) SkipEvents(goCtx context.Context, msg *types.MsgSkipEvents) (*types.MsgSkipEventsResponse, error) {
	if err := m.onlyAuthority(msg.Authority); err != nil {
		return nil, err
	}
	ctx := sdk.UnwrapSDKContext(goCtx)
	d, err := m.Domain(ctx, msg.Domain)
	if err != nil {
		return nil, err
	}
	if msg.NextNonce <= d.TakenEvents || msg.NextNonce < d.AttestedEvents {
		return nil, types.ErrInvalidEvent.Wrapf("%d events of %s are attested, %d handed in: those behind can be skipped", d.AttestedEvents, d.Config.Label(), d.TakenEvents)
	}
	if err := m.ranges.Clear(ctx, collections.NewPrefixedPairRange[uint32, uint64](msg.Domain)); err != nil {
		return nil, fmt.Errorf("failed to remove the ranges of domain %d: %w", msg.Domain, err)
	}
	if err := m.clearBallots(ctx, msg.Domain); err != nil {
		return nil, err
	}
	first := d.TakenEvents
	d.TakenEvents, d.AttestedEvents, d.ConflictSinceUnixMilli = msg.NextNonce, msg.NextNonce, 0
	if err := m.setDomain(ctx, d); err != nil {
		return nil, err
	}
	return &types.MsgSkipEventsResponse{Skipped: msg.NextNonce - first},
		emit(ctx, &types.EventEventsSkipped{Domain: msg.Domain, FirstNonce: first, NextNonce: msg.NextNonce})
}
