package data

import "errors"

var (
	// ErrPath reports a path that is absolute, has an empty, "." or ".." part, a NUL byte, or is too long.
	ErrPath = errors.New("invalid path")
	// ErrOrder reports an item out of depth-first order, or one whose directory was not begun.
	ErrOrder = errors.New("items are out of order")
	// ErrDuplicate reports a path that came before.
	ErrDuplicate = errors.New("path occurs twice")
	// ErrSequence reports a call that the state of a put does not allow, such as data without a file.
	ErrSequence = errors.New("call out of sequence")
	// ErrOptions reports options of a put that are not valid.
	ErrOptions = errors.New("invalid put options")
	// ErrMissing reports content whose blocks are not all stored, when nothing could fetch them.
	ErrMissing = errors.New("not found")
	// ErrNotPinned reports a root or manifest that is not pinned here.
	ErrNotPinned = errors.New("not pinned")
	// ErrDeleted reports a root that was deleted here.
	ErrDeleted = errors.New("deleted")
	// ErrNotPusher reports a peer that would have the node give up what it keeps for itself or for others.
	ErrNotPusher = errors.New("it is not kept for this peer alone")
	// ErrHeld reports content that deals need.
	ErrHeld = errors.New("a deal needs it")
	// ErrNoLayout reports a layout that is not stored here.
	ErrNoLayout = errors.New("layout is not stored")
	// ErrMismatch reports a layout, commitment or fetched bytes that do not match what they should be.
	ErrMismatch = errors.New("content does not match")
	// ErrTooLarge reports content beyond the limit that the caller set.
	ErrTooLarge = errors.New("content exceeds its limit")
)
