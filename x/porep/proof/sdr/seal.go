package sdr

import (
	"errors"
	"fmt"
)

// RecordError names the record of a seal proof that failed. It wraps the cause.
type RecordError struct {
	// Index is the record's place in the proof, counted from 0; Node the challenged node.
	Index uint32
	Node  uint64
	// Err is an error of VerifyRecord.
	Err error
}

// Error implements error.
func (e *RecordError) Error() string {
	return fmt.Sprintf("seal record %d (node %d): %v", e.Index, e.Node, e.Err)
}

// Unwrap returns the cause.
func (e *RecordError) Unwrap() error { return e.Err }

// VerifySeal checks a whole seal proof against the challenges of seed, in order. It fails with a RecordError for the first record that
// does not hold, with ErrRecordSize when the proof has not the size of so many records, and like Statement.Check.
func VerifySeal(s *Statement, seed Hash, challenges uint32, proof []byte) error {
	if err := s.Check(); err != nil {
		return err
	}
	if challenges == 0 || challenges > MaxSealChallenges {
		return fmt.Errorf("%w: %d challenges, want 1 to %d", ErrChallenge, challenges, MaxSealChallenges)
	}
	size := RecordSize(s.Nodes)
	if uint64(len(proof)) != ProofSize(s.Nodes, challenges) {
		return fmt.Errorf("%w: proof of %d bytes, want %d", ErrRecordSize, len(proof), ProofSize(s.Nodes, challenges))
	}
	graph, err := NewGraph(s.Nodes)
	if err != nil {
		return err
	}
	for i, v := range Challenges(seed, challenges, s.Nodes) {
		if err := VerifyRecord(s, graph, v, proof[i*size:(i+1)*size]); err != nil {
			return &RecordError{uint32(i), v, err}
		}
	}
	return nil
}

// Convicts tells whether an error of VerifyRecord shows that whoever committed to the record cheated, as opposed to a question
// that makes no sense.
func Convicts(err error) bool {
	for _, fault := range []error{ErrMalformed, ErrColumn, ErrLabel, ErrReplica, ErrData, ErrEncoding} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}
