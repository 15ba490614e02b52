package sdr

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"lukechampine.com/blake3/bao"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

const (
	sliceHeaderSize = 8
	sliceParentSize = 64
	sliceChunkSize  = 1024
)

// ProofRoot returns the root that a seal proof is committed by: the BLAKE3-256 digest of its records end to end.
func ProofRoot(proof []byte) format.Digest { return format.Sum(proof) }

// MaxSliceSize returns the size in bytes of the largest slice of a record of recordSize bytes in a proof of so many records.
func MaxSliceSize(recordSize int, challenges uint32) int {
	chunks := (uint64(recordSize)*uint64(challenges) + sliceChunkSize - 1) / sliceChunkSize
	depth := 0
	for uint64(1)<<depth < chunks {
		depth++
	}
	// The chunks of a record, the inner nodes among them, and those on the ways from the first and the last up to the root.
	covered := recordSize/sliceChunkSize + 2
	return sliceHeaderSize + covered*sliceChunkSize + (covered+2*depth)*sliceParentSize
}

// MakeRecordSlice returns the Bao slice (chunk group 1 KiB) of one record of a proof. It hashes the whole proof. It fails with
// ErrChallenge when there is no such record.
func MakeRecordSlice(nodes uint64, proof []byte, index uint32) ([]byte, error) {
	return MakeSlice(proof, index, uint32(len(proof)/RecordSize(nodes)))
}

// MakeSlice is MakeRecordSlice for a proof of count records whose size follows from that. It fails with ErrChallenge or
// ErrRecordSize.
func MakeSlice(proof []byte, index, count uint32) ([]byte, error) {
	if index >= count {
		return nil, fmt.Errorf("%w: record %d of %d", ErrChallenge, index, count)
	}
	size := uint64(len(proof)) / uint64(count)
	if size == 0 || size*uint64(count) != uint64(len(proof)) {
		return nil, fmt.Errorf("%w: %d records in %d bytes", ErrRecordSize, count, len(proof))
	}
	outboard, _ := bao.EncodeBuf(proof, 0, true)
	// ExtractSlice reads the chunks of the slice only, one after another.
	first := uint64(index) * size / sliceChunkSize * sliceChunkSize
	var slice bytes.Buffer
	err := bao.ExtractSlice(&slice, bytes.NewReader(proof[first:]), bytes.NewReader(outboard), 0, uint64(index)*size, size)
	if err != nil {
		return nil, fmt.Errorf("failed to make the slice of record %d: %w", index, err)
	}
	return slice.Bytes(), nil
}

// VerifyRecordSlice returns a record of the proof with the given root and number of records, as slice shows it. The length that the
// slice begins with is not authenticated by Bao and must be that of the proof. It fails with ErrSlice, and with ErrChallenge when
// there is no such record; work is bounded by MaxSliceSize.
func VerifyRecordSlice(root format.Digest, nodes uint64, challenges, index uint32, slice []byte) ([]byte, error) {
	if index >= challenges {
		return nil, fmt.Errorf("%w: record %d of %d", ErrChallenge, index, challenges)
	}
	size := RecordSize(nodes)
	if len(slice) < sliceHeaderSize || len(slice) > MaxSliceSize(size, challenges) {
		return nil, fmt.Errorf("%w: %d bytes", ErrSlice, len(slice))
	}
	if length := binary.LittleEndian.Uint64(slice); length != ProofSize(nodes, challenges) {
		return nil, fmt.Errorf("%w: made for %d bytes, the proof has %d", ErrSlice, length, ProofSize(nodes, challenges))
	}
	record, ok := bao.VerifySlice(slice, 0, uint64(index)*uint64(size), uint64(size), root)
	if !ok || len(record) != size {
		return nil, ErrSlice
	}
	return record, nil
}
