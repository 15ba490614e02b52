package adversary_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/commitment"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

	"github.com/ipdm-network/ipdm/testutil/sealed"
)

var errGone = errors.New("not on this disk")

// content is what a deal is about.
type content struct {
	*sealed.Deal
	// parts numbers the encodings, which are of one size in bytes.
	parts map[format.Digest]int
	size  int
}

// newContent makes encodings of a size out of a name.
func newContent(t testing.TB, name string, parts, size int) *content {
	t.Helper()
	stream := rand.NewChaCha8(sha256.Sum256([]byte(name)))
	c := &content{parts: map[format.Digest]int{}, size: size}
	var encodings [][]byte
	for part := range parts {
		encoding := make([]byte, size)
		_, _ = stream.Read(encoding) // it never fails
		c.parts[format.Sum(encoding)] = part
		encodings = append(encodings, encoding)
	}
	var err error
	c.Deal, err = sealed.NewDeal(encodings...)
	require.NoError(t, err)
	return c
}

// disk is what a provider has of all contents and of its sectors.
type disk struct {
	w *world
	p *provider
}

// Tree implements proof.Source.
func (d disk) Tree(_ context.Context, commD format.Digest) (*commitment.Tree, error) {
	if c, known := d.w.contents[commD]; known {
		return c.Deal.Tree, nil
	}
	return nil, errGone
}

// Encoding implements proof.Source.
func (d disk) Encoding(_ context.Context, digest format.Digest) ([]byte, error) {
	for _, c := range d.w.contents {
		if part, known := c.parts[digest]; known && !d.p.lost(c, part) {
			return c.Deal.Encoding(digest)
		}
	}
	return nil, errGone
}

// OpenNode implements proof.SealedSource.
func (d disk) OpenNode(ctx context.Context, c proof.SealedChallenge) (*proof.NodeOpening, error) {
	for _, s := range d.p.sectors {
		if s.Statement.CommRLast == c.CommRLast && !d.lostNode(s, c.Node) {
			return s.OpenNode(ctx, c.Node)
		}
	}
	return nil, errGone
}

// lostNode tells whether a node of a replica is gone: it goes with the part of the content that lies there.
func (d disk) lostNode(s *ownSector, node uint64) bool {
	for _, piece := range s.Statement.Pieces {
		if node >= piece.StartNode && node < piece.StartNode+piece.Nodes() {
			c := d.w.contents[piece.CommD]
			return d.p.lost(c, int((node-piece.StartNode)*uint64(len(c.parts))/piece.Nodes()))
		}
	}
	return false
}

// sectorNodes is the size of all sectors here.
var sectorNodes = poreptypes.SECTOR_CLASS_TEST_4MIB.Nodes()

// seals holds what was sealed in this process: worlds that go the same way seal the same replicas.
var seals = struct {
	sync.Mutex
	byReplica map[sdr.Hash]*sealed.Sector
}{byReplica: map[sdr.Hash]*sealed.Sector{}}

// seal seals contents as the replica that identity says.
func seal(t testing.TB, identity func(commD sdr.Hash) sdr.Hash, deals ...*sealed.Deal) *sealed.Sector {
	t.Helper()
	var pieces []sdr.Piece
	var start uint64
	for _, deal := range deals {
		piece := deal.Piece(start)
		pieces = append(pieces, piece)
		start += piece.Nodes()
	}
	id := identity(sdr.SectorCommD(sectorNodes, pieces))
	seals.Lock()
	defer seals.Unlock()
	if s, known := seals.byReplica[id]; known {
		return s
	}
	s, err := sealed.New(sectorNodes, identity, deals...)
	require.NoError(t, err)
	seals.byReplica[id] = s
	return s
}
