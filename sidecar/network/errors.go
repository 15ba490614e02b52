package network

import (
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"
)

var (
	// ErrClosed is returned by every call made after, or interrupted by, Close.
	ErrClosed = errors.New("network is closed")

	// ErrNotFound is the cause of a fetch that stopped because no peer delivered
	// a block for the whole no-progress timeout. Use errors.As with
	// *NotFoundError to learn which blocks are missing.
	ErrNotFound = errors.New("no peer delivered in time")

	// ErrEmptyBlock refuses a request for a zero-length block: such a block does
	// not travel over Bitswap, so asking for it would never be answered. Its
	// content is known without asking anyone.
	ErrEmptyBlock = errors.New("a zero-length block cannot be fetched over Bitswap")

	// ErrInvalidCID refuses an undefined CID, or one whose hash function is not
	// accepted for verification.
	ErrInvalidCID = errors.New("invalid CID")

	// ErrBlockTooLarge refuses a block of more than MaxBlockBytes.
	ErrBlockTooLarge = errors.New("block is larger than 2 MiB")

	// ErrProvideQueueFull tells that an announcement was not accepted because too
	// many others wait. The next reprovide round repeats it.
	ErrProvideQueueFull = errors.New("provide queue is full")

	// ErrKeyExists is returned when a peer key would overwrite an existing one.
	ErrKeyExists = errors.New("peer key already exists")

	// ErrKeyPermissions refuses a peer key file that others than its owner can
	// read or write.
	ErrKeyPermissions = errors.New("peer key file is accessible to others")

	// ErrKeyFormat refuses a peer key file that does not hold an ed25519 key.
	ErrKeyFormat = errors.New("malformed peer key")

	// ErrBanned refuses a connection to a peer that was banned for repeatedly
	// sending invalid blocks.
	ErrBanned = errors.New("peer is banned")
)

// NotFoundError tells which of the requested blocks nobody delivered. It wraps
// ErrNotFound. Blocks that are not in Missing were delivered.
type NotFoundError struct {
	// Missing lists the undelivered blocks in the order they were asked for.
	Missing []cid.Cid
}

// Error names the first missing block and counts the rest.
func (e *NotFoundError) Error() string {
	switch len(e.Missing) {
	case 0:
		return ErrNotFound.Error()
	case 1:
		return fmt.Sprintf("%s: %s", ErrNotFound, e.Missing[0])
	default:
		return fmt.Sprintf("%s: %s and %d more", ErrNotFound, e.Missing[0], len(e.Missing)-1)
	}
}

// Unwrap makes errors.Is(err, ErrNotFound) hold.
func (e *NotFoundError) Unwrap() error { return ErrNotFound }
