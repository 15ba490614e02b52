package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// measuredBlocks is over how many blocks the block interval is measured.
const measuredBlocks = 50

// startNetwork brings 4 validators and 5 data nodes up and measures the block interval.
func (s *story) startNetwork(ctx context.Context) (Figures, error) {
	network, err := localnet.Start(ctx, localnet.Options{Dir: filepath.Join(s.dir, "net"), BinDir: s.opts.BinDir, Validators: validators})
	if err != nil {
		return nil, err
	}
	s.network = network
	began := time.Now()
	if err := network.WaitReady(ctx); err != nil {
		return nil, err
	}
	ready := seconds(began)
	for _, p := range network.Processes() {
		s.pids = append(s.pids, p.Pid())
	}
	rpc := network.Endpoints().Nodes[0].RPC
	intervals, err := s.blockIntervals(ctx, rpc, measuredBlocks)
	if err != nil {
		return nil, err
	}
	return Figures{
		"validators":               validators,
		"ready_seconds":            round(ready),
		"block_interval_median_ms": round(intervals[len(intervals)/2]),
		"block_interval_p95_ms":    round(intervals[len(intervals)*95/100]),
	}, nil
}

// blockIntervals returns the times between the next blocks in milliseconds, the shortest first.
func (s *story) blockIntervals(ctx context.Context, rpc string, blocks int64) ([]float64, error) {
	first, err := localnet.Height(ctx, rpc)
	if err != nil {
		return nil, err
	}
	if err := s.waitHeight(ctx, rpc, first+blocks); err != nil {
		return nil, err
	}
	intervals := make([]float64, 0, blocks)
	previous, err := localnet.Header(ctx, rpc, first)
	if err != nil {
		return nil, err
	}
	for height := first + 1; height <= first+blocks; height++ {
		block, err := localnet.Header(ctx, rpc, height)
		if err != nil {
			return nil, err
		}
		intervals = append(intervals, float64(block.Time.Sub(previous.Time).Microseconds())/1000)
		previous = block
	}
	slices.Sort(intervals)
	return intervals, nil
}

func (s *story) waitHeight(ctx context.Context, rpc string, height int64) error {
	return until(ctx, func() error {
		now, err := localnet.Height(ctx, rpc)
		if err == nil && now < height {
			err = fmt.Errorf("height %d of %d", now, height)
		}
		return err
	})
}

// crash kills a validator; the others go on, and it catches up and signs when it is back.
func (s *story) crash(ctx context.Context) (Figures, error) {
	victim := validators - 1
	nodes := s.network.Endpoints().Nodes
	rpc := nodes[0].RPC
	if err := s.network.Validators[victim].Kill(); err != nil {
		return nil, err
	}
	killedAt, err := localnet.Height(ctx, rpc)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	const blocksWithout = 20
	if err := s.waitHeight(ctx, rpc, killedAt+blocksWithout); err != nil {
		return nil, fmt.Errorf("the chain stopped without %s: %w", nodes[victim].Name, err)
	}
	figures := Figures{"blocks_without_it": blocksWithout, "seconds_for_those_blocks": round(seconds(began))}
	if err := s.network.Validators[victim].Start(); err != nil {
		return figures, err
	}
	began = time.Now()
	err = until(ctx, func() error {
		signers, err := localnet.Signers(ctx, rpc)
		if err == nil && !signers[nodes[victim].ValidatorAddress] {
			err = fmt.Errorf("%s has signed none of the latest blocks", nodes[victim].Name)
		}
		return err
	})
	figures["signs_again_after_seconds"] = round(seconds(began))
	return figures, err
}

// down stops the network and looks whether a process is left.
func (s *story) down(context.Context) (Figures, error) {
	for _, p := range s.network.Processes() {
		s.pids = append(s.pids, p.Pid())
	}
	if err := s.network.Close(); err != nil {
		return nil, err
	}
	left := 0
	for _, pid := range s.pids {
		if pid > 0 && syscall.Kill(pid, 0) == nil && strings.Contains(commandLine(pid), s.dir) {
			left++
		}
	}
	if left > 0 {
		return Figures{"processes_left": left}, fmt.Errorf("%d processes are left", left)
	}
	return Figures{"processes_left": 0}, nil
}

// commandLine returns the command line of a process, which tells a reused process id from one of ours. Where the
// system does not show it, every living process counts as ours.
func commandLine(pid int) string {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return ""
	}
	return string(raw)
}
