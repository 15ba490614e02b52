package abci

import (
	"context"
	"errors"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/log/v2"
)

// testSource says what its function says.
type testSource struct {
	kind SectionKind
	say  func(ctx context.Context, height int64, limitBytes int) ([]byte, error)
}

func (s testSource) Kind() SectionKind { return s.kind }

func (s testSource) Pending(ctx context.Context, height int64, limitBytes int) ([]byte, error) {
	return s.say(ctx, height, limitBytes)
}

func says(data string) func(context.Context, int64, int) ([]byte, error) {
	return func(context.Context, int64, int) ([]byte, error) { return []byte(data), nil }
}

func newTestOutbox(t *testing.T, sources ...Source) *Outbox {
	t.Helper()
	o, err := NewOutbox(log.NewNopLogger(), sources...)
	require.NoError(t, err)
	t.Cleanup(o.Close)
	return o
}

// extension returns what a vote says once the outbox has been refilled.
func extension(t *testing.T, o *Outbox) []byte {
	t.Helper()
	require.Eventually(t, func() bool { return o.Payload() != nil }, 5*time.Second, time.Millisecond)
	resp, err := ExtendVote(o)(proposalContext(), &abci.RequestExtendVote{Height: testHeight})
	require.NoError(t, err)
	return resp.VoteExtension
}

func TestOutboxSaysWhatSourcesSay(t *testing.T) {
	o := newTestOutbox(t, testSource{9, says("nine")}, testSource{3, says("three")}, testSource{5, says("")})

	resp, err := ExtendVote(o)(proposalContext(), &abci.RequestExtendVote{Height: testHeight})
	require.NoError(t, err)
	require.Empty(t, resp.VoteExtension, "nothing is said before a commit")

	o.Committed(1)
	sections, err := DecodePayload(extension(t, o))
	require.NoError(t, err)
	require.Equal(t, []Section{{3, []byte("three")}, {9, []byte("nine")}}, sections)
	require.Equal(t, extension(t, o), extension(t, o), "a later round of the height says it again")
}

func TestOutboxWithoutSources(t *testing.T) {
	o := newTestOutbox(t)
	o.Committed(1)
	require.Equal(t, []byte{payloadVersion}, extension(t, o))
	o.Close()
	o.Close()
}

func TestOutboxSurvivesBadSources(t *testing.T) {
	bad := map[string]func(context.Context, int64, int) ([]byte, error){
		"fails":     func(context.Context, int64, int) ([]byte, error) { return []byte("x"), errors.New("sidecar is down") },
		"panics":    func(context.Context, int64, int) ([]byte, error) { panic("bug") },
		"too large": func(_ context.Context, _ int64, limit int) ([]byte, error) { return make([]byte, limit+1), nil },
	}
	for name, say := range bad {
		t.Run(name, func(t *testing.T) {
			o := newTestOutbox(t, testSource{1, say}, testSource{2, says("fine")})
			o.Committed(1)
			sections, err := DecodePayload(extension(t, o))
			require.NoError(t, err)
			require.Equal(t, []Section{{2, []byte("fine")}}, sections)
		})
	}
}

func TestOutboxDoesNotWaitForASlowSource(t *testing.T) {
	started := make(chan struct{})
	o := newTestOutbox(t, testSource{1, func(ctx context.Context, _ int64, _ int) ([]byte, error) {
		close(started)
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	o.Committed(1)
	<-started

	resp, err := ExtendVote(o)(proposalContext(), &abci.RequestExtendVote{Height: testHeight})
	require.NoError(t, err)
	require.Empty(t, resp.VoteExtension)
	o.Committed(2) // neither do commits wait
	o.Committed(3)
	o.Close() // and closing cuts the source off
}

func TestOutboxFillsToTheLimit(t *testing.T) {
	o := newTestOutbox(t,
		testSource{1, func(_ context.Context, _ int64, limit int) ([]byte, error) { return make([]byte, limit), nil }},
		testSource{2, says("has its room")})
	o.Committed(1)
	payload := extension(t, o)
	require.Len(t, payload, MaxExtensionBytes)
	sections, err := DecodePayload(payload)
	require.NoError(t, err)
	require.Len(t, sections, 2)
	require.Equal(t, "has its room", string(sections[1].Data))
}

func TestOutboxRefusesTwoSourcesOfOneKind(t *testing.T) {
	_, err := NewOutbox(log.NewNopLogger(), testSource{1, says("a")}, testSource{1, says("b")})
	require.Error(t, err)
}

func TestExtendVoteSurvivesAPanic(t *testing.T) {
	resp, err := ExtendVote(nil)(proposalContext(), &abci.RequestExtendVote{Height: testHeight})
	require.NoError(t, err)
	require.Empty(t, resp.VoteExtension)
}

func TestVerifyVoteExtension(t *testing.T) {
	for sizeBytes, accepted := range map[int]bool{0: true, 1: true, MaxExtensionBytes: true, MaxExtensionBytes + 1: false} {
		resp, err := VerifyVoteExtension()(proposalContext(), &abci.RequestVerifyVoteExtension{VoteExtension: make([]byte, sizeBytes)})
		require.NoError(t, err)
		require.Equal(t, accepted, resp.IsAccepted(), "%d bytes", sizeBytes)
	}
}
