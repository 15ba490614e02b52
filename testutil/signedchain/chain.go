// Package signedchain is a chain of IPDM's that makes nothing but checkpoints, really signed, and messages, for tests of what carries and
// checks them (paper section 10.1).
package signedchain

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// ChainID is the id of every such chain.
const ChainID = "ipdm-signed-1"

// Chain is one. It is safe for concurrent use.
type Chain struct {
	t       testing.TB
	signers int

	mu          sync.Mutex // guards the fields below
	checkpoints []relayer.Checkpoint
	outbox      *wire.Tree
	messages    []sent
	fail        error
}

var (
	_ relayer.Source = (*Chain)(nil)
	_ relayer.Outbox = (*Chain)(nil)
)

// New returns a chain without checkpoints, whose signer sets have so many members, other ones in each epoch.
func New(t testing.TB, signers int) *Chain {
	return &Chain{t: t, signers: signers, outbox: wire.NewTree()}
}

// Set returns the signer set of an epoch.
func (c *Chain) Set(epoch uint64) wire.SignerSet {
	set, _ := c.keys(epoch)
	return set
}

// keys returns the signer set of an epoch and its keys in the order of the set.
func (c *Chain) keys(epoch uint64) (wire.SignerSet, []*ecdsa.PrivateKey) {
	var members []wire.Member
	byAddress := map[wire.Address]*ecdsa.PrivateKey{}
	for i := range c.signers {
		secret := wire.Sum(fmt.Appendf(nil, "signer %d of epoch %d", i, epoch))
		key, err := crypto.ToECDSA(secret[:])
		require.NoError(c.t, err)
		address := wire.AddressOf(&key.PublicKey)
		byAddress[address] = key
		members = append(members, wire.Member{Address: address, Power: uint64(10 + i)})
	}
	set, err := wire.NewSignerSet(members)
	require.NoError(c.t, err)
	keys := make([]*ecdsa.PrivateKey, len(set))
	for i, m := range set {
		keys[i] = byAddress[m.Address]
	}
	return set, keys
}

// Sign has the signers of an epoch sign a checkpoint, which may end the epoch, and returns it.
func (c *Chain) Sign(epoch, height, timeMillis uint64, ends bool) relayer.Checkpoint {
	set, keys := c.keys(epoch)
	content := wire.Checkpoint{
		Chain: wire.ChainHash(ChainID), Epoch: epoch, Height: height, TimeMillis: timeMillis,
		AnchorRoot: wire.Sum(fmt.Appendf(nil, "anchors at %d", height)), Set: set.Root(), NextSet: set.Root(),
	}
	var next wire.SignerSet
	if ends {
		next = c.Set(epoch + 1)
		content.NextSet = next.Root()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	content.OutboxRoot = wire.OutboxRoot(c.outbox.Count(), c.outbox.Hash())
	signed := relayer.Checkpoint{Sequence: uint64(len(c.checkpoints) + 1), Messages: c.outbox.Count(), Content: content, Set: set, NextSet: next}
	for i, key := range keys {
		s, err := wire.Sign(content.Digest(), key)
		require.NoError(c.t, err)
		signed.Signatures = append(signed.Signatures, wire.MemberSignature{Index: i, Signature: s})
	}
	c.checkpoints = append(c.checkpoints, signed)
	return signed
}

// Fail makes the chain fail to answer; nil ends that.
func (c *Chain) Fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fail = err
}

// Forge changes the newest checkpoint after it was signed.
func (c *Chain) Forge(change func(*relayer.Checkpoint)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.checkpoints[len(c.checkpoints)-1])
}

// Newest implements relayer.Source.
func (c *Chain) Newest(context.Context) (relayer.Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.fail != nil:
		return relayer.Checkpoint{}, c.fail
	case len(c.checkpoints) == 0:
		return relayer.Checkpoint{}, relayer.ErrNone
	}
	return c.checkpoints[len(c.checkpoints)-1], nil
}

// EndOf implements relayer.Source.
func (c *Chain) EndOf(_ context.Context, epoch uint64) (relayer.Checkpoint, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.checkpoints {
		if s.Content.Epoch == epoch && s.Content.EndsEpoch() {
			return s, nil
		}
	}
	return relayer.Checkpoint{}, errors.New("the epoch has not ended")
}
