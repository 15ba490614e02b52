package solana

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// observe returns the change that a sighting is, and what is to be remembered of the account, nil for one that is no longer followed. It returns no
// change if it is none that was not stored yet. A look (rather than a notice) tells of the state of a slot, but not since when it is so: notices of
// slots before it may still come.
func (s *Source) observe(sight sighting, looked bool) (*feed.Change, *feed.Account, error) {
	address := sight.address.String()
	last := s.cursor.Accounts[address]
	now := &feed.Account{Slot: sight.slot, Floor: sight.slot, Digest: sight.state.digest()}
	switch {
	case last == nil:
		if !looked && len(s.cursor.Accounts) >= s.maxAccounts {
			return nil, nil, fmt.Errorf("program %s has more than the %d accounts of max_accounts", s.program, s.maxAccounts)
		}
	case now.Digest == last.Digest:
		return nil, nil, nil
	case sight.slot > last.Slot:
		if looked {
			now.Floor = last.Slot
		}
	case !looked && sight.slot > last.Floor && sight.slot < last.Slot:
		now.Slot, now.Digest = last.Slot, last.Digest
	default:
		return nil, nil, nil
	}
	if len(s.accounts) == 0 && *sight.state.Owner != s.program {
		now = nil
	}
	change, err := sight.state.change(sight.address, sight.slot)
	if err != nil {
		return nil, nil, err
	}
	return &change, now, nil
}
