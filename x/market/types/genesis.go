package types

import (
	"errors"
	"fmt"

	errorsmod "cosmossdk.io/errors"
	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// DefaultGenesis is a state without providers and deals.
func DefaultGenesis() *GenesisState {
	return &GenesisState{Params: DefaultParams(), NextDealId: 1}
}

type replicaID struct {
	dealID uint64
	index  uint32
}

// Validate fails with ErrInvalidGenesis or ErrInvalidParams unless providers, deals and replicas are well formed and
// agree with each other.
func (gs GenesisState) Validate() error {
	if err := gs.Params.Validate(); err != nil {
		return err
	}
	if err := gs.validate(); err != nil {
		return errorsmod.Wrap(ErrInvalidGenesis, err.Error())
	}
	return nil
}

func (gs GenesisState) validate() error {
	if gs.NextDealId == 0 {
		return errors.New("deals are numbered from 1")
	}
	providers := make(map[string]bool, len(gs.Providers))
	slots := make(map[uint64]bool, len(gs.Providers))
	for _, provider := range gs.Providers {
		if err := provider.validate(); err != nil {
			return fmt.Errorf("provider %.80q: %w", provider.Address, err)
		}
		if providers[provider.Address] || slots[provider.Slot] {
			return fmt.Errorf("provider %s or its slot %d occurs twice", provider.Address, provider.Slot)
		}
		if provider.Slot >= MaxProviders {
			return fmt.Errorf("slot %d of provider %s is not below %d", provider.Slot, provider.Address, MaxProviders)
		}
		providers[provider.Address], slots[provider.Slot] = true, true
	}
	deals := make(map[uint64]Deal, len(gs.Deals))
	for _, deal := range gs.Deals {
		if err := deal.validate(gs.NextDealId); err != nil {
			return fmt.Errorf("deal %d: %w", deal.Id, err)
		}
		if _, found := deals[deal.Id]; found {
			return fmt.Errorf("deal %d occurs twice", deal.Id)
		}
		deals[deal.Id] = deal
	}
	reserved := make(map[string]uint64, len(gs.Providers))
	committed := make(map[string]sdkmath.Int, len(gs.Providers))
	for _, provider := range gs.Providers {
		committed[provider.Address] = sdkmath.ZeroInt()
	}
	seen := make(map[replicaID]bool, len(gs.Replicas))
	counts := make(map[uint64]uint64, len(gs.Deals))
	for _, replica := range gs.Replicas {
		id := replicaID{replica.DealId, replica.Index}
		deal, found := deals[replica.DealId]
		if !found || seen[id] || uint64(replica.Index) >= deal.Replicas.Total() {
			return fmt.Errorf("replica %d of deal %d occurs twice or has no place", replica.Index, replica.DealId)
		}
		if err := replica.validate(providers); err != nil {
			return fmt.Errorf("replica %d of deal %d: %w", replica.Index, replica.DealId, err)
		}
		if replica.Class != deal.Replicas.ClassOf(replica.Index) {
			return fmt.Errorf("replica %d of deal %d is of class %s", replica.Index, replica.DealId, replica.Class)
		}
		seen[id] = true
		counts[replica.DealId]++
		if replica.Reserving() {
			reserved[replica.Provider] += deal.SizeBytes
			committed[replica.Provider] = committed[replica.Provider].Add(replica.Pledge)
		}
	}
	for _, deal := range gs.Deals {
		if counts[deal.Id] != deal.Replicas.Total() {
			return fmt.Errorf("deal %d has %d replicas, want %d", deal.Id, counts[deal.Id], deal.Replicas.Total())
		}
	}
	for _, provider := range gs.Providers {
		if reserved[provider.Address] != provider.ReservedBytes {
			return fmt.Errorf("provider %s has %d bytes reserved, want %d", provider.Address, provider.ReservedBytes, reserved[provider.Address])
		}
		if !committed[provider.Address].Equal(provider.CommittedPledge) {
			return fmt.Errorf("provider %s has %s of pledge committed, want %s", provider.Address, provider.CommittedPledge, committed[provider.Address])
		}
	}
	return gs.validateDue(seen)
}

func (gs GenesisState) validateDue(replicas map[replicaID]bool) error {
	for _, due := range gs.Due {
		if due.At.UnixNano() < 0 {
			return fmt.Errorf("%s is due before 1970", due.Kind)
		}
		switch due.Kind {
		case DUE_KIND_ASSIGN, DUE_KIND_LAPSE, DUE_KIND_END, DUE_KIND_RECONCILE:
			if !replicas[replicaID{due.DealId, due.Index}] {
				return fmt.Errorf("%s is due for replica %d of deal %d, which does not exist", due.Kind, due.Index, due.DealId)
			}
		case DUE_KIND_REWEIGH:
		default:
			return fmt.Errorf("due item of unknown kind %s", due.Kind)
		}
	}
	return nil
}

func (p Provider) validate() error {
	if _, err := sdk.AccAddressFromBech32(p.Address); err != nil {
		return fmt.Errorf("failed to read address: %w", err)
	}
	if err := p.Ask.Validate(); err != nil {
		return err
	}
	if err := p.Endpoint.Validate(1); err != nil {
		return err
	}
	if err := ValidateRegion(p.Region); err != nil {
		return err
	}
	return notNegative(p.Pledge, p.Earned, p.Slashed, p.CommittedPledge, p.AccruingOpen, p.AccruingSealed)
}

func (d Deal) validate(nextID uint64) error {
	if d.Id == 0 || d.Id >= nextID {
		return fmt.Errorf("id is not in 1..%d", nextID-1)
	}
	if _, err := sdk.AccAddressFromBech32(d.Client); err != nil {
		return fmt.Errorf("failed to read client: %w", err)
	}
	if err := ValidateContent(d.Root, d.Manifest, d.Layout, d.CommD); err != nil {
		return err
	}
	if err := ValidateAmount("max_price_per_gib_hour", d.MaxPricePerGibHour); err != nil {
		return err
	}
	if err := notNegative(d.Deposited, d.Paid, d.Refunded); err != nil {
		return err
	}
	rest := d.Remaining()
	switch {
	case d.SizeBytes == 0 || d.SizeBytes > MaxBytes || d.Duration <= 0:
		return fmt.Errorf("size %d or duration %s is out of bounds", d.SizeBytes, d.Duration)
	case d.Replicas.Total() == 0 || d.Replicas.Total() > maxReplicas:
		return fmt.Errorf("%d replicas are not in 1..%d", d.Replicas.Total(), maxReplicas)
	case rest.IsNegative() || (d.Final() && !rest.IsZero()):
		return fmt.Errorf("%s of %s is in escrow", rest, d.Deposited)
	case !d.Running() && !d.Final() && d.Status != DEAL_STATUS_CLOSING:
		return fmt.Errorf("status %s is unknown", d.Status)
	case (d.ActivatedAt == nil) != (d.EndsAt == nil) || (d.Status == DEAL_STATUS_ACTIVE && d.EndsAt == nil):
		return errors.New("it has only one of beginning and end")
	}
	return nil
}

func (r Replica) validate(providers map[string]bool) error {
	if _, known := ReplicaStatus_name[int32(r.Status)]; !known || r.Status == REPLICA_STATUS_UNSPECIFIED {
		return fmt.Errorf("status %s is unknown", r.Status)
	}
	switch {
	case r.Reserving() && !providers[r.Provider]:
		return fmt.Errorf("provider %.80q is not registered", r.Provider)
	case r.Status == REPLICA_STATUS_ASSIGNED && (len(r.Seed) != CommitmentSize || r.Deadline == nil):
		return errors.New("it is assigned without seed or deadline")
	case r.Status == REPLICA_STATUS_SEALING && r.Class != poreptypes.CLASS_SEALED:
		return errors.New("it is open and being sealed")
	case r.Class == poreptypes.CLASS_SEALED && r.SectorId == 0 && (r.Held() || r.Status == REPLICA_STATUS_SEALING):
		return errors.New("it is sealed in no sector")
	case r.Accruing && !r.Held():
		return errors.New("it earns without being held")
	case r.Status == REPLICA_STATUS_UNASSIGNED && r.Deadline == nil:
		return errors.New("it is sought without deadline")
	case r.Held() && (r.UnitId == 0 || r.ActivatedAt == nil):
		return errors.New("it is held without unit or time of activation")
	}
	return notNegative(r.Budget, r.PricePerGibHour, r.Pledge)
}

func notNegative(amounts ...sdkmath.Int) error {
	for _, amount := range amounts {
		if amount.IsNil() || amount.IsNegative() {
			return fmt.Errorf("amount %s is missing or negative", amount)
		}
	}
	return nil
}
