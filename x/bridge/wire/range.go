package wire

import (
	"encoding/binary"
	"fmt"
)

// MaxRangeEvents bounds the events of a range.
const MaxRangeEvents = 256

// RangeTarget is what state asks validators to vote on: the events of a gateway from a nonce on, up to a time of its chain. All see the
// same range, however far each of them has read.
type RangeTarget struct {
	Domain      Domain
	Application Party  // the gateway
	FirstNonce  uint64 // of the first event that is not attested yet
	UntilMillis uint64 // since 1970
}

// RangeVote says which events follow those that are attested, and up to which time there are no others.
type RangeVote struct {
	Domain     Domain
	TimeMillis uint64 // every event up to this time is before FirstNonce + Count
	FirstNonce uint64
	Count      uint32
	Root       Hash // of the RFC 9162 tree over the events' leaves; zero for none
}

const (
	// RangeVoteBytes is the size of an encoded vote.
	RangeVoteBytes = 4 + 8 + 8 + 4 + 32
	// MaxRangeVotes bounds the votes in one section of a vote extension.
	MaxRangeVotes = 8
)

// Vote returns what to vote on a target. records are the final events from the first of the target on, in order: at least
// MaxRangeEvents, or else all of blocks up to the time through. It tells whether they suffice. It fails with ErrMalformed if they do
// not follow each other, or are not the target's.
func (t RangeTarget) Vote(records []EventRecord, throughMillis uint64) (RangeVote, bool, error) {
	v := RangeVote{Domain: t.Domain, TimeMillis: t.UntilMillis, FirstNonce: t.FirstNonce}
	tree := NewTree()
	for i, r := range records {
		switch {
		case r.Domain != t.Domain || r.Application != t.Application:
			return RangeVote{}, false, fmt.Errorf("%w event %d: it is of another gateway", ErrMalformed, r.Nonce)
		case r.Nonce != t.FirstNonce+uint64(i):
			return RangeVote{}, false, fmt.Errorf("%w event %d: expected %d", ErrMalformed, r.Nonce, t.FirstNonce+uint64(i))
		case i > 0 && r.TimeMillis < records[i-1].TimeMillis:
			return RangeVote{}, false, fmt.Errorf("%w event %d: it is older than the one before", ErrMalformed, r.Nonce)
		}
		if err := r.Validate(); err != nil {
			return RangeVote{}, false, err
		}
		if r.TimeMillis > t.UntilMillis {
			break
		}
		tree.Append(r.Leaf())
		if v.Count++; v.Count == MaxRangeEvents {
			v.TimeMillis = min(t.UntilMillis, r.TimeMillis-min(r.TimeMillis, 1)) // others may be of the same block
			v.Root = tree.Hash()
			return v, true, nil
		}
	}
	v.Root = tree.Hash()
	return v, throughMillis >= t.UntilMillis, nil
}

// Encode returns the RangeVoteBytes of a vote.
func (v RangeVote) Encode() []byte {
	out := binary.BigEndian.AppendUint32(make([]byte, 0, RangeVoteBytes), uint32(v.Domain))
	out = binary.BigEndian.AppendUint64(out, v.TimeMillis)
	out = binary.BigEndian.AppendUint64(out, v.FirstNonce)
	out = binary.BigEndian.AppendUint32(out, v.Count)
	return append(out, v.Root[:]...)
}

// EncodeRangeVotes returns the section of a vote extension with votes, one behind the other, as many as fit into limitBytes.
func EncodeRangeVotes(votes []RangeVote, limitBytes int) []byte {
	var out []byte
	for i, v := range votes {
		if i == MaxRangeVotes || len(out)+RangeVoteBytes > limitBytes {
			break
		}
		out = append(out, v.Encode()...)
	}
	return out
}

// DecodeRangeVotes reads a section. It fails with ErrMalformed unless it has 1 to MaxRangeVotes votes on domains that ascend, and
// none on IPDM itself.
func DecodeRangeVotes(raw []byte) ([]RangeVote, error) {
	if len(raw) == 0 || len(raw)%RangeVoteBytes != 0 || len(raw) > MaxRangeVotes*RangeVoteBytes {
		return nil, fmt.Errorf("%w range votes: %d bytes", ErrMalformed, len(raw))
	}
	var votes []RangeVote
	for in := cursor(raw); len(in) > 0; {
		v := RangeVote{Domain: Domain(in.u32()), TimeMillis: in.u64(), FirstNonce: in.u64(), Count: in.u32(), Root: in.word()}
		if v.Domain == 0 || len(votes) > 0 && v.Domain <= votes[len(votes)-1].Domain {
			return nil, fmt.Errorf("%w range votes: domain %d does not ascend", ErrMalformed, v.Domain)
		}
		if v.Count > MaxRangeEvents || v.FirstNonce+uint64(v.Count) < v.FirstNonce || (v.Count == 0) != (v.Root == Hash{}) {
			return nil, fmt.Errorf("%w range vote on domain %d: %d events", ErrMalformed, v.Domain, v.Count)
		}
		votes = append(votes, v)
	}
	return votes, nil
}
