package solana

import (
	"context"
	"errors"
	"fmt"
	"slices"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
)

// maxAsked is how many accounts an endpoint is asked for at once.
const maxAsked = 100

// sighting is the state of an account as of a slot.
type sighting struct {
	slot    uint64
	address solanago.PublicKey
	state   *account
}

// settings are the options of a question: finalized, and no older than the slot.
func settings(slot uint64) map[string]any {
	return map[string]any{"commitment": "finalized", "encoding": "base64", "minContextSlot": slot}
}

// see reads all accounts from one endpoint, as of no slot before that of the last look.
func (s *Source) see(ctx context.Context, n *endpoint.Node) (slot uint64, seen []sighting, err error) {
	least := max(s.cursor.Next, 1) - 1
	if len(s.accounts) > 0 {
		return s.lookAt(ctx, n, least, s.accounts)
	}
	return s.lookAtProgram(ctx, n, least)
}

// lookAt reads accounts by their addresses, and returns the least of the slots that the answers are of.
func (s *Source) lookAt(ctx context.Context, n *endpoint.Node, least uint64, addresses []solanago.PublicKey) (slot uint64, seen []sighting, err error) {
	for i, some := range slices.Collect(slices.Chunk(addresses, maxAsked)) {
		var answer struct {
			Context answerContext `json:"context"`
			Value   []*account    `json:"value"`
		}
		if err := n.Call(ctx, &answer, "getMultipleAccounts", some, settings(least)); err != nil {
			return 0, nil, err
		}
		of, err := answer.Context.slot()
		if err != nil {
			return 0, nil, err
		}
		if len(answer.Value) != len(some) {
			return 0, nil, fmt.Errorf("%d accounts were asked for, %d came", len(some), len(answer.Value))
		}
		if i == 0 || of < slot {
			slot = of
		}
		for j, state := range answer.Value {
			if state == nil {
				state = gone()
			}
			if err := state.check(some[j], s.maxBytes); err != nil {
				return 0, nil, err
			}
			seen = append(seen, sighting{of, some[j], state})
		}
	}
	return slot, seen, nil
}

// lookAtProgram reads all accounts of the program, and those that were its accounts and are not any more.
func (s *Source) lookAtProgram(ctx context.Context, n *endpoint.Node, least uint64) (slot uint64, seen []sighting, err error) {
	var answer struct {
		Context answerContext  `json:"context"`
		Value   []keyedAccount `json:"value"`
	}
	options := settings(least)
	options["withContext"] = true
	if err := n.Call(ctx, &answer, "getProgramAccounts", s.program, options); err != nil {
		return 0, nil, err
	}
	if slot, err = answer.Context.slot(); err != nil {
		return 0, nil, err
	}
	if len(answer.Value) > s.maxAccounts {
		return 0, nil, fmt.Errorf("program %s has %d accounts, more than the %d of max_accounts", s.program, len(answer.Value), s.maxAccounts)
	}
	there := make(map[string]bool, len(answer.Value))
	for _, keyed := range answer.Value {
		if keyed.Account == nil {
			return 0, nil, errors.New("an answer lacks an account")
		}
		if err := keyed.Account.check(keyed.Pubkey, s.maxBytes); err != nil {
			return 0, nil, err
		}
		there[keyed.Pubkey.String()] = true
		seen = append(seen, sighting{slot, keyed.Pubkey, keyed.Account})
	}
	var left []solanago.PublicKey
	for address := range s.cursor.Accounts {
		if there[address] {
			continue
		}
		key, err := solanago.PublicKeyFromBase58(address)
		if err != nil {
			return 0, nil, fmt.Errorf("failed to read an address that was stored: %w", err)
		}
		left = append(left, key)
	}
	if len(left) == 0 {
		return slot, seen, nil
	}
	// These are as of that slot or later ones, in which they may even be the program's again.
	_, others, err := s.lookAt(ctx, n, slot, left)
	return slot, append(seen, others...), err
}

// keyedAccount is an account and its address.
type keyedAccount struct {
	Pubkey  solanago.PublicKey `json:"pubkey"`
	Account *account           `json:"account"`
}
