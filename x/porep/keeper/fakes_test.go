package keeper_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	sdkmath "cosmossdk.io/math"
	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

var errFake = errors.New("the other module says no")

// beacon gives another value in each block, or fails.
type beacon struct{ err error }

func (b *beacon) Latest(ctx context.Context) ([32]byte, error) {
	return b.of(sdk.UnwrapSDKContext(ctx).BlockHeight()), b.err
}

// At knows the value of every block that has come, this one included.
func (b *beacon) At(ctx context.Context, height int64) ([32]byte, error) {
	if b.err != nil || height < 1 || height > sdk.UnwrapSDKContext(ctx).BlockHeight() {
		return [32]byte{}, errors.Join(b.err, fmt.Errorf("no randomness of block %d", height))
	}
	return b.of(height), nil
}

func (*beacon) of(height int64) [32]byte { return sha256.Sum256(fmt.Appendf(nil, "block %d", height)) }

// bank keeps balances in one denomination, in the store of the module, so that they are undone with a transaction.
type bank struct {
	key storetypes.StoreKey
	// refuses names an account that cannot be paid.
	refuses string
}

func moduleAddress(name string) sdk.AccAddress {
	hash := sha256.Sum256([]byte("module " + name))
	return hash[:20]
}

func balanceKey(address sdk.AccAddress) []byte { return append([]byte{0xfa}, address...) }

func (b *bank) of(ctx context.Context, address sdk.AccAddress) sdkmath.Int {
	amount := sdkmath.ZeroInt()
	if raw := sdk.UnwrapSDKContext(ctx).KVStore(b.key).Get(balanceKey(address)); raw != nil {
		if err := amount.Unmarshal(raw); err != nil {
			panic(err)
		}
	}
	return amount
}

func (b *bank) set(ctx context.Context, address sdk.AccAddress, amount sdkmath.Int) {
	raw, err := amount.Marshal()
	if err != nil {
		panic(err)
	}
	sdk.UnwrapSDKContext(ctx).KVStore(b.key).Set(balanceKey(address), raw)
}

func (b *bank) move(ctx context.Context, from, to sdk.AccAddress, coins sdk.Coins) error {
	amount := coins.AmountOf("aipdm")
	if b.of(ctx, from).LT(amount) {
		return fmt.Errorf("%s has less than %s", from, amount)
	}
	if string(to) == b.refuses {
		return errFake
	}
	b.set(ctx, from, b.of(ctx, from).Sub(amount))
	b.set(ctx, to, b.of(ctx, to).Add(amount))
	return nil
}

func (b *bank) SendCoinsFromAccountToModule(ctx context.Context, from sdk.AccAddress, to string, amount sdk.Coins) error {
	return b.move(ctx, from, moduleAddress(to), amount)
}

func (b *bank) SendCoinsFromModuleToAccount(ctx context.Context, from string, to sdk.AccAddress, amount sdk.Coins) error {
	return b.move(ctx, moduleAddress(from), to, amount)
}

func (b *bank) GetBalance(ctx context.Context, address sdk.AccAddress, denom string) sdk.Coin {
	return sdk.NewCoin(denom, b.of(ctx, address))
}

// GetModuleAddress makes the bank the source of module addresses too.
func (*bank) GetModuleAddress(name string) sdk.AccAddress { return moduleAddress(name) }

// slash is one distribution of a deposit.
type slash struct {
	amount   sdkmath.Int
	reporter string
}

// rewards writes down what it is told.
type rewards struct {
	bank    *bank
	bytes   map[string]uint64
	windows []string
	slashes []slash
	err     error
}

func (r *rewards) SealedBytesChanged(_ context.Context, provider string, bytes uint64) error {
	if r.err == nil {
		r.bytes[provider] = bytes
	}
	return r.err
}

func (r *rewards) SealedWindowClosed(_ context.Context, provider string, clean bool) (sdkmath.Int, error) {
	r.windows = append(r.windows, fmt.Sprintf("%s %t", provider, clean))
	if clean {
		return sdkmath.ZeroInt(), r.err
	}
	return sdkmath.NewInt(77), r.err
}

func (r *rewards) DistributeSlash(ctx context.Context, module string, amount sdkmath.Int, client, reporter string) error {
	if client != "" {
		return errFake
	}
	coins := sdk.NewCoins(sdk.NewCoin("aipdm", amount))
	if err := r.bank.SendCoinsFromModuleToAccount(ctx, module, moduleAddress("slashed"), coins); err != nil {
		return err
	}
	r.slashes = append(r.slashes, slash{amount, reporter})
	return nil
}

// validators is a set of validators with their power.
type validators struct {
	power    map[string]int64
	punished map[string]int
}

func validator(i int) sdk.ConsAddress {
	hash := sha256.Sum256(fmt.Appendf(nil, "validator %d", i))
	return hash[:20]
}

func operator(validator sdk.ConsAddress) sdk.AccAddress {
	hash := sha256.Sum256(append([]byte("operator"), validator...))
	return hash[:20]
}

func (v *validators) TotalPower(context.Context) (total int64, err error) {
	for _, power := range v.power {
		total += power
	}
	return total, nil
}

func (v *validators) Operator(_ context.Context, address sdk.ConsAddress) (sdk.AccAddress, error) {
	if _, ok := v.power[string(address)]; !ok {
		return nil, errFake
	}
	return operator(address), nil
}

func (v *validators) Punish(_ context.Context, address sdk.ConsAddress, height, power int64, bps uint32) error {
	if bps != 100 || power == 0 || height == 0 {
		return errFake
	}
	v.punished[string(address)]++
	return nil
}

// replica names a replica of a deal.
type replica struct {
	deal  uint64
	index uint32
}

// market assigns replicas to be sealed, and writes down what becomes of them.
type market struct {
	assigned map[replica]assignment
	calls    []string
	// ended are the deals that have ended meanwhile.
	ended map[uint64]bool
	// failing makes it fail when it is told that a sector came to nothing.
	failing bool
}

type assignment struct {
	provider string
	commD    []byte
	size     uint64
}

func (m *market) SealedAssignment(_ context.Context, provider string, deal uint64, index uint32) ([]byte, uint64, error) {
	a, ok := m.assigned[replica{deal, index}]
	if !ok || a.provider != provider {
		return nil, 0, errFake
	}
	return a.commD, a.size, nil
}

func (m *market) SealingStarted(_ context.Context, _ string, deal uint64, index uint32, sector uint64) error {
	m.calls = append(m.calls, fmt.Sprintf("started %d/%d in %d", deal, index, sector))
	return nil
}

func (m *market) SealingFailed(_ context.Context, _ string, deal uint64, index uint32, atFault bool) error {
	if m.failing {
		return errFake
	}
	m.calls = append(m.calls, fmt.Sprintf("failed %d/%d %t", deal, index, atFault))
	return nil
}

func (m *market) ReplicaSealed(_ context.Context, unit types.Unit) error {
	if m.ended[unit.DealId] {
		return errFake
	}
	m.calls = append(m.calls, fmt.Sprintf("sealed %d/%d", unit.DealId, unit.ReplicaIndex))
	return nil
}

func (m *market) JailProvider(context.Context, string) error {
	m.calls = append(m.calls, "jailed")
	return nil
}

// take returns what was told since the last take.
func (m *market) take() []string {
	calls := m.calls
	m.calls = nil
	return calls
}
