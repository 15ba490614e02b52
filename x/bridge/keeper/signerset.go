package keeper

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"cosmossdk.io/collections"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// candidates are the validators as signers.
type candidates struct {
	set        wire.SignerSet // nil unless they have more than two thirds of the power
	owners     map[wire.Address]string
	power      uint64 // of those with a key
	totalPower uint64
}

// candidates returns the bonded validators with a key as a signer set, the most powerful if there are too many. Its cost is bounded
// by the number of validators that x/staking allows.
func (k *Keeper) candidates(ctx context.Context) (candidates, error) {
	c := candidates{owners: map[wire.Address]string{}}
	var members []wire.Member
	var failure error
	reduction := k.deps.Staking.PowerReduction(ctx)
	err := k.deps.Staking.IterateBondedValidatorsByPower(ctx, func(_ int64, v stakingtypes.ValidatorI) bool {
		power := v.GetConsensusPower(reduction)
		if power <= 0 {
			return false
		}
		c.totalPower += uint64(power)
		address, err := v.GetConsAddr()
		if err != nil {
			failure = fmt.Errorf("failed to read the consensus address of %s: %w", v.GetOperator(), err)
			return true
		}
		key, err := k.key(ctx, address)
		if errors.Is(err, types.ErrUnknownKey) || len(members) == wire.MaxSigners {
			return false
		}
		if failure = err; err != nil {
			return true
		}
		signer, err := wire.ParseAddress(key.Address)
		if failure = err; err != nil {
			return true
		}
		c.power += uint64(power)
		c.owners[signer] = key.ConsensusAddress
		members = append(members, wire.Member{Address: signer, Power: uint64(power)})
		return false
	})
	if err = errors.Join(err, failure); err != nil {
		return candidates{}, fmt.Errorf("failed to read the validators: %w", err)
	}
	if c.totalPower > wire.MaxTotalPower || 3*c.power <= 2*c.totalPower {
		return c, nil
	}
	if c.set, err = wire.NewSignerSet(members); err != nil {
		return candidates{}, fmt.Errorf("failed to make the signer set: %w", err)
	}
	return c, nil
}

// endsEpoch tells whether the set next is to sign instead of old, that of an epoch of some age.
func endsEpoch(params types.Params, age time.Duration, old, next wire.SignerSet) bool {
	moved, of := movedPower(old, next)
	if moved.Sign() == 0 || age < params.MinEpoch {
		return false
	}
	if age >= params.MaxEpoch {
		return true
	}
	threshold := new(big.Int).Mul(of, big.NewInt(int64(params.RotationBps)))
	return moved.Mul(moved, big.NewInt(10_000)).Cmp(threshold) >= 0
}

// movedPower returns by how much of the whole two sets differ, a member's share of the power in one being compared with that in the
// other.
func movedPower(old, next wire.SignerSet) (moved, of *big.Int) {
	oldTotal, nextTotal := new(big.Int).SetUint64(old.TotalPower()), new(big.Int).SetUint64(next.TotalPower())
	before := make(map[wire.Address]uint64, len(old))
	for _, m := range old {
		before[m.Address] = m.Power
	}
	moved = new(big.Int)
	for _, m := range next { // what was gained is what others have lost
		gained := new(big.Int).Mul(new(big.Int).SetUint64(m.Power), oldTotal)
		gained.Sub(gained, new(big.Int).Mul(new(big.Int).SetUint64(before[m.Address]), nextTotal))
		if gained.Sign() > 0 {
			moved.Add(moved, gained)
		}
	}
	return moved, new(big.Int).Mul(oldTotal, nextTotal)
}

// Epoch returns a signer epoch, the newest for 0. It fails with ErrUnknownEpoch.
func (k *Keeper) Epoch(ctx context.Context, epoch uint64) (types.SignerEpoch, error) {
	if epoch == 0 {
		var err error
		if epoch, err = number(ctx, k.epoch); err != nil {
			return types.SignerEpoch{}, err
		}
	}
	found, err := k.epochs.Get(ctx, epoch)
	if errors.Is(err, collections.ErrNotFound) {
		return types.SignerEpoch{}, types.ErrUnknownEpoch.Wrapf("%d", epoch)
	}
	if err != nil {
		return types.SignerEpoch{}, fmt.Errorf("failed to read epoch %d: %w", epoch, err)
	}
	return found, nil
}

func (k *Keeper) setEpoch(ctx context.Context, e types.SignerEpoch) error {
	if err := k.epochs.Set(ctx, e.Epoch, e); err != nil {
		return fmt.Errorf("failed to write epoch %d: %w", e.Epoch, err)
	}
	return nil
}
