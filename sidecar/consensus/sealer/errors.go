package sealer

import "errors"

var (
	// ErrOptions reports options that cannot be kept.
	ErrOptions = errors.New("invalid options of the sealer")
	// ErrPlan reports a plan that contradicts itself or one that the sector has already.
	ErrPlan = errors.New("invalid sector plan")
	// ErrFormat reports a sector.json that is not one, or of another version.
	ErrFormat = errors.New("unreadable sector description")
	// ErrNotSealed reports a sector whose replica is not finished.
	ErrNotSealed = errors.New("sector is not sealed yet")
	// ErrNoLabels reports a sector whose labels were deleted: no seal records can be made.
	ErrNoLabels = errors.New("labels are gone")
	// ErrDiskFull reports that there is no space for what is being made. What was made stays.
	ErrDiskFull = errors.New("disk is full")
	// ErrFalseSeal reports a seal that would convict its maker: labels or replica were damaged while it was made.
	ErrFalseSeal = errors.New("seal is false")
	// ErrInUse reports a sector that another call is changing.
	ErrInUse = errors.New("sector is being changed")
)
