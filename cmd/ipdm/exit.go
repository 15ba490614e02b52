package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/node"
)

// The exit codes; package documentation explains them.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitNotFound
	exitNoDaemon
	exitDamaged
	exitRefused
	exitNoChain
)

var (
	// errUsage marks errors of how the command was called.
	errUsage = errors.New("wrong usage")
	// errDamaged marks data that a verification found damaged.
	errDamaged = errors.New("stored data is damaged")
	// errRefused marks what the market does not give.
	errRefused = errors.New("refused")
	// errReported marks an error that needs no further words.
	errReported = errors.New("reported")
)

// statusPrefix is what gRPC puts before the message of a status.
var statusPrefix = regexp.MustCompile(`rpc error: code = \w+ desc = `)

// sourcePlace is where in the chain's source a transaction was refused, and the gas it had used by then.
var sourcePlace = regexp.MustCompile(` \[[^\[\]]+\.go:\d+\]( with gas used: '\d+')?`)

// usageError is an error of how the command was called.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }

// Is makes errors.Is hold for errUsage.
func (e *usageError) Is(target error) bool { return target == errUsage }

// Unwrap gives the cause.
func (e *usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...)}
}

// exitCode says how the program ends after an error.
func exitCode(err error) int {
	for _, m := range []struct {
		target error
		code   int
	}{
		{errUsage, exitUsage},
		{errDamaged, exitDamaged},
		{errRefused, exitRefused},
		{client.ErrNoDaemon, exitNoDaemon},
		{client.ErrConnectionLost, exitNoDaemon},
		{client.ErrNotFile, exitUsage},
		{chain.ErrUnreachable, exitNoChain},
		{chain.ErrRejected, exitRefused},
		{chain.ErrConfig, exitUsage},
		{chain.ErrNoAccount, exitRefused},
		{chain.ErrNoKey, exitNotFound},
		{chain.ErrNotFound, exitNotFound},
		{node.ErrNoHome, exitNotFound},
		{format.ErrCID, exitUsage},
		{format.ErrCIDVersion, exitUsage},
		{format.ErrCIDHash, exitUsage},
		{format.ErrCIDCodec, exitUsage},
	} {
		if errors.Is(err, m.target) {
			return m.code
		}
	}
	switch status.Code(err) { // of the daemon's answer
	case codes.NotFound:
		return exitNotFound
	case codes.InvalidArgument, codes.OutOfRange:
		return exitUsage
	case codes.DataLoss:
		return exitDamaged
	}
	if errors.Is(err, fs.ErrNotExist) {
		return exitNotFound
	}
	return exitFailed
}

// explain says what went wrong and what to do about it.
func (c *cli) explain(err error) string {
	message := sourcePlace.ReplaceAllString(statusPrefix.ReplaceAllString(err.Error(), ""), "")
	switch {
	case errors.Is(err, client.ErrNoDaemon):
		if _, err := os.Stat(c.nodeHome().ConfigPath()); errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("%s (make one with: ipdm init --home %s, and start it with: ipdm daemon --home %s)", message, c.home, c.home)
		}
		return fmt.Sprintf("%s (start one with: ipdm daemon --home %s)", message, c.home)
	case errors.Is(err, client.ErrConnectionLost):
		return fmt.Sprintf("%v: what was not acknowledged is not stored (start it again with: ipdm daemon --home %s)", client.ErrConnectionLost, c.home)
	case errors.Is(err, client.ErrExists):
		return message + " (nothing was overwritten; use --force to replace it)"
	case errors.Is(err, client.ErrNotFile):
		return message + " (write it to a new place with: -o PATH)"
	case errors.Is(err, chain.ErrNoKey):
		return message + c.keyHint()
	case errors.Is(err, context.Canceled) || status.Code(err) == codes.Canceled:
		return "interrupted"
	}
	return message
}

// keyHint says how to see and make the keys of the keyring in use.
func (c *cli) keyHint() string {
	dir, backend := c.chain.keyringDir, c.chain.keyringBackend
	if dir == "" {
		dir = c.nodeHome().KeyringDir()
	}
	if backend == "" {
		backend = node.DefaultConfig().Chain.KeyringBackend
		if cfg, err := c.nodeHome().LoadConfig(); err == nil {
			backend = cfg.Chain.KeyringBackend
		}
	}
	flags := fmt.Sprintf("--keyring-dir %s --keyring-backend %s", dir, backend)
	return fmt.Sprintf(" (list keys with: ipdmd keys list %s; make one with: ipdmd keys add NAME %s)", flags, flags)
}
