package sdr

import "errors"

// Callers tell failures apart with errors.Is; every error of this package wraps one of these.
var (
	// ErrClass reports a sector class that does not exist.
	ErrClass = errors.New("unknown sector class")
	// ErrNodes reports a number of nodes that no sector has.
	ErrNodes = errors.New("invalid number of nodes")
	// ErrPieces reports pieces that overlap, are out of order or do not fit.
	ErrPieces = errors.New("invalid pieces")
	// ErrRecordSize reports a record, or a proof, that has not the one size it can have.
	ErrRecordSize = errors.New("wrong size of a seal record")
	// ErrMalformed reports a record or slice that is not the one binary form of anything.
	ErrMalformed = errors.New("malformed seal record")
	// ErrColumn reports a column whose path does not lead to comm_c.
	ErrColumn = errors.New("column does not belong to comm_c")
	// ErrReplica reports a replica node whose path does not lead to comm_r_last.
	ErrReplica = errors.New("node does not belong to comm_r_last")
	// ErrLabel reports a label that is not the hash of its parents.
	ErrLabel = errors.New("label does not follow from its parents")
	// ErrData reports data that does not belong to the piece, or data where there is no piece.
	ErrData = errors.New("data does not belong to the piece")
	// ErrEncoding reports a replica node that is not its data combined with its last label.
	ErrEncoding = errors.New("replica node does not encode the data")
	// ErrChallenge reports a node or a record that does not exist.
	ErrChallenge = errors.New("challenge is out of range")
	// ErrSlice reports a slice that does not lead to the root of the seal proof.
	ErrSlice = errors.New("slice does not belong to the seal proof")
)
