package abci

import (
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

func TestProcessProposal(t *testing.T) {
	n := newTestNetwork(t, 4)
	stranger := newTestNetwork(t, 1)
	empty := []byte{payloadVersion}

	good := n.injection(t, n.goodEntry(t, 0), n.goodEntry(t, 1), n.goodEntry(t, 3))
	at := func(height int64, round int32, entries ...Entry) []byte {
		raw, err := Injection{Height: height, Round: round, Entries: entries}.Encode()
		require.NoError(t, err)
		return raw
	}
	// glue joins entries without the checks of Encode.
	glue := func(entries ...Entry) []byte {
		raw := n.injection(t)
		raw[len(raw)-2] = byte(len(entries))
		for _, e := range entries {
			one := n.injection(t, e)
			raw = append(raw, one[injectionHeaderBytes:]...)
		}
		return raw
	}
	wrongSignature := n.goodEntry(t, 1)
	wrongSignature.Signature = append([]byte{}, wrongSignature.Signature...)
	wrongSignature.Signature[5] ^= 1
	otherWords := n.goodEntry(t, 1)
	otherWords.Extension = []byte{payloadVersion, 9, 1, 0, 'x'}
	oversize := append([]byte{payloadVersion, 1, 0xff, 0x03}, make([]byte, MaxExtensionBytes)...)

	tests := []struct {
		name   string
		txs    [][]byte
		absent []int
		accept bool
	}{
		{name: "all extensions", txs: [][]byte{good}, accept: true},
		{name: "no extension", txs: [][]byte{n.injection(t)}, accept: true},
		{name: "transactions after it", txs: [][]byte{good, tx(4), tx(6)}, accept: true},
		{name: "absent validator has no entry", txs: [][]byte{good}, absent: []int{2}, accept: true},

		{name: "empty block"},
		{name: "missing", txs: [][]byte{tx(1)}},
		{name: "not first", txs: [][]byte{tx(1), good}},
		{name: "two", txs: [][]byte{good, good}},
		{name: "empty first transaction", txs: [][]byte{{}, good}},
		{name: "only magic", txs: [][]byte{[]byte(injectionMagic)}},
		{name: "truncated", txs: [][]byte{good[:len(good)-1]}},
		{name: "trailing byte", txs: [][]byte{append(append([]byte{}, good...), 0)}},
		{name: "other version", txs: [][]byte{append([]byte(injectionMagic+"\x01"), good[len(injectionMagic)+1:]...)}},
		{name: "absent validator has an entry", txs: [][]byte{good}, absent: []int{3}},
		{name: "validator twice", txs: [][]byte{glue(n.goodEntry(t, 1), n.goodEntry(t, 1))}},
		{name: "out of order", txs: [][]byte{glue(n.goodEntry(t, 1), n.goodEntry(t, 0))}},
		{name: "wrong signature", txs: [][]byte{n.injection(t, n.goodEntry(t, 0), wrongSignature)}},
		{name: "words put into a mouth", txs: [][]byte{n.injection(t, otherWords)}},
		{name: "unknown validator", txs: [][]byte{n.injection(t, stranger.goodEntry(t, 0))}},
		{name: "signed for another height", txs: [][]byte{n.injection(t, n.entry(t, 0, testChainID, testHeight-2, testRound, empty))}},
		{name: "signed for another round", txs: [][]byte{n.injection(t, n.entry(t, 0, testChainID, testHeight-1, testRound-1, empty))}},
		{name: "signed for another chain", txs: [][]byte{n.injection(t, n.entry(t, 0, "other", testHeight-1, testRound, empty))}},
		{name: "injection of another height", txs: [][]byte{at(testHeight-2, testRound, n.entry(t, 0, testChainID, testHeight-2, testRound, empty))}},
		{name: "injection of another round", txs: [][]byte{at(testHeight-1, testRound+1, n.entry(t, 0, testChainID, testHeight-1, testRound+1, empty))}},
		{name: "oversize extension", txs: [][]byte{append(n.injection(t)[:injectionHeaderBytes-2], append([]byte{1, 0}, oversizeEntry(n, oversize)...)...)}},
		{name: "more entries than bytes", txs: [][]byte{append(n.injection(t)[:injectionHeaderBytes-2], 0, 4)}},
		{name: "too many entries", txs: [][]byte{append(n.injection(t)[:injectionHeaderBytes-2], 0xff, 0xff)}},
		{name: "undecodable transaction", txs: [][]byte{good, []byte("garbage")}},
		{name: "more gas than a block has", txs: [][]byte{good, tx(6), tx(5)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var passedOn [][]byte
			handler := ProcessProposal(n, n, testVerifier{}, func(_ sdk.Context, req *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
				passedOn = req.Txs
				return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
			})
			req := &abci.RequestProcessProposal{Height: testHeight, Txs: test.txs, ProposedLastCommit: n.commit(test.absent...)}
			resp, err := handler(proposalContext(), req)
			require.NoError(t, err)
			require.Equal(t, test.accept, resp.IsAccepted())
			if test.accept {
				require.Equal(t, test.txs[1:], passedOn, "the rest of the block is passed on without the injection")
				require.Equal(t, test.txs, req.Txs, "the request is not changed")
			}
		})
	}
}

// oversizeEntry is an entry, as bytes, with an extension that is too large.
func oversizeEntry(n *testNetwork, extension []byte) []byte {
	raw := append([]byte{}, n.address(0)...)
	raw = append(raw, make([]byte, SignatureBytes)...)
	raw = append(raw, byte(len(extension)), byte(len(extension)>>8))
	return append(raw, extension...)
}

func TestProcessProposalWithoutExtensions(t *testing.T) {
	n := newTestNetwork(t, 1)
	first := proposalContext()
	disabled := proposalContext().WithConsensusParams(cmtproto.ConsensusParams{Abci: &cmtproto.ABCIParams{}})
	later := proposalContext().WithConsensusParams(cmtproto.ConsensusParams{Abci: &cmtproto.ABCIParams{VoteExtensionsEnableHeight: testHeight}})

	for name, test := range map[string]struct {
		ctx    sdk.Context
		commit abci.CommitInfo
	}{
		"first block of the chain": {first, abci.CommitInfo{}},
		"extensions disabled":      {disabled, n.commit()},
		"enabled at this height":   {later, n.commit()},
	} {
		t.Run(name, func(t *testing.T) {
			handler := ProcessProposal(n, n, testVerifier{}, func(sdk.Context, *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
				return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
			})
			accepted := func(txs ...[]byte) bool {
				resp, err := handler(test.ctx, &abci.RequestProcessProposal{Height: testHeight, Txs: txs, ProposedLastCommit: test.commit})
				require.NoError(t, err)
				return resp.IsAccepted()
			}
			empty, err := Injection{Height: testHeight - 1, Round: test.commit.Round}.Encode()
			require.NoError(t, err)
			full, err := Injection{Height: testHeight - 1, Round: test.commit.Round, Entries: []Entry{n.goodEntry(t, 0)}}.Encode()
			require.NoError(t, err)
			require.True(t, accepted(empty, tx(1)))
			require.False(t, accepted(tx(1)), "the injection is in every block")
			require.False(t, accepted(full, tx(1)), "extensions that nobody asked for")
		})
	}
}

func TestProcessProposalJudgesTheRandomness(t *testing.T) {
	n := newTestNetwork(t, 2)
	n.beacon[string(n.address(0))] = []byte{7}
	good := testProof([]byte{7}, []byte{testHeight})

	for name, test := range map[string]struct {
		proposer int
		proof    []byte
		accept   bool
	}{
		"proof":                           {0, good, true},
		"no key and no proof":             {1, nil, true},
		"omitted":                         {0, nil, false},
		"under another key":               {0, testProof([]byte{8}, []byte{testHeight}), false},
		"of another height":               {0, testProof([]byte{7}, []byte{testHeight - 1}), false},
		"by a validator without a key":    {1, good, false},
		"of zeros, by one without a key":  {1, make([]byte, BeaconProofBytes), false},
		"of zeros, by one that has a key": {0, make([]byte, BeaconProofBytes), false},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := Injection{Height: testHeight - 1, Round: testRound, BeaconProof: test.proof}.Encode()
			require.NoError(t, err)
			handler := ProcessProposal(n, n, testVerifier{}, func(sdk.Context, *abci.RequestProcessProposal) (*abci.ResponseProcessProposal, error) {
				return &abci.ResponseProcessProposal{Status: abci.ResponseProcessProposal_ACCEPT}, nil
			})
			resp, err := handler(proposalContext(), &abci.RequestProcessProposal{
				Height: testHeight, Txs: [][]byte{raw}, ProposedLastCommit: n.commit(), ProposerAddress: n.address(test.proposer),
			})
			require.NoError(t, err)
			require.Equal(t, test.accept, resp.IsAccepted())
		})
	}
}
