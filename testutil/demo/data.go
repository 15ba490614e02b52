package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// putResult is what `ipdm put --json` prints.
type putResult struct {
	Root       string  `json:"root"`
	Manifest   string  `json:"manifest"`
	Size       uint64  `json:"size"`
	StoredSize uint64  `json:"stored_size"`
	Blocks     uint64  `json:"blocks"`
	NewBlocks  uint64  `json:"new_blocks"`
	Seconds    float64 `json:"seconds"`
	DealID     uint64  `json:"deal_id"`
}

func (s *story) runPut(ctx context.Context, extra ...string) (*putResult, error) {
	var result putResult
	args := append([]string{"put", s.tree, "--tag", "demo=source", "--from", s.network.Endpoints().Client.Key.Name}, extra...)
	if err := s.network.IPDM(ctx, s.clientHome(), &result, args...); err != nil {
		return nil, err
	}
	return &result, nil
}

// put stores the tree on the client's node.
func (s *story) put(ctx context.Context) (Figures, error) {
	result, err := s.runPut(ctx)
	if err != nil {
		return nil, err
	}
	s.root = result.Root
	return Figures{
		"mb_per_second":    round(float64(result.Size) / 1e6 / result.Seconds),
		"megabytes":        round(float64(result.Size) / 1e6),
		"blocks":           result.Blocks,
		"stored_per_plain": round(float64(result.StoredSize) / float64(result.Size)),
	}, nil
}

// putAgain stores the same tree again: nothing is new.
func (s *story) putAgain(ctx context.Context) (Figures, error) {
	result, err := s.runPut(ctx)
	if err != nil {
		return nil, err
	}
	figures := Figures{"new_blocks": result.NewBlocks}
	if result.NewBlocks != 0 || result.Root != s.root {
		return figures, fmt.Errorf("storing the same tree again gave %d new blocks and the root %s", result.NewBlocks, result.Root)
	}
	return figures, nil
}

// get wipes the client's store and reads the tree back from the network.
func (s *story) get(ctx context.Context) (Figures, error) {
	if err := s.wipeClient(ctx); err != nil {
		return nil, err
	}
	return s.readBack(ctx, "first")
}

// wipeClient deletes everything that the client's node stores, while it is down.
func (s *story) wipeClient(ctx context.Context) error {
	if err := s.network.Client.Stop(); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(s.clientHome(), "store")); err != nil {
		return fmt.Errorf("failed to wipe the client's store: %w", err)
	}
	if err := s.network.Client.Start(); err != nil {
		return err
	}
	return until(ctx, func() error {
		var id struct{}
		return s.network.IPDM(ctx, s.clientHome(), &id, "id")
	})
}

// readBack gets the tree into a new folder and compares every file.
func (s *story) readBack(ctx context.Context, name string) (Figures, error) {
	target := filepath.Join(s.dir, "restored-"+name)
	began := time.Now()
	if _, err := s.network.Run(ctx, s.clientHome(), "get", s.root, "-o", target); err != nil {
		return nil, err
	}
	took := seconds(began)
	compared, err := compareTrees(s.tree, target)
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(target); err != nil {
		return nil, fmt.Errorf("failed to remove the restored tree: %w", err)
	}
	return Figures{
		"files_compared": compared.files,
		"get_seconds":    round(took),
		"mb_per_second":  round(float64(compared.bytes) / 1e6 / took),
	}, nil
}
