package ethereum

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// selectorBytes is how an error of a contract begins.
const selectorBytes = 4

var (
	// errDone tells that the contract has what is brought, or a later checkpoint of the epoch.
	errDone = errors.New("the contract has it already")
	// errRefused tells that the contract does not take it.
	errRefused = errors.New("the contract refuses")
)

// revertError is what a contract reverts with, and what that means to a relayer: it unwraps to errDone, errRefused or an error of
// package relayer.
type revertError struct {
	meaning error
	reason  string // name and values
}

func (e *revertError) Error() string { return fmt.Sprintf("%s: %s", e.meaning, e.reason) }
func (e *revertError) Unwrap() error { return e.meaning }

// lightClientMeaning tells what it means that the light client reverts.
func lightClientMeaning(reason any) error {
	switch reason.(type) {
	case *bindings.LightClientAlreadyAccepted, *bindings.LightClientHeightNotGreater:
		return errDone
	case *bindings.LightClientClientStale:
		return relayer.ErrStale
	}
	return errRefused
}

// gatewayMeaning tells what it means that the gateway reverts. What a later message or transaction can mend is not refused for good:
// an asset that is not registered yet, value or a token that is still to come, a node that gives too little gas.
func gatewayMeaning(reason any) error {
	switch reason.(type) {
	case *bindings.GatewayAlreadyDelivered:
		return errDone
	case *bindings.GatewayMessageTimedOut:
		return relayer.ErrTimedOut
	case *bindings.GatewayUnknownAsset, *bindings.GatewayNotEnoughLocked, *bindings.GatewayNotToken, *bindings.GatewayNotEnoughGas:
		return relayer.ErrNotYet
	}
	return errRefused
}

// decode turns what the contract reverts with into a revertError. Other errors are returned as they are, but for URLs.
func (c contract) decode(err error) error {
	err = endpoints.Plain(err)
	var data rpc.DataError
	if !errors.As(err, &data) {
		return err
	}
	text, ok := data.ErrorData().(string)
	if !ok {
		return err
	}
	raw, decodeErr := hexutil.Decode(text)
	if decodeErr != nil || len(raw) < selectorBytes {
		return err
	}
	reason, decodeErr := c.unpackError(raw)
	if decodeErr != nil {
		return err
	}
	name := strings.TrimPrefix(fmt.Sprintf("%T", reason), "*bindings."+c.name)
	return &revertError{meaning: c.meaning(reason), reason: fmt.Sprintf("%s %+v", name, reason)}
}

// refused tells whether a node's answer has one of some words. Nodes have no codes for these.
func refused(err error, words ...string) bool {
	if err == nil {
		return false
	}
	text := strings.ToLower(err.Error())
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
