package abci

import (
	"errors"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/mempool"
)

// selectorFunc is a TxSelector made of a function.
type selectorFunc func(req *abci.RequestPrepareProposal) ([][]byte, error)

func (f selectorFunc) SelectTxs(_ sdk.Context, req *abci.RequestPrepareProposal) ([][]byte, error) {
	return f(req)
}

func offered(req *abci.RequestPrepareProposal) ([][]byte, error) { return req.Txs, nil }

func prepareRequest(commit abci.ExtendedCommitInfo, txs ...[]byte) *abci.RequestPrepareProposal {
	return &abci.RequestPrepareProposal{Height: testHeight, MaxTxBytes: 1 << 20, LocalLastCommit: commit, Txs: txs}
}

// requireAccepted checks that other validators accept what the proposer made.
func requireAccepted(t *testing.T, n *testNetwork, txs [][]byte, commit abci.CommitInfo) {
	t.Helper()
	handler := ProcessProposal(n, n, testVerifier{}, func(sdk.Context, *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
		return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
	})
	resp, err := handler(proposalContext(), &abci.RequestProcessProposal{Height: testHeight, Txs: txs, ProposedLastCommit: commit})
	require.NoError(t, err)
	require.True(t, resp.IsAccepted())
}

func TestPrepareProposalInjectsProvenExtensions(t *testing.T) {
	n := newTestNetwork(t, 7)
	commit := n.extendedCommit(t, []byte{payloadVersion}, 0)
	commit.Votes[1].ExtensionSignature = make([]byte, SignatureBytes) // forged
	commit.Votes[2].ExtensionSignature = nil                          // none
	commit.Votes[3].VoteExtension = nil                               // nothing said
	bad := n.entry(t, 4, testChainID, testHeight-1, testRound, []byte("not a payload"))
	commit.Votes[4].VoteExtension, commit.Votes[4].ExtensionSignature = bad.Extension, bad.Signature
	delete(n.state, string(n.address(5))) // left the validator set and state

	resp, err := PrepareProposal(n, n, testProver(nil), selectorFunc(offered))(proposalContext(), prepareRequest(commit, tx(1), tx(2)))
	require.NoError(t, err)
	require.Len(t, resp.Txs, 3)

	in, err := DecodeInjection(resp.Txs[0])
	require.NoError(t, err)
	require.Equal(t, int64(testHeight-1), in.Height)
	require.Equal(t, int32(testRound), in.Round)
	require.Len(t, in.Entries, 1)
	require.Equal(t, n.address(6), in.Entries[0].Validator)
	requireAccepted(t, n, resp.Txs, n.commit(0))
}

func TestPrepareProposalNeverFails(t *testing.T) {
	n := newTestNetwork(t, 3)
	selectors := map[string]selectorFunc{
		"fails":            func(*abci.RequestPrepareProposal) ([][]byte, error) { return nil, errors.New("no mempool") },
		"panics":           func(*abci.RequestPrepareProposal) ([][]byte, error) { panic("mempool") },
		"selects too much": func(*abci.RequestPrepareProposal) ([][]byte, error) { return [][]byte{make([]byte, 2<<20)}, nil },
		"selects an injection": func(*abci.RequestPrepareProposal) ([][]byte, error) {
			return [][]byte{n.injection(t)}, nil
		},
	}
	for name, selector := range selectors {
		t.Run("selector "+name, func(t *testing.T) {
			resp, err := PrepareProposal(n, n, testProver(nil), selector)(proposalContext(), prepareRequest(n.extendedCommit(t, []byte{payloadVersion})))
			require.NoError(t, err)
			require.Len(t, resp.Txs, 1)
			requireAccepted(t, n, resp.Txs, n.commit())
		})
	}

	t.Run("state panics", func(t *testing.T) {
		resp, err := PrepareProposal(nil, n, testProver(nil), selectorFunc(offered))(proposalContext(),
			prepareRequest(n.extendedCommit(t, []byte{payloadVersion}), tx(1)))
		require.NoError(t, err)
		require.Equal(t, [][]byte{n.injection(t), tx(1)}, resp.Txs)
		requireAccepted(t, n, resp.Txs, n.commit())
	})

	t.Run("votes twice", func(t *testing.T) {
		commit := n.extendedCommit(t, []byte{payloadVersion})
		commit.Votes = append(commit.Votes, commit.Votes[0])
		resp, err := PrepareProposal(n, n, testProver(nil), selectorFunc(offered))(proposalContext(), prepareRequest(commit))
		require.NoError(t, err)
		require.Equal(t, [][]byte{n.injection(t)}, resp.Txs)
	})
}

