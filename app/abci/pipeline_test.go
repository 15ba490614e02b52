package abci

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cryptoenc "github.com/cometbft/cometbft/crypto/encoding"
	cmtprotocrypto "github.com/cometbft/cometbft/proto/tendermint/crypto"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	"github.com/stretchr/testify/require"

	"cosmossdk.io/core/header"
	"cosmossdk.io/log/v2"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	testChainID = "ipdm-test-1"
	testHeight  = 10 // height of the block; the votes are of the height before
	testRound   = 2
)

// testNetwork is a set of validators with their keys. It is the beacon as well, with keys of one byte.
type testNetwork struct {
	keys     []ed25519.PrivKey // by ascending address
	state    map[string]cmtprotocrypto.PublicKey
	beacon   map[string][]byte // VRF keys in state by consensus address
	advanced []int64
}

func newTestNetwork(t testing.TB, validators int) *testNetwork {
	t.Helper()
	n := &testNetwork{state: make(map[string]cmtprotocrypto.PublicKey), beacon: make(map[string][]byte)}
	for range validators {
		n.keys = append(n.keys, ed25519.GenPrivKey())
	}
	slices.SortFunc(n.keys, func(a, b ed25519.PrivKey) int {
		return bytes.Compare(a.PubKey().Address(), b.PubKey().Address())
	})
	for _, key := range n.keys {
		proto, err := cryptoenc.PubKeyToProto(key.PubKey())
		require.NoError(t, err)
		n.state[string(key.PubKey().Address())] = proto
	}
	return n
}

// GetPubKeyByConsAddr implements ValidatorKeys.
func (n *testNetwork) GetPubKeyByConsAddr(_ context.Context, addr sdk.ConsAddress) (cmtprotocrypto.PublicKey, error) {
	key, ok := n.state[string(addr)]
	if !ok {
		return cmtprotocrypto.PublicKey{}, errors.New("no such validator")
	}
	return key, nil
}

// EffectiveKey implements Beacon.
func (n *testNetwork) EffectiveKey(_ context.Context, consensusAddress []byte, _ int64) ([]byte, error) {
	return n.beacon[string(consensusAddress)], nil
}

// Alpha implements Beacon.
func (n *testNetwork) Alpha(_ context.Context, height int64) ([]byte, error) {
	return []byte{byte(height)}, nil
}

// CheckProof implements Beacon.
func (n *testNetwork) CheckProof(_ context.Context, height int64, proposer, proof []byte) error {
	key := n.beacon[string(proposer)]
	if len(key) == 0 && len(proof) == 0 {
		return nil
	}
	if len(key) == 0 || !bytes.Equal(proof, testProof(key, []byte{byte(height)})) {
		return errors.New("wrong proof")
	}
	return nil
}

// Advance implements Beacon.
func (n *testNetwork) Advance(ctx context.Context, height int64, proposer, proof []byte) error {
	if err := n.CheckProof(ctx, height, proposer, proof); err != nil {
		return err
	}
	n.advanced = append(n.advanced, height)
	return nil
}

// testProof is a proof under a key of one byte.
func testProof(key, alpha []byte) []byte {
	return bytes.Repeat(append(key[:1:1], alpha...), BeaconProofBytes/2)
}

// testProver has the private keys of some public ones.
type testProver []byte

// Prove implements BeaconProver.
func (p testProver) Prove(public, alpha []byte) ([]byte, error) {
	if !bytes.Contains(p, public) {
		return nil, errors.New("no such key")
	}
	return testProof(public, alpha), nil
}

func (n *testNetwork) address(i int) []byte { return n.keys[i].PubKey().Address() }

// entry makes the entry of validator i, signed for the given place.
func (n *testNetwork) entry(t testing.TB, i int, chainID string, height int64, round int32, extension []byte) Entry {
	t.Helper()
	signBytes, err := extensionSignBytes(chainID, height, round, extension)
	require.NoError(t, err)
	signature, err := n.keys[i].Sign(signBytes)
	require.NoError(t, err)
	return Entry{Validator: n.address(i), Signature: signature, Extension: extension}
}

func (n *testNetwork) goodEntry(t testing.TB, i int) Entry {
	return n.entry(t, i, testChainID, testHeight-1, testRound, []byte{payloadVersion})
}

// commit is a commit in which all validators but the absent ones voted for the block.
func (n *testNetwork) commit(absent ...int) abci.CommitInfo {
	commit := abci.CommitInfo{Round: testRound}
	for i := range n.keys {
		flag := cmtproto.BlockIDFlagCommit
		if slices.Contains(absent, i) {
			flag = cmtproto.BlockIDFlagAbsent
		}
		commit.Votes = append(commit.Votes, abci.VoteInfo{
			Validator:   abci.Validator{Address: n.address(i), Power: 10},
			BlockIdFlag: flag,
		})
	}
	return commit
}

// extendedCommit is what the proposer has seen: the same with extensions.
func (n *testNetwork) extendedCommit(t testing.TB, extension []byte, absent ...int) abci.ExtendedCommitInfo {
	t.Helper()
	extended := abci.ExtendedCommitInfo{Round: testRound}
	for i, v := range n.commit(absent...).Votes {
		vote := abci.ExtendedVoteInfo{Validator: v.Validator, BlockIdFlag: v.BlockIdFlag}
		if v.BlockIdFlag == cmtproto.BlockIDFlagCommit {
			e := n.entry(t, i, testChainID, testHeight-1, testRound, extension)
			vote.VoteExtension, vote.ExtensionSignature = e.Extension, e.Signature
		}
		extended.Votes = append(extended.Votes, vote)
	}
	return extended
}

func (n *testNetwork) injection(t testing.TB, entries ...Entry) []byte {
	t.Helper()
	raw, err := Injection{Height: testHeight - 1, Round: testRound, Entries: entries}.Encode()
	require.NoError(t, err)
	return raw
}

// proposalContext is a context as BaseApp makes it for a proposal.
func proposalContext() sdk.Context {
	return sdk.NewContext(nil, cmtproto.Header{ChainID: testChainID, Height: testHeight}, false, log.NewNopLogger()).
		WithHeaderInfo(header.Info{ChainID: testChainID, Height: testHeight}).
		WithConsensusParams(cmtproto.ConsensusParams{
			Block: &cmtproto.BlockParams{MaxBytes: 1 << 20, MaxGas: 1000},
			Abci:  &cmtproto.ABCIParams{VoteExtensionsEnableHeight: 1},
		})
}

// testTx is a transaction that wants some gas.
type testTx struct {
	sdk.Tx
	gas uint64
}

func (tx testTx) GetGas() uint64 { return tx.gas }

// testVerifier decodes a transaction "tx" + one byte of gas in hundreds.
type testVerifier struct{}

func (testVerifier) TxDecode(raw []byte) (sdk.Tx, error) {
	if len(raw) != 3 || string(raw[:2]) != "tx" {
		return nil, errors.New("no transaction")
	}
	return testTx{gas: uint64(raw[2]) * 100}, nil
}

func (testVerifier) TxEncode(sdk.Tx) ([]byte, error) { return nil, errors.New("not used") }
func (testVerifier) PrepareProposalVerifyTx(sdk.Tx) ([]byte, error) {
	return nil, errors.New("not used")
}
func (v testVerifier) ProcessProposalVerifyTx(raw []byte) (sdk.Tx, error) { return v.TxDecode(raw) }

func tx(gasHundreds byte) []byte { return []byte{'t', 'x', gasHundreds} }
