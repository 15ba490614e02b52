package wire_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// sampleRecords are events of a gateway, one each millisecond from 1,000 on.
func sampleRecords(first uint64, n int) []wire.EventRecord {
	out := make([]wire.EventRecord, n)
	for i := range out {
		payload := []byte{byte(i)}
		out[i] = wire.EventRecord{Payload: payload, Event: wire.Event{
			Kind: wire.KindCall, Domain: 3, Application: wire.Party{9}, Nonce: first + uint64(i), TimeMillis: 1_000 + uint64(i), PayloadHash: wire.Sum(payload),
		}}
	}
	return out
}

func rootOf(records []wire.EventRecord) wire.Hash {
	tree := wire.NewTree()
	for _, r := range records {
		tree.Append(r.Leaf())
	}
	return tree.Hash()
}

func TestVoteOnATarget(t *testing.T) {
	records := sampleRecords(7, wire.MaxRangeEvents+5)
	target := func(until uint64) wire.RangeTarget {
		return wire.RangeTarget{Domain: 3, Application: wire.Party{9}, FirstNonce: 7, UntilMillis: until}
	}
	vote := func(count int, millis uint64) wire.RangeVote {
		return wire.RangeVote{Domain: 3, TimeMillis: millis, FirstNonce: 7, Count: uint32(count), Root: rootOf(records[:count])}
	}
	for name, c := range map[string]struct {
		until   uint64
		records []wire.EventRecord
		through uint64
		want    wire.RangeVote
		known   bool
	}{
		"up to the time":            {1_002, records[:9], 1_008, vote(3, 1_002), true},
		"not final yet":             {1_002, records[:2], 1_001, vote(2, 1_002), false},
		"none":                      {999, nil, 999, vote(0, 999), true},
		"none before those":         {999, records[:3], 5_000, vote(0, 999), true},
		"a full range":              {9_999, records, 1_400, vote(wire.MaxRangeEvents, 1_000+wire.MaxRangeEvents-2), true},
		"full, and read no further": {9_999, records[:wire.MaxRangeEvents], 0, vote(wire.MaxRangeEvents, 1_000+wire.MaxRangeEvents-2), true},
	} {
		t.Run(name, func(t *testing.T) {
			got, known, err := target(c.until).Vote(c.records, c.through)
			require.NoError(t, err)
			require.Equal(t, c.known, known)
			require.Equal(t, c.want, got)
		})
	}
	for name, spoil := range map[string]func([]wire.EventRecord){
		"another domain":  func(r []wire.EventRecord) { r[1].Domain = 4 },
		"another gateway": func(r []wire.EventRecord) { r[1].Application[0]++ },
		"a gap":           func(r []wire.EventRecord) { r[1].Nonce++ },
		"back in time":    func(r []wire.EventRecord) { r[1].TimeMillis = 1 },
		"another payload": func(r []wire.EventRecord) { r[1].Payload = nil },
	} {
		t.Run(name, func(t *testing.T) {
			spoiled := sampleRecords(7, 3)
			spoil(spoiled)
			_, _, err := target(1_002).Vote(spoiled, 2_000)
			require.ErrorIs(t, err, wire.ErrMalformed)
		})
	}
}

func TestRangeVotesRoundTrip(t *testing.T) {
	votes := []wire.RangeVote{
		{Domain: 1, TimeMillis: 5, FirstNonce: 6},
		{Domain: 2, TimeMillis: 5, FirstNonce: 6, Count: 7, Root: wire.Hash{8}},
	}
	raw := wire.EncodeRangeVotes(votes, 1_000)
	require.Len(t, raw, 2*wire.RangeVoteBytes)
	got, err := wire.DecodeRangeVotes(raw)
	require.NoError(t, err)
	require.Equal(t, votes, got)
	require.Len(t, wire.EncodeRangeVotes(votes, 2*wire.RangeVoteBytes-1), wire.RangeVoteBytes, "what fits")
	require.Nil(t, wire.EncodeRangeVotes(votes, 10))

	second := votes[1].Encode()
	for name, bad := range map[string][]byte{
		"nothing":               nil,
		"cut":                   raw[1:],
		"twice":                 append(append([]byte(nil), second...), second...),
		"domain 0":              wire.RangeVote{}.Encode(),
		"no events with a root": wire.RangeVote{Domain: 1, Root: wire.Hash{1}}.Encode(),
		"events without a root": wire.RangeVote{Domain: 1, Count: 1}.Encode(),
		"too many events":       wire.RangeVote{Domain: 1, Count: wire.MaxRangeEvents + 1, Root: wire.Hash{1}}.Encode(),
		"nonces overflow":       wire.RangeVote{Domain: 1, FirstNonce: 1<<64 - 1, Count: 1, Root: wire.Hash{1}}.Encode(),
		"too many votes":        make([]byte, (wire.MaxRangeVotes+1)*wire.RangeVoteBytes),
	} {
		_, err := wire.DecodeRangeVotes(bad)
		require.ErrorIs(t, err, wire.ErrMalformed, name)
	}
}

func FuzzRangeVotes(f *testing.F) {
	f.Add(wire.RangeVote{Domain: 1, Count: 2, Root: wire.Hash{1}}.Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		votes, err := wire.DecodeRangeVotes(raw)
		if err == nil {
			require.Equal(t, raw, wire.EncodeRangeVotes(votes, len(raw)))
		}
	})
}
