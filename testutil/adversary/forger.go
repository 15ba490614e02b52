package adversary

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// forger seals without computing labels. All else is what an honest provider has.
type forger struct {
	sectors.Files
	source proof.Source

	mu     sync.Mutex
	forged map[uint64]*sealed.Sector // guarded by mu: by number
}

func newForger(files sectors.Files, source proof.Source) *forger {
	return &forger{Files: files, source: source, forged: map[uint64]*sealed.Sector{}}
}

// List implements sectors.Files: what was forged counts as sealed.
func (f *forger) List(ctx context.Context) ([]sectors.File, error) {
	files, err := f.Files.List(ctx)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range files {
		if s, ok := f.forged[files[i].Plan.Number]; ok {
			files[i].Phase, files[i].HasLabels, files[i].Commitments = sectors.PhaseSealed, true, commitments(s)
		}
	}
	return files, nil
}

func commitments(s *sealed.Sector) sectors.Commitments {
	return sectors.Commitments{
		ReplicaID: s.Statement.ReplicaID, CommD: sdr.SectorCommD(s.Statement.Nodes, s.Statement.Pieces),
		CommC: s.Statement.CommC, CommRLast: s.Statement.CommRLast,
	}
}

// Seal implements sectors.Files.
func (f *forger) Seal(ctx context.Context, number uint64) (sectors.Commitments, error) {
	files, err := f.Files.List(ctx)
	if err != nil {
		return sectors.Commitments{}, err
	}
	for _, file := range files {
		if file.Plan.Number != number {
			continue
		}
		s, err := f.forge(ctx, file.Plan)
		if err != nil {
			return sectors.Commitments{}, err
		}
		f.mu.Lock()
		f.forged[number] = s
		f.mu.Unlock()
		return commitments(s), nil
	}
	return sectors.Commitments{}, sectors.ErrNoSector
}

func (f *forger) forge(ctx context.Context, plan sectors.Plan) (*sealed.Sector, error) {
	var deals []*sealed.Deal
	for _, piece := range plan.Pieces {
		tree, err := f.source.Tree(ctx, piece.CommD)
		if err != nil {
			return nil, fmt.Errorf("failed to find the tree of %s: %w", piece.CommD, err)
		}
		var encodings [][]byte
		for i := range tree.LeafCount() {
			leaf, err := tree.Leaf(i)
			if err != nil {
				return nil, err
			}
			encoding, err := f.source.Encoding(ctx, leaf.Digest)
			if err != nil {
				return nil, fmt.Errorf("failed to read encoding %s: %w", leaf.Digest, err)
			}
			encodings = append(encodings, encoding)
		}
		deal, err := sealed.NewDeal(encodings...)
		if err != nil {
			return nil, err
		}
		deals = append(deals, deal)
	}
	return sealed.Forge(sdr.Class(plan.Class).Nodes(), func(sdr.Hash) sdr.Hash { return plan.ReplicaID }, deals...)
}

// Records implements sectors.Files.
func (f *forger) Records(ctx context.Context, number uint64, nodes []uint64) (records []byte, err error) {
	f.mu.Lock()
	s, ok := f.forged[number]
	f.mu.Unlock()
	if !ok {
		return nil, errors.New("nothing was forged")
	}
	for _, v := range nodes {
		if records, err = sdr.AppendRecord(ctx, records, s.Graph, s.Statement.Pieces, v, s); err != nil {
			return nil, err
		}
	}
	return records, nil
}
