package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/consensus/priority"
)

const (
	// sealedBytes is how much of the tree the sealed deals are about: it fits into a sector of 4 MiB.
	sealedBytes = 2 << 20
	// sealedWindows is how many windows each sealed replica is seen proven in.
	sealedWindows = 2
	// Each state takes so many turns in which the block interval is measured, over so many blocks each.
	intervalRounds, intervalBlocks = 3, 30
	// The forger offers and pledges so much that it is drawn.
	forgerCapacity = "10TiB"
	forgerPledge   = "15000000000000000000000"
	forgerFunds    = "16000000000000000000000"
)

// sealedPart copies files of the tree, in order and sealedBytes in all, to a new folder, as texts: no tool takes them for its own. skip leaves the first ones out, so that every
// part is other data.
func (s *story) sealedPart(name string, skip int) (string, error) {
	dir := filepath.Join(s.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("failed to make %s: %w", dir, err)
	}
	var total int64
	errEnough := errors.New("enough")
	err := filepath.WalkDir(s.tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil || info.Size() > sealedBytes/4 {
			return err
		}
		if skip--; skip >= 0 {
			return nil
		}
		if total+info.Size() > sealedBytes {
			return errEnough
		}
		total += info.Size()
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%07d-%s.txt", total, entry.Name())), content, 0o600)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return "", fmt.Errorf("failed to copy a part of the tree: %w", err)
	}
	return dir, nil
}

// orderSealed stores a part of the tree and orders sealed replicas of it.
func (s *story) orderSealed(ctx context.Context, name string, skip, replicas int) (dealID uint64, err error) {
	dir, err := s.sealedPart(name, skip)
	if err != nil {
		return 0, err
	}
	var result putResult
	err = s.network.IPDM(ctx, s.clientHome(), &result, "put", dir, "--from", s.network.Endpoints().Client.Key.Name,
		"--deal", fmt.Sprintf("sealed:%d", replicas), "--duration", dealDuration, "--max-price", dealMaxPrice)
	return result.DealID, err
}

// replicasOf returns the status of a deal.
func (s *story) replicasOf(ctx context.Context, dealID uint64) (*dealStatus, error) {
	var status dealStatus
	err := s.network.IPDM(ctx, s.clientHome(), &status, "deal", "status", strconv.FormatUint(dealID, 10))
	return &status, err
}

// waitActive waits until every replica of a deal is active, and returns their providers.
func (s *story) waitActive(ctx context.Context, dealID uint64) ([]string, error) {
	var providers []string
	err := until(ctx, func() error {
		status, err := s.replicasOf(ctx, dealID)
		if err != nil {
			return err
		}
		providers = providers[:0]
		for _, replica := range status.Replicas {
			if replica.Status != "active" {
				return fmt.Errorf("replica %d is %s", replica.Index, replica.Status)
			}
			providers = append(providers, replica.Provider)
		}
		return nil
	})
	return providers, err
}

// chainSectors is what `ipdmd query porep sectors` prints.
type chainSectors struct {
	Sectors []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		Proof  *struct {
			SealID   string `json:"seal_id"`
			YesPower string `json:"yes_power"`
			Votes    int    `json:"votes"`
			Length   string `json:"length_bytes"`
		} `json:"proof"`
	} `json:"sectors"`
}

// sealedDeal orders two sealed replicas: they are sealed, and validators' verdicts activate them.
func (s *story) sealedDeal(ctx context.Context) (Figures, error) {
	began := time.Now()
	dealID, err := s.orderSealed(ctx, "sealed", 0, 2)
	if err != nil {
		return nil, err
	}
	if s.sealers, err = s.waitActive(ctx, dealID); err != nil {
		return nil, err
	}
	figures := Figures{"deal_id": dealID, "active_after_seconds": round(seconds(began)), "replicas": len(s.sealers)}
	votes := 0
	for _, provider := range s.sealers {
		var sectors chainSectors
		if err := s.network.Query(ctx, &sectors, "porep", "sectors", provider); err != nil {
			return figures, err
		}
		if len(sectors.Sectors) != 1 || sectors.Sectors[0].Proof == nil {
			return figures, fmt.Errorf("%s has no sector with a seal proof", provider)
		}
		votes += sectors.Sectors[0].Proof.Votes
		figures["seal_proof_bytes"] = sectors.Sectors[0].Proof.Length
	}
	figures["verdicts"] = votes
	if least := len(s.sealers) * (validators*2/3 + 1); votes < least {
		return figures, fmt.Errorf("%d verdicts activated the replicas, want %d", votes, least)
	}
	return figures, nil
}

