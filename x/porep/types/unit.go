package types

const (
	// CommDSizeBytes is the size of a commitment.
	CommDSizeBytes = 32
	// MaxProviderBytes bounds the bytes that one provider proves in a class, so that no sum of them overflows.
	MaxProviderBytes = uint64(1) << 62
)

// NewUnit is what AddUnit needs to know of a unit.
type NewUnit struct {
	// Provider is the account that proves it.
	Provider string
	// Class is how it is proven.
	Class Class
	// DealID and ReplicaIndex name what it is proven for.
	DealID       uint64
	ReplicaIndex uint32
	// CommD is the 32-byte commitment to its bytes, SizeBytes how many they are.
	CommD     []byte
	SizeBytes uint64
}

// Check returns nil for a class that exists, else ErrInvalidClass.
func (c Class) Check() error {
	switch c {
	case CLASS_OPEN, CLASS_SEALED:
		return nil
	default:
		return ErrInvalidClass.Wrapf("%d", c)
	}
}

// OrOpen returns the class that a query is about: open unless it says otherwise.
func (c Class) OrOpen() Class {
	if c == CLASS_UNSPECIFIED {
		return CLASS_OPEN
	}
	return c
}

// Validate checks what does not depend on state.
func (u NewUnit) Validate() error {
	if err := u.Class.Check(); err != nil {
		return err
	}
	if u.Provider == "" {
		return ErrInvalidUnit.Wrap("no provider")
	}
	if len(u.CommD) != CommDSizeBytes {
		return ErrInvalidUnit.Wrapf("commitment of %d bytes, want %d", len(u.CommD), CommDSizeBytes)
	}
	if u.SizeBytes == 0 || u.SizeBytes > MaxProviderBytes {
		return ErrInvalidUnit.Wrapf("size of %d bytes", u.SizeBytes)
	}
	return nil
}
