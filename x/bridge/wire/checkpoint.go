package wire

import (
	"encoding/binary"
	"fmt"
	"time"
)

const (
	// CheckpointBytes is the size of an encoded checkpoint.
	CheckpointBytes = 226

	checkpointTag = "IPDM/cp/v1"
)

// Checkpoint is what signers say about the chain at a height.
type Checkpoint struct {
	Chain      Hash   // ChainHash of the chain's id
	Epoch      uint64 // of the signer set that signs it
	Height     uint64
	TimeMillis uint64 // of that block, since 1970
	AnchorRoot Hash
	OutboxRoot Hash
	Set        Hash // root of the signer set that signs it
	NextSet    Hash // root of the signer set that signs the next one; another one ends the epoch
	Previous   Hash // digest of the checkpoint before, zero for the first
}

// ChainHash returns what stands for a chain id in checkpoints.
func ChainHash(chainID string) Hash { return Sum([]byte(chainID)) }

// Time returns the time of the checkpoint's block.
func (c Checkpoint) Time() time.Time { return time.UnixMilli(int64(c.TimeMillis)).UTC() }

// EndsEpoch tells whether another signer set signs the next checkpoint.
func (c Checkpoint) EndsEpoch() bool { return c.NextSet != c.Set }

// Encode returns the CheckpointBytes of a checkpoint.
func (c Checkpoint) Encode() []byte {
	out := make([]byte, 0, CheckpointBytes)
	out = append(out, checkpointTag...)
	out = append(out, c.Chain[:]...)
	out = binary.BigEndian.AppendUint64(out, c.Epoch)
	out = binary.BigEndian.AppendUint64(out, c.Height)
	out = binary.BigEndian.AppendUint64(out, c.TimeMillis)
	for _, h := range []Hash{c.AnchorRoot, c.OutboxRoot, c.Set, c.NextSet, c.Previous} {
		out = append(out, h[:]...)
	}
	return out
}

// DecodeCheckpoint reads a checkpoint. It fails with ErrMalformed if the bytes are none.
func DecodeCheckpoint(raw []byte) (Checkpoint, error) {
	if len(raw) != CheckpointBytes || string(raw[:len(checkpointTag)]) != checkpointTag {
		return Checkpoint{}, fmt.Errorf("%w checkpoint: expected %d bytes that begin with %s, got %d", ErrMalformed, CheckpointBytes, checkpointTag, len(raw))
	}
	in := cursor(raw[len(checkpointTag):])
	return Checkpoint{
		Chain: in.word(), Epoch: in.u64(), Height: in.u64(), TimeMillis: in.u64(),
		AnchorRoot: in.word(), OutboxRoot: in.word(), Set: in.word(), NextSet: in.word(), Previous: in.word(),
	}, nil
}

// Digest returns what signers sign.
func (c Checkpoint) Digest() Hash { return Sum(c.Encode()) }