func TestPrepareProposalKeepsToTheSize(t *testing.T) {
	n := newTestNetwork(t, 8)
	full, err := EncodePayload([]Section{{Kind: 1, Data: make([]byte, MaxExtensionBytes-1-sectionHeaderBytes)}})
	require.NoError(t, err)
	require.Len(t, full, MaxExtensionBytes)

	req := prepareRequest(n.extendedCommit(t, full), tx(1), tx(1))
	req.MaxTxBytes = 6000
	var free int64
	selector := selectorFunc(func(req *abci.RequestPrepareProposal) ([][]byte, error) {
		free = req.MaxTxBytes
		return req.Txs, nil
	})
	resp, err := PrepareProposal(n, n, testProver(nil), selector)(proposalContext(), req)
	require.NoError(t, err)

	in, err := DecodeInjection(resp.Txs[0])
	require.NoError(t, err)
	require.Len(t, in.Entries, 2, "extensions take at most half of the block")
	require.Equal(t, req.MaxTxBytes-txSizeBytes(resp.Txs[0]), free, "the injection is reserved")
	var totalBytes int64
	for _, tx := range resp.Txs {
		totalBytes += txSizeBytes(tx)
	}
	require.LessOrEqual(t, totalBytes, req.MaxTxBytes)
	requireAccepted(t, n, resp.Txs, n.commit())
}

func TestPrepareProposalWithoutExtensions(t *testing.T) {
	n := newTestNetwork(t, 1)
	resp, err := PrepareProposal(n, n, testProver(nil), selectorFunc(offered))(proposalContext(), prepareRequest(abci.ExtendedCommitInfo{}, tx(1)))
	require.NoError(t, err)
	empty, err := Injection{Height: testHeight - 1}.Encode()
	require.NoError(t, err)
	require.Equal(t, [][]byte{empty, tx(1)}, resp.Txs, "the first block has an injection without entries")
	requireAccepted(t, n, resp.Txs, abci.CommitInfo{})
}

func TestPrepareProposalProvesTheRandomness(t *testing.T) {
	n := newTestNetwork(t, 2)
	n.beacon[string(n.address(0))] = []byte{7}
	want := testProof([]byte{7}, []byte{testHeight})

	for name, test := range map[string]struct {
		proposer int
		beacon   Beacon
		prover   BeaconProver
		proof    []byte
	}{
		"with its key":               {0, n, testProver{6, 7}, want},
		"proposer without a key":     {1, n, testProver{7}, nil},
		"key file of another":        {0, n, testProver{6}, nil},
		"no key file":                {0, n, nil, nil},
		"state panics":               {0, nil, testProver{7}, nil},
		"prover panics":              {0, n, testProverFunc(nil), nil},
		"prover makes a short proof": {0, n, testProverFunc(func() []byte { return []byte{1} }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			req := prepareRequest(n.extendedCommit(t, []byte{payloadVersion}), tx(1))
			req.ProposerAddress = n.address(test.proposer)
			resp, err := PrepareProposal(n, test.beacon, test.prover, selectorFunc(offered))(proposalContext(), req)
			require.NoError(t, err)
			require.Len(t, resp.Txs, 2)
			in, err := DecodeInjection(resp.Txs[0])
			require.NoError(t, err)
			require.Equal(t, test.proof, in.BeaconProof)
		})
	}
}

// testProverFunc proves without regard to the key.
type testProverFunc func() []byte

// Prove implements BeaconProver.
func (f testProverFunc) Prove(_, _ []byte) ([]byte, error) { return f(), nil }

func TestMempoolSelector(t *testing.T) {
	n := newTestNetwork(t, 1)
	selector := NewMempoolSelector(mempool.NoOpMempool{}, testVerifier{})

	txs, err := selector.SelectTxs(proposalContext(), prepareRequest(abci.ExtendedCommitInfo{},
		tx(6), []byte("garbage"), n.injection(t), tx(5), tx(4)))
	require.NoError(t, err)
	require.Equal(t, [][]byte{tx(6), tx(4)}, txs, "what decodes, within the gas of a block")

	small := prepareRequest(abci.ExtendedCommitInfo{}, tx(1), tx(2))
	small.MaxTxBytes = txSizeBytes(tx(1))
	txs, err = selector.SelectTxs(proposalContext(), small)
	require.NoError(t, err)
	require.Equal(t, [][]byte{tx(1)}, txs)
}
