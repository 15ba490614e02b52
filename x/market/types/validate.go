package types

import (
	"time"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/x/internal/cidtext"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// CommitmentSize is the length of comm_d in bytes.
const CommitmentSize = 32

// Validate fails with ErrInvalidAsk when a number is missing, negative or absurd.
func (a Ask) Validate() error {
	if a.PricePerGibHour.IsNil() || a.PricePerGibHour.IsNegative() || a.PricePerGibHour.GT(MaxAmount) {
		return errorsmod.Wrapf(ErrInvalidAsk, "price_per_gib_hour %s is not in 0..%s", a.PricePerGibHour, MaxAmount)
	}
	if a.CapacityBytes == 0 || a.CapacityBytes > MaxBytes {
		return errorsmod.Wrapf(ErrInvalidAsk, "capacity_bytes %d is not in 1..%d", a.CapacityBytes, uint64(MaxBytes))
	}
	if a.MaxDealBytes > MaxBytes {
		return errorsmod.Wrapf(ErrInvalidAsk, "max_deal_bytes %d is more than %d", a.MaxDealBytes, uint64(MaxBytes))
	}
	if a.MaxDuration < 0 {
		return errorsmod.Wrapf(ErrInvalidAsk, "max_duration %s is negative", a.MaxDuration)
	}
	return nil
}

// Accepts tells whether the ask alone allows a deal of the given size, duration and highest price.
func (a Ask) Accepts(sizeBytes uint64, duration time.Duration, maxPricePerGiBHour sdkmath.Int) bool {
	return a.PricePerGibHour.LTE(maxPricePerGiBHour) &&
		(a.MaxDealBytes == 0 || sizeBytes <= a.MaxDealBytes) &&
		(a.MaxDuration == 0 || duration <= a.MaxDuration)
}

// Takes tells whether the ask is for replicas of a class.
func (a Ask) Takes(class poreptypes.Class) bool { return class == poreptypes.CLASS_OPEN || !a.OpenOnly }

// ValidateAmount fails with ErrInvalidAmount unless amount is positive and not absurd.
func ValidateAmount(name string, amount sdkmath.Int) error {
	if amount.IsNil() || !amount.IsPositive() || amount.GT(MaxAmount) {
		return errorsmod.Wrapf(ErrInvalidAmount, "%s %s is not in 1..%s", name, amount, MaxAmount)
	}
	return nil
}

// Total is the number of replicas of all classes.
func (r Replicas) Total() uint64 { return uint64(r.Open) + uint64(r.Sealed) }

// ValidateTerms fails with ErrInvalidDeal unless size, replicas and duration of a deal are within the parameters.
func ValidateTerms(params Params, sizeBytes uint64, replicas Replicas, duration time.Duration) error {
	switch {
	case sizeBytes < params.MinDealBytes || sizeBytes > params.MaxDealBytes:
		return errorsmod.Wrapf(ErrInvalidDeal, "size of %d bytes is not in %d..%d", sizeBytes, params.MinDealBytes, params.MaxDealBytes)
	case duration < params.MinDuration || duration > params.MaxDuration:
		return errorsmod.Wrapf(ErrInvalidDeal, "duration %s is not in %s..%s", duration, params.MinDuration, params.MaxDuration)
	case replicas.Total() == 0 || replicas.Total() > uint64(params.MaxReplicas):
		return errorsmod.Wrapf(ErrInvalidDeal, "%d replicas are not in 1..%d", replicas.Total(), params.MaxReplicas)
	}
	return nil
}

// ValidateContent fails with ErrInvalidDeal unless the identifiers and the commitment of a deal are well formed.
func ValidateContent(root, manifest, layout string, commD []byte) error {
	if err := cidtext.Check(root, cidtext.Raw, cidtext.DagPB); err != nil {
		return errorsmod.Wrapf(ErrInvalidDeal, "root: %s", err)
	}
	if err := cidtext.Check(manifest, cidtext.DagCBOR); err != nil {
		return errorsmod.Wrapf(ErrInvalidDeal, "manifest: %s", err)
	}
	if err := cidtext.Check(layout, cidtext.DagCBOR); err != nil {
		return errorsmod.Wrapf(ErrInvalidDeal, "layout: %s", err)
	}
	if len(commD) != CommitmentSize {
		return errorsmod.Wrapf(ErrInvalidDeal, "comm_d has %d bytes, want %d", len(commD), CommitmentSize)
	}
	return nil
}

// Validate checks the order of a deal against the parameters, without looking at state. It fails with ErrInvalidDeal,
// ErrInvalidEndpoint or ErrInvalidAmount.
func (m MsgCreateDeal) Validate(params Params) error {
	if err := ValidateContent(m.Root, m.Manifest, m.Layout, m.CommD); err != nil {
		return err
	}
	if err := ValidateTerms(params, m.SizeBytes, m.Replicas, m.Duration); err != nil {
		return err
	}
	if err := ValidateAmount("max_price_per_gib_hour", m.MaxPricePerGibHour); err != nil {
		return err
	}
	return m.Source.Validate(0)
}

// Running tells whether the deal's replicas are still sought and kept.
func (d Deal) Running() bool {
	return d.Status == DEAL_STATUS_PENDING || d.Status == DEAL_STATUS_ACTIVE
}

// Started tells whether a replica has been active, so that the deal's duration runs.
func (d Deal) Started() bool { return d.EndsAt != nil }

// Final tells whether nothing more happens to the deal.
func (d Deal) Final() bool {
	return d.Status == DEAL_STATUS_ENDED || d.Status == DEAL_STATUS_CANCELLED || d.Status == DEAL_STATUS_FAILED
}

// Remaining is what is still in escrow, in aipdm.
func (d Deal) Remaining() sdkmath.Int { return d.Deposited.Sub(d.Paid).Sub(d.Refunded) }

// Held tells whether the replica's provider proves it, or should.
func (r Replica) Held() bool {
	return r.Status == REPLICA_STATUS_ACTIVE || r.Status == REPLICA_STATUS_FAULTY
}

// Reserving tells whether the replica takes up its provider's space.
func (r Replica) Reserving() bool {
	return r.Held() || r.Status == REPLICA_STATUS_ASSIGNED || r.Status == REPLICA_STATUS_SEALING
}

// ClassOf is the class of the replica with the given index: the open ones come first.
func (r Replicas) ClassOf(index uint32) poreptypes.Class {
	if index < r.Open {
		return poreptypes.CLASS_OPEN
	}
	return poreptypes.CLASS_SEALED
}
