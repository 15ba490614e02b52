package types

import "fmt"

// ValueSizeBytes is the size of every value.
const ValueSizeBytes = 32

// Validate checks that the value is absent (height 0, no bytes) or whole.
func (v Value) Validate() error {
	if v.Height == 0 && len(v.Value) == 0 {
		return nil
	}
	if v.Height <= 0 {
		return fmt.Errorf("value of height %d", v.Height)
	}
	if len(v.Value) != ValueSizeBytes {
		return fmt.Errorf("value of %d bytes, want %d", len(v.Value), ValueSizeBytes)
	}
	return nil
}

// DefaultGenesis returns the state of a chain that has no blocks.
func DefaultGenesis() *GenesisState { return &GenesisState{} }

// Validate checks both values and their order.
func (gs GenesisState) Validate() error {
	if err := gs.Current.Validate(); err != nil {
		return fmt.Errorf("invalid current value: %w", err)
	}
	if err := gs.Previous.Validate(); err != nil {
		return fmt.Errorf("invalid previous value: %w", err)
	}
	if gs.Previous.Height > 0 && gs.Current.Height == 0 {
		return fmt.Errorf("previous value of height %d without a current one", gs.Previous.Height)
	}
	return nil
}
