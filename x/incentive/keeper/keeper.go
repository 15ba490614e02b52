package keeper

import (
	"context"
	"errors"
	"fmt"

	"cosmossdk.io/collections"
	"cosmossdk.io/core/address"
	"cosmossdk.io/core/store"
	sdkmath "cosmossdk.io/math"
	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/incentive/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

var _ poreptypes.Rewards = (*Keeper)(nil)

// Keeper mints the emission and keeps it until it is earned and claimed. It is used by one block at a time, like every keeper.
type Keeper struct {
	addresses address.Codec
	accounts  types.AccountKeeper
	bank      types.BankKeeper
	pool      types.CommunityPool
	authority string
	// feeCollector is the module account that the stakers' share goes to.
	feeCollector string

	schema    collections.Schema
	params    collections.Item[types.Params]
	totals    collections.Item[types.Totals]
	emission  collections.Item[types.Emission]
	providers collections.Map[sdk.AccAddress, types.Account]
}

// New returns a keeper over the given store. Only authority, an address in text, may change the parameters. It fails when authority is
// no address or the module has no account.
func New(
	cdc codec.BinaryCodec, service store.KVStoreService, accounts types.AccountKeeper, bank types.BankKeeper, pool types.CommunityPool,
	feeCollector, authority string,
) (*Keeper, error) {
	addresses := accounts.AddressCodec()
	if _, err := addresses.StringToBytes(authority); err != nil {
		return nil, fmt.Errorf("failed to read the authority of x/%s: %w", types.ModuleName, err)
	}
	if accounts.GetModuleAddress(types.ModuleName) == nil {
		return nil, fmt.Errorf("failed to find module account %s", types.ModuleName)
	}
	sb := collections.NewSchemaBuilder(service)
	k := &Keeper{
		addresses: addresses, accounts: accounts, bank: bank, pool: pool, authority: authority, feeCollector: feeCollector,
		params:    collections.NewItem(sb, types.ParamsKey, "params", codec.CollValue[types.Params](cdc)),
		totals:    collections.NewItem(sb, types.TotalsKey, "totals", codec.CollValue[types.Totals](cdc)),
		emission:  collections.NewItem(sb, types.EmissionKey, "emission", codec.CollValue[types.Emission](cdc)),
		providers: collections.NewMap(sb, types.AccountsKey, "accounts", sdk.AccAddressKey, codec.CollValue[types.Account](cdc)),
	}
	var err error
	if k.schema, err = sb.Build(); err != nil {
		return nil, fmt.Errorf("failed to build the schema of x/%s: %w", types.ModuleName, err)
	}
	return k, nil
}

// Schema describes the module's collections.
func (k *Keeper) Schema() collections.Schema { return k.schema }

// Authority is the address that may change the parameters.
func (k *Keeper) Authority() string { return k.authority }

// Params returns the parameters.
func (k *Keeper) Params(ctx context.Context) (types.Params, error) {
	params, err := k.params.Get(ctx)
	if err != nil {
		return types.Params{}, fmt.Errorf("failed to read the parameters: %w", err)
	}
	return params, nil
}

// Totals returns what has happened to the supply so far.
func (k *Keeper) Totals(ctx context.Context) (types.Totals, error) {
	totals, err := k.totals.Get(ctx)
	if err != nil {
		return types.Totals{}, fmt.Errorf("failed to read the totals: %w", err)
	}
	return totals, nil
}

func (k *Keeper) setTotals(ctx context.Context, totals types.Totals) error {
	if err := k.totals.Set(ctx, totals); err != nil {
		return fmt.Errorf("failed to write the totals: %w", err)
	}
	return nil
}

// Emission returns the state of the reward index.
func (k *Keeper) Emission(ctx context.Context) (types.Emission, error) {
	emission, err := k.emission.Get(ctx)
	if err != nil {
		return types.Emission{}, fmt.Errorf("failed to read the emission: %w", err)
	}
	return emission, nil
}

func (k *Keeper) setEmission(ctx context.Context, emission types.Emission) error {
	if err := k.emission.Set(ctx, emission); err != nil {
		return fmt.Errorf("failed to write the emission: %w", err)
	}
	return nil
}

// Account returns what a provider has gathered as of the last change of its account. It fails with ErrNoAccount.
func (k *Keeper) Account(ctx context.Context, provider string) (types.Account, error) {
	address, err := k.address(provider)
	if err != nil {
		return types.Account{}, err
	}
	account, err := k.providers.Get(ctx, address)
	if errors.Is(err, collections.ErrNotFound) {
		return types.Account{}, types.ErrNoAccount.Wrap(provider)
	}
	if err != nil {
		return types.Account{}, fmt.Errorf("failed to read the account of %s: %w", provider, err)
	}
	return account, nil
}

func (k *Keeper) setAccount(ctx context.Context, account types.Account) error {
	address, err := k.address(account.Provider)
	if err != nil {
		return err
	}
	if err := k.providers.Set(ctx, address, account); err != nil {
		return fmt.Errorf("failed to write the account of %s: %w", account.Provider, err)
	}
	return nil
}

func (k *Keeper) address(text string) (sdk.AccAddress, error) {
	address, err := k.addresses.StringToBytes(text)
	if err != nil {
		return nil, fmt.Errorf("failed to read address %q: %w", text, err)
	}
	return address, nil
}

func coins(params types.Params, amount sdkmath.Int) sdk.Coins {
	return sdk.NewCoins(sdk.NewCoin(params.Denom, amount))
}

func emit(ctx context.Context, event sdk.Msg) error {
	if err := sdk.UnwrapSDKContext(ctx).EventManager().EmitTypedEvent(event); err != nil {
		return fmt.Errorf("failed to emit an event: %w", err)
	}
	return nil
}
