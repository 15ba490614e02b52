package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/params"
)

// funding is an account that has coins at genesis.
type funding struct {
	address sdk.AccAddress
	coins   sdk.Coins
}

// parseFunds parses arguments of the form address=amount.
func parseFunds(args []string) ([]funding, error) {
	funds := make([]funding, 0, len(args))
	for _, arg := range args {
		addressText, amountText, ok := strings.Cut(arg, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not of the form address=amount", arg)
		}
		address, err := sdk.AccAddressFromBech32(addressText)
		if err != nil {
			return nil, fmt.Errorf("failed to parse the address in %q: %w", arg, err)
		}
		coins, err := parseAmount(amountText)
		if err != nil {
			return nil, fmt.Errorf("failed to parse the amount in %q: %w", arg, err)
		}
		funds = append(funds, funding{address: address, coins: coins})
	}
	return funds, nil
}

// parseAmount parses an amount in IPDM, which may have decimals, or in aipdm.
func parseAmount(text string) (sdk.Coins, error) {
	number, ok := strings.CutSuffix(text, params.DisplayDenom)
	if !ok {
		return sdk.ParseCoinsNormalized(text)
	}
	amount, err := sdkmath.LegacyNewDecFromStr(number)
	if err != nil {
		return nil, err
	}
	if amount.IsNegative() {
		return nil, fmt.Errorf("%s is negative", text)
	}
	return sdk.NewCoins(sdk.NewCoin(params.BaseDenom, amount.MulInt(params.OneIPDM()).TruncateInt())), nil
}

// readPatch reads a merge patch; no file means no change.
func readPatch(file string) (map[string]any, error) {
	if file == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("failed to read the genesis patch: %w", err)
	}
	var patch map[string]any
	if err := json.Unmarshal(raw, &patch); err != nil {
		return nil, fmt.Errorf("failed to parse the genesis patch: %w", err)
	}
	return patch, nil
}

// mergePatch applies a JSON merge patch (RFC 7386) to target and returns it.
func mergePatch(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	object, ok := target.(map[string]any)
	if !ok {
		object = make(map[string]any, len(changes))
	}
	for name, value := range changes {
		if value == nil {
			delete(object, name)
			continue
		}
		object[name] = mergePatch(object[name], value)
	}
	return object
}
