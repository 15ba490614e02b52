package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// The exit codes; package documentation explains them.
const (
	ExitOK = iota
	ExitFailed
	ExitUsage
	ExitNotFound
	ExitNoDaemon
	ExitDamaged
	ExitRefused
	ExitNoChain
	ExitRepaired
)

var (
	// ErrUsage marks errors of how the command was called.
	ErrUsage = errors.New("wrong usage")
	// ErrDamaged marks data that a verification found damaged.
	ErrDamaged = errors.New("stored data is damaged")
	// ErrRepaired marks damage that is no more.
	ErrRepaired = errors.New("repaired")
	// ErrRefused marks what the market does not give.
	ErrRefused = errors.New("refused")
)

// statusPrefix is what gRPC puts before the message of a status.
var statusPrefix = regexp.MustCompile(`rpc error: code = \w+ desc = `)

// sourcePlace is where in the chain's source a transaction was refused, and the gas it had used by then.
var sourcePlace = regexp.MustCompile(` \[[^\[\]]+\.go:\d+\]( with gas used: '\d+')?`)

// usageError is an error of how the command was called.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

// Is makes errors.Is hold for ErrUsage.
func (e *usageError) Is(target error) bool { return target == ErrUsage }

// Unwrap gives the cause.
func (e *usageError) Unwrap() error { return e.err }

// Usagef makes an error of how the command was called.
func Usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// Failure says what an error means to the caller.
type Failure struct {
	Err  error
	Code int
	// Hint says what to do, to stand behind the message; may be nil.
	Hint func() string
}

// failures are those of every program.
var failures = []Failure{
	{Err: ErrUsage, Code: ExitUsage},
	{Err: ErrDamaged, Code: ExitDamaged},
	{Err: ErrRepaired, Code: ExitRepaired},
	{Err: ErrRefused, Code: ExitRefused},
	{Err: client.ErrNoDaemon, Code: ExitNoDaemon},
	{Err: client.ErrConnectionLost, Code: ExitNoDaemon},
	{Err: client.ErrNotFile, Code: ExitUsage},
	{Err: format.ErrCID, Code: ExitUsage},
	{Err: format.ErrCIDVersion, Code: ExitUsage},
	{Err: format.ErrCIDHash, Code: ExitUsage},
	{Err: format.ErrCIDCodec, Code: ExitUsage},
}

// exitCode says how the program ends after an error.
func (c *Call) exitCode(err error) int {
	for _, f := range slices.Concat(failures, c.Failures) {
		if errors.Is(err, f.Err) {
			return f.Code
		}
	}
	switch status.Code(err) { // of the daemon's answer
	case codes.NotFound:
		return ExitNotFound
	case codes.InvalidArgument, codes.OutOfRange:
		return ExitUsage
	case codes.DataLoss:
		return ExitDamaged
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ExitNotFound
	}
	return ExitFailed
}

// explain says what went wrong and what to do about it.
func (c *Call) explain(err error) string {
	message := sourcePlace.ReplaceAllString(statusPrefix.ReplaceAllString(err.Error(), ""), "")
	switch {
	case errors.Is(err, client.ErrNoDaemon):
		if _, err := os.Stat(c.NodeHome().ConfigPath()); errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("%s (make one with: ipdm init --home %s, and start it with: ipdm daemon --home %s)", message, c.Home, c.Home)
		}
		return fmt.Sprintf("%s (start one with: ipdm daemon --home %s)", message, c.Home)
	case errors.Is(err, client.ErrConnectionLost):
		return fmt.Sprintf("%v: what was not acknowledged is not stored (start it again with: ipdm daemon --home %s)", client.ErrConnectionLost, c.Home)
	case errors.Is(err, client.ErrExists):
		return message + " (nothing was overwritten; use --force to replace it)"
	case errors.Is(err, client.ErrNotFile):
		return message + " (write it to a new place with: -o PATH)"
	case errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled:
		return "interrupted"
	}
	for _, f := range c.Failures {
		if f.Hint != nil && errors.Is(err, f.Err) {
			return message + f.Hint()
		}
	}
	return message
}