// sealedStatus is what `ipdm provider status --json` prints of the sealed class.
type sealedStatus struct {
	Sealed struct {
		WindowsProven    uint64 `json:"windows_proven"`
		WindowsMissed    uint64 `json:"windows_missed"`
		ProvenBytes      uint64 `json:"proven_bytes"`
		RewardsEarned    string `json:"rewards_earned"`
		RewardsClaimable string `json:"rewards_claimable"`
	} `json:"sealed"`
}

// sealedOf returns the state of the sealed class of a provider.
func (s *story) sealedOf(ctx context.Context, provider string) (*sealedStatus, error) {
	for _, node := range s.network.Endpoints().Nodes {
		if node.ProviderAddress == provider {
			var status sealedStatus
			err := s.network.IPDM(ctx, node.Sidecar.Home, &status, "provider", "status")
			return &status, err
		}
	}
	return nil, fmt.Errorf("no data node is %s", provider)
}

// sealedProven waits until each sealed replica was proven in some windows.
func (s *story) sealedProven(ctx context.Context) (Figures, error) {
	least, missed := ^uint64(0), uint64(0)
	for _, provider := range s.sealers {
		var status *sealedStatus
		err := until(ctx, func() (err error) {
			if status, err = s.sealedOf(ctx, provider); err == nil && status.Sealed.WindowsProven < sealedWindows {
				err = fmt.Errorf("%s has proven %d windows of the sealed class", provider, status.Sealed.WindowsProven)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		least = min(least, status.Sealed.WindowsProven)
		missed += status.Sealed.WindowsMissed
	}
	return Figures{"providers": len(s.sealers), "windows_proven_min": least, "windows_missed": missed}, nil
}

// account is what `ipdmd query incentive account` prints.
type account struct {
	Account struct {
		Earned string `json:"earned"`
		Paid   string `json:"paid"`
	} `json:"account"`
	Vesting string `json:"vesting"`
}

// sealedEmission waits until the storage emission of each sealed replica grows and part of it was paid out.
func (s *story) sealedEmission(ctx context.Context) (Figures, error) {
	total, paid := new(big.Int), new(big.Int)
	for _, provider := range s.sealers {
		var first *big.Int
		err := until(ctx, func() error {
			var a account
			if err := s.network.Query(ctx, &a, "incentive", "account", provider); err != nil {
				return err
			}
			earned, ok := new(big.Int).SetString(a.Account.Earned, 10)
			out, okPaid := new(big.Int).SetString(a.Account.Paid, 10)
			if !ok || !okPaid {
				return fmt.Errorf("earned %q, paid %q", a.Account.Earned, a.Account.Paid)
			}
			if first == nil && earned.Sign() > 0 {
				first = earned
			}
			if first == nil || earned.Cmp(first) <= 0 || out.Sign() == 0 {
				return fmt.Errorf("%s has earned %s and was paid %s", provider, earned, out)
			}
			total.Add(total, earned)
			paid.Add(paid, out)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return Figures{"earned_aipdm": total.String(), "paid_aipdm": paid.String()}, nil
}

// sealedInterval measures blocks while the machine does nothing else, while it seals without a pause, and, to compare, while it counts up a
// number at the priority that sealing has: what any work costs that takes turns with the network on the same cores. They take turns, so
// that all three see the same machine.
func (s *story) sealedInterval(ctx context.Context) (figures Figures, err error) {
	dir := filepath.Join(s.dir, "bench")
	bench, err := s.network.StartExtra("bench", "ipdm", "bench", "seal", "--size", "256MiB", "--sectors", "2", "--dir", dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bench.Kill()) }() // it may stand still
	if err := until(ctx, func() error { _, err := os.Stat(filepath.Join(dir, "0", "layer-01")); return err }); err != nil {
		return nil, fmt.Errorf("sealing did not begin: %w", err)
	}
	var idle, counting, sealing []float64
	for range intervalRounds {
		if err := bench.Signal(syscall.SIGSTOP); err != nil {
			return nil, err
		}
		if err := s.addIntervals(ctx, &idle); err != nil {
			return nil, err
		}
		stop := count()
		err := s.addIntervals(ctx, &counting)
		if stop(); err != nil {
			return nil, err
		}
		if err := bench.Signal(syscall.SIGCONT); err != nil {
			return nil, err
		}
		if err := s.addIntervals(ctx, &sealing); err != nil {
			return nil, err
		}
	}
	if !bench.Running() {
		return nil, errors.New("sealing was over before the blocks were measured")
	}
	median := func(intervals []float64) float64 {
		slices.Sort(intervals)
		return intervals[len(intervals)/2]
	}
	return Figures{
		"idle_median_ms": round(median(idle)), "counting_median_ms": round(median(counting)), "sealing_median_ms": round(median(sealing)),
		"ratio": round(median(sealing) / median(idle)), "ratio_to_counting": round(median(sealing) / median(counting)),
	}, nil
}

// addIntervals appends the times between the next blocks in milliseconds.
func (s *story) addIntervals(ctx context.Context, to *[]float64) error {
	intervals, err := s.blockIntervals(ctx, s.network.Endpoints().Nodes[0].RPC, intervalBlocks)
	*to = append(*to, intervals...)
	return err
}

// count keeps a core busy at the priority of sealing until stop is called.
func count() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		priority.Lower()
		for n := 0; n&0xffff != 0 || ctx.Err() == nil; n++ {
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// sealedForged lets a provider that computes no labels take a deal: validators reject its seal, its deposit is lost, it is jailed, and
// an honest provider takes the replica over.
func (s *story) sealedForged(ctx context.Context) (Figures, error) {
	home := filepath.Join(s.dir, "forger")
	forger, err := s.network.ProviderHome(ctx, home, forgerFunds, "--ask-capacity", forgerCapacity, "--pledge", forgerPledge, "--ask-price", "1")
	if err != nil {
		return nil, err
	}
	if err := s.waitFunded(ctx, forger); err != nil {
		return nil, err
	}
	process, err := s.network.StartExtra("forger", "ipdm-localnet", "adversary", "--behaviour", "forge", "--home", home)
	if err != nil {
		return nil, err
	}
	if err := until(ctx, func() error { return s.network.Query(ctx, &struct{}{}, "market", "provider", forger) }); err != nil {
		return nil, fmt.Errorf("the forger did not register: %w", err)
	}
	began := time.Now()
	dealID, err := s.orderSealed(ctx, "forged", 3000, 1)
	if err != nil {
		return nil, err
	}
	figures := Figures{"deal_id": dealID}
	if err := until(ctx, func() error { return s.rejected(ctx, forger, figures) }); err != nil {
		return figures, err
	}
	figures["rejected_after_seconds"] = round(seconds(began))
	providers, err := s.waitActive(ctx, dealID)
	if err != nil {
		return figures, fmt.Errorf("no honest provider took over: %w", err)
	}
	if providers[0] == forger {
		return figures, errors.New("the forger holds the replica")
	}
	figures["taken_over_after_seconds"] = round(seconds(began))
	return figures, process.Stop()
}

func (s *story) waitFunded(ctx context.Context, address string) error {
	return until(ctx, func() error {
		var balances struct {
			Balances []struct{ Amount string } `json:"balances"`
		}
		err := s.network.Query(ctx, &balances, "bank", "balances", address)
		if err == nil && len(balances.Balances) == 0 {
			err = fmt.Errorf("%s has no funds", address)
		}
		return err
	})
}

// rejected checks that the forger's seal was rejected: it is jailed and its deposit was split.
func (s *story) rejected(ctx context.Context, forger string, figures Figures) error {
	var registered struct {
		Provider struct {
			JailedUntil string `json:"jailed_until"`
			Accepting   bool   `json:"accepting"`
		} `json:"provider"`
	}
	if err := s.network.Query(ctx, &registered, "market", "provider", forger); err != nil {
		return err
	}
	if registered.Provider.JailedUntil == "" || registered.Provider.Accepting {
		return errors.New("the forger is not jailed")
	}
	var emission struct {
		Totals struct {
			Slashed string `json:"slashed"`
			Burned  string `json:"burned"`
		} `json:"totals"`
	}
	if err := s.network.Query(ctx, &emission, "incentive", "emission"); err != nil {
		return err
	}
	figures["slashed_aipdm"], figures["burned_aipdm"] = emission.Totals.Slashed, emission.Totals.Burned
	if emission.Totals.Slashed == "0" {
		return errors.New("nothing was slashed")
	}
	return nil
}
