package simulation_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
)

// contentCount is how many different contents deals are about.
const contentCount = 16

var errLost = errors.New("not on this disk")

// library holds all contents there are.
type library struct {
	contents  []format.Digest
	trees     map[format.Digest]*commitment.Tree
	encodings map[format.Digest][]byte
}

func newLibrary(c *chain, rng *rand.Rand) *library {
	c.Helper()
	l := &library{trees: map[format.Digest]*commitment.Tree{}, encodings: map[format.Digest][]byte{}}
	for i := range contentCount {
		var leaves []commitment.Leaf
		var offset uint64
		for j := range 1 + rng.IntN(3) {
			size := 100 + rng.IntN(3_000)
			encoding := make([]byte, size)
			hash := sha256.Sum256(fmt.Appendf(nil, "content %d/%d", i, j))
			for k := range encoding {
				encoding[k] = hash[k%len(hash)] ^ byte(k/len(hash))
			}
			digest := format.Sum(encoding)
			l.encodings[digest] = encoding
			leaves = append(leaves, commitment.Leaf{Digest: digest, Offset: offset, Length: uint32(size)})
			offset += uint64(size)
		}
		tree, err := commitment.NewTree(leaves)
		require.NoError(c, err)
		l.trees[tree.CommD()] = tree
		l.contents = append(l.contents, tree.CommD())
	}
	return l
}

// disk is a provider's store: the library but for what it has lost.
type disk struct {
	*library
	lost map[format.Digest]bool
}

// Tree implements proof.Source. Trees are small and never lost.
func (d *disk) Tree(_ context.Context, commD format.Digest) (*commitment.Tree, error) {
	if tree, known := d.trees[commD]; known {
		return tree, nil
	}
	return nil, errLost
}

// Encoding implements proof.Source.
func (d *disk) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	if encoding, known := d.encodings[digest]; known && !d.lost[digest] {
		return encoding, nil
	}
	return nil, errLost
}

// lose deletes the encodings of a content.
func (d *disk) lose(commD format.Digest) {
	for _, digest := range d.digests(commD) {
		d.lost[digest] = true
	}
}

// heal fetches the encodings of a content again.
func (d *disk) heal(commD format.Digest) {
	for _, digest := range d.digests(commD) {
		delete(d.lost, digest)
	}
}

func (l *library) digests(commD format.Digest) []format.Digest {
	tree, known := l.trees[commD]
	if !known {
		return nil
	}
	var digests []format.Digest
	for i := range tree.LeafCount() {
		if leaf, err := tree.Leaf(i); err == nil {
			digests = append(digests, leaf.Digest)
		}
	}
	return digests
}
