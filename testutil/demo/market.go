package demo

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/ipdm-network/ipdm/testutil/localnet"
)

// What the story's deal asks for.
const (
	dealReplicas = "open:3"
	dealDuration = "1h"
	dealMaxPrice = "2000000000000000" // aipdm a GiB-hour, twice what the localnet's providers ask
	// minWindows is how many windows each provider has to prove before it counts as paid.
	minWindows = 3
)

// dealStatus is what `ipdm deal status --json` prints.
type dealStatus struct {
	Status   string `json:"status"`
	Replicas []struct {
		Index    uint32 `json:"index"`
		Status   string `json:"status"`
		Provider string `json:"provider"`
	} `json:"replicas"`
}

// providerStatus is what `ipdm provider status --json` prints.
type providerStatus struct {
	WindowsProven uint64 `json:"windows_proven"`
	WindowsMissed uint64 `json:"windows_missed"`
	DealsHeld     uint64 `json:"deals_held"`
	FaultyUnits   uint64 `json:"faulty_units"`
	Earned        string `json:"earned"`
	Slashed       string `json:"slashed"`
}

// deal anchors the manifest, orders three open replicas and waits until each is active.
func (s *story) deal(ctx context.Context) (Figures, error) {
	began := time.Now()
	result, err := s.runPut(ctx, "--anchor", "--deal", dealReplicas, "--duration", dealDuration, "--max-price", dealMaxPrice)
	if err != nil {
		return nil, err
	}
	if result.Root != s.root || result.DealID == 0 {
		return nil, fmt.Errorf("the deal %d is for the root %s", result.DealID, result.Root)
	}
	s.dealID, s.anchor = result.DealID, result.Manifest
	paid := time.Now()
	if _, err := s.network.Run(ctx, s.clientHome(), "deal", "wait", strconv.FormatUint(s.dealID, 10)); err != nil {
		return nil, err
	}
	active := seconds(paid)
	holders, err := s.holders(ctx)
	if err != nil {
		return nil, err
	}
	if len(holders) != 3 {
		return nil, fmt.Errorf("%d providers hold the deal", len(holders))
	}
	return Figures{"deal_id": s.dealID, "order_seconds": round(paid.Sub(began).Seconds()), "active_after_seconds": round(active)}, nil
}

// holders returns the data nodes whose replicas are active, by provider address.
func (s *story) holders(ctx context.Context) (map[string]int, error) {
	var status dealStatus
	if err := s.network.IPDM(ctx, s.clientHome(), &status, "deal", "status", strconv.FormatUint(s.dealID, 10)); err != nil {
		return nil, err
	}
	holders := map[string]int{}
	for _, replica := range status.Replicas {
		if replica.Status != "active" {
			continue
		}
		for i, node := range s.network.Endpoints().Nodes {
			if node.ProviderAddress == replica.Provider {
				holders[replica.Provider] = i
			}
		}
	}
	return holders, nil
}

func (s *story) provider(ctx context.Context, node int) (*providerStatus, error) {
	var status providerStatus
	err := s.network.IPDM(ctx, s.network.Endpoints().Nodes[node].Sidecar.Home, &status, "provider", "status")
	return &status, err
}

// paid waits until every holder has proven some windows and its settled earnings grow.
func (s *story) paid(ctx context.Context) (Figures, error) {
	holders, err := s.holders(ctx)
	if err != nil {
		return nil, err
	}
	least := ^uint64(0)
	total := new(big.Int)
	for _, node := range holders {
		proven, earned, err := s.seenPaid(ctx, node)
		if err != nil {
			return nil, fmt.Errorf("the provider of node %d: %w", node, err)
		}
		least = min(least, proven)
		total.Add(total, earned)
	}
	return Figures{"providers": len(holders), "windows_proven_min": least, "earned_aipdm": total.String()}, nil
}

// seenPaid waits until one provider has proven enough windows, then until its earnings grow.
func (s *story) seenPaid(ctx context.Context, node int) (proven uint64, earned *big.Int, err error) {
	var before *big.Int
	err = until(ctx, func() error {
		status, err := s.provider(ctx, node)
		if err != nil {
			return err
		}
		amount, ok := new(big.Int).SetString(status.Earned, 10)
		if !ok {
			return fmt.Errorf("earned is %q", status.Earned)
		}
		if before == nil && amount.Sign() > 0 {
			before = amount
		}
		if status.WindowsProven < minWindows || before == nil || amount.Cmp(before) <= 0 {
			return fmt.Errorf("proven %d windows, missed %d, earned %s", status.WindowsProven, status.WindowsMissed, status.Earned)
		}
		proven, earned = status.WindowsProven, amount
		return nil
	})
	return proven, earned, err
}

// cheat makes one provider lose most of its bytes; it is caught, faulted, slashed and terminated, the fourth provider
// repairs the replica, and the data still reads back.
func (s *story) cheat(ctx context.Context) (Figures, error) {
	holders, err := s.holders(ctx)
	if err != nil {
		return nil, err
	}
	cheater := -1
	for _, node := range holders {
		cheater = max(cheater, node)
	}
	if cheater < 0 {
		return nil, errors.New("nobody holds the deal")
	}
	node := s.network.Endpoints().Nodes[cheater]
	sidecar := s.network.Sidecars[cheater]
	if err := sidecar.Stop(); err != nil {
		return nil, err
	}
	deleted, err := localnet.DeleteStoredBytes(ctx, node.Sidecar.Home, 0.6)
	if err != nil {
		return nil, err
	}
	if err := sidecar.Start("--pause-healing"); err != nil {
		return nil, err
	}
	began := time.Now()
	figures := Figures{"deleted_fraction": round(deleted)}
	if err := until(ctx, func() error { return s.caught(ctx, cheater, figures, began) }); err != nil {
		return figures, err
	}
	err = until(ctx, func() error {
		now, err := s.holders(ctx)
		if err != nil {
			return err
		}
		if _, still := now[node.ProviderAddress]; still || len(now) != 3 {
			return fmt.Errorf("%d replicas are active", len(now))
		}
		return nil
	})
	if err != nil {
		return figures, fmt.Errorf("the replica was not repaired: %w", err)
	}
	figures["repaired_after_seconds"] = round(seconds(began))
	if err := s.wipeClient(ctx); err != nil {
		return figures, err
	}
	read, err := s.readBack(ctx, "second")
	if err != nil {
		return figures, err
	}
	figures["files_compared"] = read["files_compared"]
	return figures, nil
}

// caught checks how far the chain is with the cheater: faulted first, then slashed and terminated.
func (s *story) caught(ctx context.Context, cheater int, figures Figures, began time.Time) error {
	status, err := s.provider(ctx, cheater)
	if err != nil {
		return err
	}
	if _, seen := figures["faulted_after_seconds"]; !seen && status.FaultyUnits > 0 {
		figures["faulted_after_seconds"] = round(seconds(began))
	}
	holders, err := s.holders(ctx)
	if err != nil {
		return err
	}
	// Its sealed replicas are on another disk, as it were: they stay.
	_, holds := holders[s.network.Endpoints().Nodes[cheater].ProviderAddress]
	if status.Slashed == "" || status.Slashed == "0" || holds || status.FaultyUnits > 0 {
		return fmt.Errorf("the cheater has %d faulty units, holds the deal: %t, and was slashed %q", status.FaultyUnits, holds, status.Slashed)
	}
	if _, seen := figures["faulted_after_seconds"]; !seen {
		return errors.New("the cheater was terminated without having been seen faulty")
	}
	figures["slashed_aipdm"] = status.Slashed
	figures["terminated_after_seconds"] = round(seconds(began))
	return nil
}
