package types

import (
	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// validateMessages checks what there is of messages and events: chains and assets exist that others name, ranges are those between what was
// attested and what was handed in, and checkpoints are of the messages.
func (gs GenesisState) validateMessages() error {
	domains, err := gs.validateDomains()
	if err != nil {
		return err
	}
	if err := gs.validateRanges(domains); err != nil {
		return err
	}
	if err := gs.validateAssets(domains); err != nil {
		return err
	}
	if err := gs.validateOutbox(domains); err != nil {
		return err
	}
	return gs.validateArrived(domains)
}

func (gs GenesisState) validateDomains() (map[uint32]Domain, error) {
	known, names := make(map[uint32]Domain, len(gs.Domains)), make(map[string]bool, len(gs.Domains))
	if len(gs.Domains) > MaxDomains {
		return nil, ErrInvalidGenesis.Wrapf("%d domains, want at most %d", len(gs.Domains), MaxDomains)
	}
	for i, d := range gs.Domains {
		if err := d.Config.Validate(); err != nil {
			return nil, ErrInvalidGenesis.Wrap(err.Error())
		}
		switch {
		case i > 0 && d.Config.Domain <= gs.Domains[i-1].Config.Domain:
			return nil, ErrInvalidGenesis.Wrapf("domains do not ascend at %d", d.Config.Domain)
		case names[d.Config.Name]:
			return nil, ErrInvalidGenesis.Wrapf("two domains are called %q", d.Config.Name)
		case d.TargetUnixMilli <= d.AttestedUnixMilli:
			return nil, ErrInvalidGenesis.Wrapf("domain %d: the next range ends before the last one", d.Config.Domain)
		case d.TakenEvents > d.AttestedEvents || d.TakenUnixMilli > d.AttestedUnixMilli:
			return nil, ErrInvalidGenesis.Wrapf("domain %d: more events were handed in than are attested", d.Config.Domain)
		}
		known[d.Config.Domain], names[d.Config.Name] = d, true
	}
	return known, nil
}

func (gs GenesisState) validateRanges(domains map[uint32]Domain) error {
	ends := make(map[uint32]uint64, len(domains)) // of the last range of a domain
	for i, r := range gs.Ranges {
		d, known := domains[r.Domain]
		end, follows := ends[r.Domain]
		switch {
		case !known || i > 0 && r.Domain < gs.Ranges[i-1].Domain:
			return ErrInvalidGenesis.Wrapf("a range of domain %d is out of place", r.Domain)
		case r.Count == 0 || r.Count > wire.MaxRangeEvents || len(r.Root) != len(wire.Hash{}):
			return ErrInvalidGenesis.Wrapf("the range of domain %d from %d is malformed", r.Domain, r.FirstNonce)
		case follows && r.FirstNonce != end || !follows && (r.FirstNonce > d.TakenEvents || r.FirstNonce+uint64(r.Count) <= d.TakenEvents):
			return ErrInvalidGenesis.Wrapf("the range of domain %d from %d does not follow what was handed in", r.Domain, r.FirstNonce)
		}
		ends[r.Domain] = r.FirstNonce + uint64(r.Count)
	}
	for _, d := range gs.Domains {
		end, there := ends[d.Config.Domain]
		if !there {
			end = d.TakenEvents
		}
		if end != d.AttestedEvents {
			return ErrInvalidGenesis.Wrapf("domain %d: the ranges end at event %d, %d are attested", d.Config.Domain, end, d.AttestedEvents)
		}
	}
	for i, b := range gs.Ballots {
		if i > 0 && (b.Domain < gs.Ballots[i-1].Domain || b.Domain == gs.Ballots[i-1].Domain && b.ConsensusAddress == gs.Ballots[i-1].ConsensusAddress) {
			return ErrInvalidGenesis.Wrapf("the ballot of %s on domain %d is out of place", b.ConsensusAddress, b.Domain)
		}
		votes, err := wire.DecodeRangeVotes(b.Vote)
		if err != nil || len(votes) != 1 || uint32(votes[0].Domain) != b.Domain || b.Power < 0 {
			return ErrInvalidGenesis.Wrapf("the ballot of %s on domain %d is malformed", b.ConsensusAddress, b.Domain)
		}
		if _, known := domains[b.Domain]; !known {
			return ErrInvalidGenesis.Wrapf("a ballot on domain %d", b.Domain)
		}
	}
	return nil
}

func (gs GenesisState) validateAssets(domains map[uint32]Domain) error {
	assets, denoms := make(map[string]bool, len(gs.Assets)), make(map[string]bool, len(gs.Assets))
	for _, a := range gs.Assets {
		if err := a.Validate(); err != nil {
			return ErrInvalidGenesis.Wrap(err.Error())
		}
		if assets[string(a.Asset)] || denoms[a.Denom] {
			return ErrInvalidGenesis.Wrapf("asset %x occurs twice", a.Asset)
		}
		assets[string(a.Asset)], denoms[a.Denom] = true, true
	}
	lanes := make(map[string]bool, len(gs.Lanes))
	for _, l := range gs.Lanes {
		_, known := domains[l.Domain]
		key := string(l.Asset) + "/" + domains[l.Domain].Config.Name
		switch {
		case !known || !assets[string(l.Asset)] || lanes[key]:
			return ErrInvalidGenesis.Wrapf("the lane of asset %x to domain %d is of something unknown, or there are two", l.Asset, l.Domain)
		case l.Out.IsNil() || l.Out.IsNegative() || l.InFlight.IsNil() || l.InFlight.IsNegative():
			return ErrInvalidGenesis.Wrapf("the lane of asset %x to domain %d has %s out, %s in flight", l.Asset, l.Domain, l.Out, l.InFlight)
		}
		for _, limit := range []Limit{l.There, l.Here} {
			if err := limit.Validate(); err != nil {
				return ErrInvalidGenesis.Wrap(err.Error())
			}
		}
		lanes[key] = true
	}
	return nil
}

func (gs GenesisState) validateOutbox(domains map[uint32]Domain) error {
	tree, next := wire.NewTree(), 0
	check := func() error { // the checkpoints that were made at this count
		for ; next < len(gs.Checkpoints) && gs.Checkpoints[next].OutboxMessages == tree.Count(); next++ {
			content, err := gs.Checkpoints[next].Decode()
			if err != nil {
				return err
			}
			if content.OutboxRoot != wire.OutboxRoot(tree.Count(), tree.Hash()) {
				return ErrInvalidGenesis.Wrapf("checkpoint %d is not of the first %d messages", gs.Checkpoints[next].Sequence, tree.Count())
			}
		}
		return nil
	}
	for i, m := range gs.Messages {
		if err := check(); err != nil {
			return err
		}
		content, err := m.Decode()
		if err != nil {
			return err
		}
		_, known := domains[uint32(content.Domain)]
		switch {
		case content.Nonce != uint64(i) || !known:
			return ErrInvalidGenesis.Wrapf("message %d has the nonce %d and is for domain %d", i, content.Nonce, content.Domain)
		case m.Status < MESSAGE_STATUS_SENT || m.Status > MESSAGE_STATUS_TIMED_OUT:
			return ErrInvalidGenesis.Wrapf("message %d has the status %s", i, m.Status)
		case m.Ended() && len(m.Payload) != 0, !m.Ended() && wire.Sum(m.Payload) != content.PayloadHash:
			return ErrInvalidGenesis.Wrapf("message %d has another payload", i)
		case m.Coin != nil && (m.Coin.Validate() != nil || !m.Coin.IsPositive() || m.Sender == ""):
			return ErrInvalidGenesis.Wrapf("message %d carries %s", i, m.Coin)
		}
		tree.Append(content.Leaf())
	}
	if err := check(); err != nil {
		return err
	}
	if next < len(gs.Checkpoints) {
		c := gs.Checkpoints[next]
		return ErrInvalidGenesis.Wrapf("checkpoint %d is of %d messages, there are %d", c.Sequence, c.OutboxMessages, tree.Count())
	}
	return nil
}

func (gs GenesisState) validateArrived(domains map[uint32]Domain) error {
	for i, o := range gs.Owed {
		if before := gs.Owed[max(i-1, 0)]; i > 0 && (o.Domain < before.Domain || o.Domain == before.Domain && o.Nonce <= before.Nonce) {
			return ErrInvalidGenesis.Wrapf("what is owed for %d/%d is out of place", o.Domain, o.Nonce)
		}
		_, known := domains[o.LaneDomain]
		if o.Coin.Validate() != nil || !o.Coin.IsPositive() || !known || o.Domain != 0 && o.Domain != o.LaneDomain || o.Recipient == "" {
			return ErrInvalidGenesis.Wrapf("what is owed for %d/%d is malformed", o.Domain, o.Nonce)
		}
	}
	for _, c := range gs.Calls {
		if _, known := domains[c.Domain]; !known || len(c.Payload) > wire.MaxPayloadBytes {
			return ErrInvalidGenesis.Wrapf("call %d/%d is malformed", c.Domain, c.Nonce)
		}
	}
	if gs.Pause.NextUnixMilli < gs.Pause.UntilUnixMilli {
		return ErrInvalidGenesis.Wrap("a pause may follow before the last one ends")
	}
	return nil
}

// Held sums what the module has to hold of each denomination: what is out on other chains and locked here for it, and what is owed.
// Vouchers of other chains' assets are not locked.
func (gs GenesisState) Held() map[string]sdkmath.Int {
	held, assets := map[string]sdkmath.Int{}, map[string]Asset{}
	for _, a := range gs.Assets {
		assets[string(a.Asset)], held[a.Denom] = a, sdkmath.ZeroInt()
	}
	for _, l := range gs.Lanes {
		if a := assets[string(l.Asset)]; a.Origin != l.Domain {
			held[a.Denom] = held[a.Denom].Add(l.Out)
		}
	}
	for _, o := range gs.Owed {
		if sum, known := held[o.Coin.Denom]; known {
			held[o.Coin.Denom] = sum.Add(o.Coin.Amount)
		}
	}
	return held
}
