package types

const (
	// minKeyEpochBlocks and maxKeyEpochBlocks bound how long a new key waits.
	minKeyEpochBlocks = 2
	maxKeyEpochBlocks = 1_000_000
	// minHistoryBlocks and maxHistoryBlocks bound the state: 32 bytes a value, and as much in an exported genesis.
	minHistoryBlocks = 100
	maxHistoryBlocks = 1_000_000
)

// DefaultParams returns the parameters of a production network: a new key waits for 101 to 200 blocks, and values are kept for a day.
func DefaultParams() Params { return Params{KeyEpochBlocks: 100, HistoryBlocks: 200_000} }

// LocalnetParams returns the parameters of a network for trying things out, where a new key waits for 11 to 20 blocks.
func LocalnetParams() Params {
	p := DefaultParams()
	p.KeyEpochBlocks = 10
	return p
}

// Validate checks that the parameters are within bounds.
func (p Params) Validate() error {
	if p.KeyEpochBlocks < minKeyEpochBlocks || p.KeyEpochBlocks > maxKeyEpochBlocks {
		return ErrInvalidParams.Wrapf("key epoch of %d blocks, want %d to %d", p.KeyEpochBlocks, minKeyEpochBlocks, maxKeyEpochBlocks)
	}
	if p.HistoryBlocks < minHistoryBlocks || p.HistoryBlocks > maxHistoryBlocks {
		return ErrInvalidParams.Wrapf("history of %d blocks, want %d to %d", p.HistoryBlocks, minHistoryBlocks, maxHistoryBlocks)
	}
	return nil
}

// EffectiveHeight is the first block that is proven with a key registered in the block at height: the first of the second epoch
// after that block's.
func (p Params) EffectiveHeight(height int64) int64 {
	epoch := int64(p.KeyEpochBlocks)
	return (height/epoch + 2) * epoch
}
