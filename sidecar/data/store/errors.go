package store

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound reports a block, encoding or metadata key that is not stored.
	ErrNotFound = errors.New("not found in the store")
	// ErrCorrupt reports stored bytes that cannot be read back or do not match their digest. Every copy is affected.
	ErrCorrupt = errors.New("stored data is damaged")
	// ErrFull reports that the disk, or the object store, has no room. Nothing of the batch was stored.
	ErrFull = errors.New("no room to store more")
	// ErrQuota reports that there is no room because the store is as large as it may be. It wraps ErrFull.
	ErrQuota = fmt.Errorf("%w: the quota is used up", ErrFull)
	// ErrUnavailable reports that what the store lies on does not answer. Another try may succeed.
	ErrUnavailable = errors.New("store does not answer")
	// ErrLocked reports a directory that another process, or another Store of this one, has open.
	ErrLocked = errors.New("store is in use by another process")
	// ErrClosed reports a call after Close.
	ErrClosed = errors.New("store is closed")
	// ErrFailed reports a store that met a write error it cannot recover from and accepts no more changes until it is
	// opened again. What was acknowledged before is kept and can be read.
	ErrFailed = errors.New("store failed and must be reopened")
	// ErrInvalid reports an argument out of bounds: an empty or oversize metadata key or value.
	ErrInvalid = errors.New("invalid argument to the store")
)
