package chain

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrUnreachable reports that no node of the chain answered. See UnreachableError.
	ErrUnreachable = errors.New("chain is unreachable")
	// ErrWrongChain reports a node that follows another chain than the one configured.
	ErrWrongChain = errors.New("node follows another chain")
	// ErrNotFound reports state that does not exist.
	ErrNotFound = errors.New("not found on chain")
	// ErrNoAccount reports an account that the chain does not know: nothing was ever sent to it.
	ErrNoAccount = errors.New("account does not exist on chain: send funds to it first")
	// ErrRejected reports a transaction that the chain refused. See TxError.
	ErrRejected = errors.New("transaction was rejected")
	// ErrInsufficientFunds reports a transaction that the account cannot pay for. It comes with ErrRejected.
	ErrInsufficientFunds = errors.New("insufficient funds")
	// ErrNotIncluded reports a transaction that was not seen in a block in time. It may still be included later.
	ErrNotIncluded = errors.New("transaction was not included in a block in time")
	// ErrNoKey reports a key that the keyring does not hold.
	ErrNoKey = errors.New("no such key in the keyring")
	// ErrKeyExists refuses to overwrite a key.
	ErrKeyExists = errors.New("key already exists in the keyring")
	// ErrConfig reports settings that cannot work.
	ErrConfig = errors.New("invalid chain settings")
)

// UnreachableError tells why each node failed to answer. It wraps ErrUnreachable and every cause.
type UnreachableError struct {
	// Endpoints are the addresses tried, in order.
	Endpoints []string
	// Causes are what happened, in the same order.
	Causes []error
}

// Error names the nodes, the causes, and what to do.
func (e *UnreachableError) Error() string {
	var b strings.Builder
	b.WriteString(ErrUnreachable.Error())
	for i, endpoint := range e.Endpoints {
		fmt.Fprintf(&b, "; %s: %v", endpoint, e.Causes[i])
	}
	b.WriteString(" (check that a node runs there, or configure other addresses with --chain-grpc)")
	return b.String()
}

// Unwrap makes errors.Is hold for ErrUnreachable and for each cause.
func (e *UnreachableError) Unwrap() []error {
	return append([]error{ErrUnreachable}, e.Causes...)
}

// TxError is the chain's answer to a transaction that it refused, in simulation, at the door (CheckTx) or in a block. It
// wraps ErrRejected, and ErrInsufficientFunds when that is the reason.
type TxError struct {
	// Codespace and Code name the error as the module registered it. A transaction refused in simulation has none.
	Codespace string
	Code      uint32
	// Log is the chain's explanation.
	Log string
	// Hash is the transaction's hash in upper-case hexadecimal, empty when it was refused in simulation.
	Hash string
	// Height is the block that it failed in, 0 when it was refused before.
	Height int64
}

// Error gives the chain's explanation.
func (e *TxError) Error() string {
	if e.Codespace == "" {
		return fmt.Sprintf("%v: %s", ErrRejected, e.Log)
	}
	return fmt.Sprintf("%v: %s (%s code %d)", ErrRejected, e.Log, e.Codespace, e.Code)
}

// Is makes errors.Is hold for ErrRejected and ErrInsufficientFunds.
func (e *TxError) Is(target error) bool {
	switch target {
	case ErrRejected:
		return true
	case ErrInsufficientFunds:
		return e.Codespace == sdkCodespace && e.Code == codeInsufficientFunds ||
			e.Codespace == "" && strings.Contains(e.Log, ErrInsufficientFunds.Error())
	default:
		return false
	}
}
