package solana

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

const (
	// codeNegativeLamports is the system program's error where an account has too little to pay.
	codeNegativeLamports = 1
	// codeFrozen is the token program's error for an account that is frozen: of those that the program calls it with, a vault's.
	codeFrozen program.Code = 17
)

// refusal is the error that stands for the `err` of a transaction. It wraps the program's code, and relayer.ErrStale or
// relayer.ErrFunds where that is the reason.
func refusal(err any) error {
	raw, failure := json.Marshal(err)
	if failure != nil {
		return fmt.Errorf("a transaction failed for an unknown reason: %w", failure)
	}
	var name string
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &name) != nil {
		_ = json.Unmarshal(raw, &fields) // what is something else has neither
	}
	if code, ok := customCode(fields["InstructionError"]); ok {
		return coded(code)
	}
	if _, poor := fields["InsufficientFundsForRent"]; poor || slices.Contains(fundsErrors, name) {
		return fmt.Errorf("%w: %s", relayer.ErrFunds, raw)
	}
	return fmt.Errorf("a transaction failed: %s", raw)
}

// fundsErrors are those of a payer that has nothing, or too little for the fee.
var fundsErrors = []string{"AccountNotFound", "InsufficientFundsForFee", "InvalidRentPayingAccount"}

func coded(code uint32) error {
	switch c := program.Code(code); {
	case code == codeNegativeLamports:
		return fmt.Errorf("%w: it cannot pay the rent of an account", relayer.ErrFunds)
	case c == program.CodeClientStale:
		return fmt.Errorf("%w: %w", relayer.ErrStale, c)
	case c.Known():
		return fmt.Errorf("the program refused (%d): %w", code, c)
	default:
		return fmt.Errorf("a transaction failed: %w", c)
	}
}

// customCode reads [index, {"Custom": code}].
func customCode(raw json.RawMessage) (uint32, bool) {
	var pair []json.RawMessage
	if json.Unmarshal(raw, &pair) != nil || len(pair) != 2 {
		return 0, false
	}
	var custom struct{ Custom *uint32 }
	if json.Unmarshal(pair[1], &custom) != nil || custom.Custom == nil {
		return 0, false
	}
	return *custom.Custom, true
}
