//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/testutil/adversary"
	"github.com/ipdm-network/ipdm/testutil/localnet"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

const (
	// rogueContent is what a rogue is given to keep, in bytes that do not compress. It fits into a sector of 4 MiB.
	rogueContent = 1 << 20
	// rogueCapacity is as likely to be drawn as that of a localnet's providers, who ask honestPrice.
	rogueCapacity           = "10GiB"
	rogueFunds, roguePledge = "100000000000000000000", "20000000000000000000"
	honestPrice             = "1000000000000000"
)

// rogue is a storage provider with a process of its own.
type rogue struct {
	name, home, address string
	process             *localnet.Process
}

// adversaries is one network on which all of them are at work.
type adversaries struct {
	*localnet.Network
}

// TestAdversariesOnARealNetwork runs dishonest providers and a lying client against one network. Each rogue asks for less than those
// before it: a deal at its price is its own.
func TestAdversariesOnARealNetwork(t *testing.T) {
	n := adversaries{startNetwork(t, 1)}
	honest := n.Endpoints().Nodes[0].ProviderAddress
	kept := n.orderFrom(t, honest, "open", honestPrice)
	dropper := n.rogue(t, "dropper", "1000", "")
	dropped, damaged := n.orderFrom(t, dropper.address, "open", "1000"), n.orderFrom(t, dropper.address, "sealed", "1000")
	sleeper := n.rogue(t, "sleeper", "900", "")
	slept := n.orderFrom(t, sleeper.address, "open", "900")
	latecomer := n.rogue(t, "latecomer", "800", adversary.Late)
	late := n.orderFrom(t, latecomer.address, "open", "800")
	withholder := n.rogue(t, "withholder", "700", adversary.Withhold)

	t.Run("lying client", func(t *testing.T) { n.lies(t, slept) })
	t.Run("at once", func(t *testing.T) {
		for name, run := range map[string]func(*testing.T){
			"withholder": func(t *testing.T) { n.withholds(t, withholder) },
			"latecomer":  func(t *testing.T) { n.comesLate(t, latecomer, late) },
			"sleeper":    func(t *testing.T) { n.sleeps(t, sleeper, slept) },
			"dropper":    func(t *testing.T) { n.drops(t, dropper, dropped, damaged) },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(t)
			})
		}
	})

	require.Equal(t, honest, n.replica(t, kept).Provider)
	require.Equal(t, "0", n.provider(t, honest).Slashed, "nobody else pays for it")
	state := n.proving(t, honest, "open")
	require.Zero(t, state.MissedWindows)
	require.Positive(t, state.ProvenWindows)
}

// rogue starts a provider with a behaviour, or an honest daemon, and waits until it is registered.
func (n adversaries) rogue(t *testing.T, name, price string, behaviour adversary.Behaviour) *rogue {
	t.Helper()
	r := &rogue{name: name, home: filepath.Join(t.TempDir(), name)}
	var err error
	r.address, err = n.ProviderHome(t.Context(), r.home, rogueFunds,
		"--ask-price", price, "--ask-capacity", rogueCapacity, "--pledge", roguePledge, "--settle-every", "1", "--api-listen", "127.0.0.1:0")
	require.NoError(t, err)
	eventually(t, time.Minute, func() error {
		var has struct {
			Balances []struct{} `json:"balances"`
		}
		err := n.Query(t.Context(), &has, "bank", "balances", r.address)
		if err == nil && len(has.Balances) == 0 {
			err = errors.New("no funds yet")
		}
		return err
	})
	if behaviour == "" {
		r.process, err = n.StartExtra(name, "ipdm", "daemon", "--home", r.home)
	} else {
		r.process, err = n.StartExtra(name, "ipdm-localnet", "adversary", "--behaviour", string(behaviour), "--home", r.home)
	}
	require.NoError(t, err)
	eventually(t, time.Minute, func() error { return n.Query(t.Context(), &struct{}{}, "market", "provider", r.address) })
	return r
}

// orderFrom orders a replica of bytes that are like no others at the price of a provider, and waits until that has it, or seals it.
func (n adversaries) orderFrom(t *testing.T, provider, class, price string) (dealID uint64) {
	t.Helper()
	content := make([]byte, rogueContent)
	_, _ = rand.Read(content) // it never fails
	file := filepath.Join(t.TempDir(), "content")
	require.NoError(t, os.WriteFile(file, content, 0o600))
	client := n.Endpoints().Client
	var put struct {
		DealID uint64 `json:"deal_id"`
	}
	require.NoError(t, n.IPDM(t.Context(), client.Home, &put, "put", file, "--from", client.Key.Name,
		"--deal", class+":1", "--duration", "1h", "--max-price", price))
	eventually(t, time.Minute, func() error {
		replica := n.replica(t, put.DealID)
		if replica.Provider != provider || replica.Status != "REPLICA_STATUS_ACTIVE" && replica.Status != "REPLICA_STATUS_SEALING" {
			return fmt.Errorf("deal %d is %s with %q, for %s", put.DealID, replica.Status, replica.Provider, provider)
		}
		return nil
	})
	return put.DealID
}

// The answers of `ipdmd query`, as far as they matter here.
type (
	chainReplica struct {
		Status   string   `json:"status"`
		Provider string   `json:"provider"`
		Excluded []string `json:"excluded"`
		SectorID string   `json:"sector_id"`
	}
	chainDeal struct {
		Deal struct {
			Root      string          `json:"root"`
			Manifest  string          `json:"manifest"`
			Layout    string          `json:"layout"`
			SizeBytes string          `json:"size_bytes"`
			Source    json.RawMessage `json:"source"`
			Status    string          `json:"status"`
			Deposited string          `json:"deposited"`
			Paid      string          `json:"paid"`
			Refunded  string          `json:"refunded"`
			Refusals  int             `json:"refusals"`
		} `json:"deal"`
		Replicas []chainReplica `json:"replicas"`
	}
	chainProvider struct {
		Earned      string `json:"earned"`
		Slashed     string `json:"slashed"`
		Pledge      string `json:"pledge"`
		Accepting   bool   `json:"accepting"`
		JailedUntil string `json:"jailed_until"`
	}
	chainProving struct {
		ProvenWindows     uint64 `json:"proven_windows,string"`
		MissedWindows     uint64 `json:"missed_windows,string"`
		ConsecutiveMissed uint32 `json:"consecutive_missed"`
		ActiveUnits       uint64 `json:"active_units,string"`
		FaultyUnits       uint64 `json:"faulty_units,string"`
		Window            struct {
			Index string `json:"index"`
			Open  bool   `json:"open"`
		} `json:"window"`
	}
	chainSector struct {
		ID       string `json:"id"`
		Status   string `json:"status"`
		Deposit  string `json:"deposit"`
		Provider string `json:"provider"`
	}
)

func (n adversaries) deal(t *testing.T, id uint64) chainDeal {
	t.Helper()
	var deal chainDeal
	require.NoError(t, n.Query(t.Context(), &deal, "market", "deal", strconv.FormatUint(id, 10)))
	return deal
}

// replica is the one replica of a deal.
func (n adversaries) replica(t *testing.T, dealID uint64) chainReplica {
	t.Helper()
	replicas := n.deal(t, dealID).Replicas
	require.Len(t, replicas, 1)
	return replicas[0]
}

func (n adversaries) provider(t *testing.T, address string) chainProvider {
	t.Helper()
	var answer struct {
		Provider chainProvider `json:"provider"`
	}
	require.NoError(t, n.Query(t.Context(), &answer, "market", "provider", address))
	return answer.Provider
}

func (n adversaries) proving(t *testing.T, address, class string) chainProving {
	t.Helper()
	var answer struct {
		State chainProving `json:"state"`
	}
	require.NoError(t, n.Query(t.Context(), &answer, "porep", "provider", address, "--class", class))
	return answer.State
}

func (n adversaries) sectors(t *testing.T, provider string) []chainSector {
	t.Helper()
	var answer struct {
		Sectors []chainSector `json:"sectors"`
	}
	require.NoError(t, n.Query(t.Context(), &answer, "porep", "sectors", provider))
	return answer.Sectors
}

// balance is what an account can spend, in aipdm.
func (n adversaries) balance(t *testing.T, address string) sdkmath.Int {
	t.Helper()
	var answer struct {
		Balances []struct{ Amount string } `json:"balances"`
	}
	require.NoError(t, n.Query(t.Context(), &answer, "bank", "balances", address))
	require.Len(t, answer.Balances, 1)
	return amountOf(t, answer.Balances[0].Amount)
}

func amountOf(t *testing.T, text string) sdkmath.Int {
	t.Helper()
	amount, ok := sdkmath.NewIntFromString(text)
	require.True(t, ok, "%q is no amount", text)
	return amount
}

// tx sends a transaction of a key, which the chain has to take.
func (n adversaries) tx(t *testing.T, key localnet.KeyEndpoint, args ...string) {
	t.Helper()
	_, err := n.Tx(t.Context(), key, args...)
	require.NoError(t, err)
}

// withholds: validators cannot judge a seal whose records nobody shows them. One demanded on chain is not shown in time: the deposit is
// lost, part of it to whoever demanded, and the provider is jailed. The deal is ordered here, so that the record is demanded as soon as
// there is a seal: one that nobody has judged in time is dropped, and with it what is demanded of it.
func (n adversaries) withholds(t *testing.T, r *rogue) {
	faucet := n.Endpoints().FaucetKey
	dealID := n.orderFrom(t, r.address, "sealed", "700")
	var sector chainSector
	eventually(t, 90*time.Second, func() error {
		sectors := n.sectors(t, r.address)
		if len(sectors) != 1 || sectors[0].Status != "SECTOR_STATUS_VERIFYING" {
			return fmt.Errorf("no seal waits for verdicts: %v", sectors)
		}
		sector = sectors[0]
		return nil
	})
	before := n.balance(t, faucet.Address)
	n.tx(t, faucet, "porep", "demand-seal-record", sector.ID, "41")
	eventually(t, time.Minute, func() error {
		if p := n.provider(t, r.address); p.JailedUntil == "" || p.Accepting {
			return errors.New("the provider is not jailed")
		}
		return nil
	})
	params := poreptypes.LocalnetParams()
	deposit := params.SealDeposit(poreptypes.SECTOR_CLASS_TEST_4MIB)
	require.Equal(t, before.Add(deposit.QuoRaw(5)).String(), n.balance(t, faucet.Address).String(),
		"the bond comes back, with 20 %% of the deposit")
	require.Contains(t, n.replica(t, dealID).Excluded, r.address)
	require.Empty(t, n.sectors(t, r.address))
}

// comesLate: right answers that come too late are refused. Windows are missed until the provider is terminated and slashed.
func (n adversaries) comesLate(t *testing.T, r *rogue, dealID uint64) {
	eventually(t, 2*time.Minute, func() error {
		if replica := n.replica(t, dealID); replica.Provider == r.address {
			return fmt.Errorf("the provider still has the replica: %+v", n.proving(t, r.address, "open"))
		}
		return nil
	})
	state := n.proving(t, r.address, "open")
	require.Zero(t, state.ProvenWindows)
	require.GreaterOrEqual(t, state.MissedWindows, uint64(poreptypes.LocalnetParams().FaultMaxWindows+1))
	registered := n.provider(t, r.address)
	require.Equal(t, "0", registered.Earned)
	require.NotEqual(t, "0", registered.Slashed)
	log, err := os.ReadFile(r.process.LogPath())
	require.NoError(t, err)
	require.Contains(t, string(log), "late answer sent")
	require.Contains(t, string(log), "accepted=false")
	require.NotContains(t, string(log), "accepted=true")
	require.Contains(t, string(log), poreptypes.ErrWindowClosed.Error())
}

// sleeps: a daemon that is stopped while its window is open misses that window, which costs its reward and no more, and goes on as if
// nothing had been.
func (n adversaries) sleeps(t *testing.T, r *rogue, dealID uint64) {
	eventually(t, time.Minute, func() error {
		if n.proving(t, r.address, "open").ProvenWindows == 0 {
			return errors.New("no window is proven yet")
		}
		return nil
	})
	require.NoError(t, r.process.Signal(syscall.SIGSTOP))
	before := n.proving(t, r.address, "open")
	eventually(t, time.Minute, func() error {
		if state := n.proving(t, r.address, "open"); state.MissedWindows == before.MissedWindows {
			return fmt.Errorf("no window is missed: %+v", state)
		}
		return nil
	})
	require.NoError(t, r.process.Signal(syscall.SIGCONT))
	eventually(t, time.Minute, func() error {
		state := n.proving(t, r.address, "open")
		if state.ProvenWindows < before.ProvenWindows+2 || state.ConsecutiveMissed != 0 {
			return fmt.Errorf("it does not go on: %+v", state)
		}
		return nil
	})
	after := n.proving(t, r.address, "open")
	require.Equal(t, before.MissedWindows+1, after.MissedWindows)
	require.Equal(t, r.address, n.replica(t, dealID).Provider)
	require.Equal(t, "0", n.provider(t, r.address).Slashed)
}

// drops: a provider whose disk lost most of its open bytes and its sealed replica declares them missing, earns nothing from then on, and
// loses both replicas and part of its pledge.
func (n adversaries) drops(t *testing.T, r *rogue, openDeal, sealedDeal uint64) {
	eventually(t, 2*time.Minute, func() error {
		open, sealed := n.proving(t, r.address, "open"), n.proving(t, r.address, "sealed")
		if open.ProvenWindows == 0 || sealed.ProvenWindows == 0 {
			return fmt.Errorf("not proven yet: open %+v, sealed %+v", open, sealed)
		}
		return nil
	})
	require.NoError(t, r.process.Stop())
	deleted, err := localnet.DeleteStoredBytes(t.Context(), r.home, 0.5)
	require.NoError(t, err)
	require.Greater(t, deleted, 0.5)
	replica := filepath.Join(r.home, "sectors", "1", "replica")
	info, err := os.Stat(replica)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(replica, make([]byte, info.Size()), 0o600))
	require.NoError(t, r.process.Start("--pause-healing"))

	began := map[string]chainProving{}
	eventually(t, time.Minute, func() error {
		for _, class := range []string{"open", "sealed"} {
			state := n.proving(t, r.address, class)
			if state.FaultyUnits > 0 && began[class].FaultyUnits == 0 {
				began[class] = state
			}
		}
		if len(began) != 2 {
			return fmt.Errorf("not found out yet: %+v", began)
		}
		return nil
	})
	eventually(t, 90*time.Second, func() error {
		for _, id := range []uint64{openDeal, sealedDeal} {
			if replica := n.replica(t, id); replica.Provider == r.address {
				return fmt.Errorf("it still has deal %d: %+v", id, replica)
			}
		}
		return nil
	})
	for class, faulty := range began {
		require.Equal(t, faulty.ProvenWindows, n.proving(t, r.address, class).ProvenWindows, "no %s window counts from the fault on", class)
	}
	registered := n.provider(t, r.address)
	slashed := amountOf(t, registered.Slashed)
	require.True(t, slashed.IsPositive())
	require.Equal(t, amountOf(t, roguePledge).Sub(slashed).String(), registered.Pledge)
}

// lies: a deal whose commitment is not that of its data is refused by whoever is drawn, at no cost, and the client gets its escrow back.
func (n adversaries) lies(t *testing.T, about uint64) {
	honest, client := n.Endpoints().Nodes[0].ProviderAddress, n.Endpoints().Client
	before := n.provider(t, honest)
	right := n.deal(t, about)
	wrong := fmt.Sprintf("%064x", 0xbad)
	n.tx(t, client.Key, "market", "create-deal", right.Deal.Root, right.Deal.Manifest, right.Deal.Layout, wrong, right.Deal.SizeBytes,
		`{"open":1}`, "1h", honestPrice, string(right.Deal.Source))
	var found struct {
		Deals []struct {
			ID    string `json:"id"`
			CommD []byte `json:"comm_d"`
		} `json:"deals"`
	}
	require.NoError(t, n.Query(t.Context(), &found, "market", "deals", "--root", right.Deal.Root))
	var lie uint64
	for _, deal := range found.Deals {
		if fmt.Sprintf("%x", deal.CommD) == wrong {
			var err error
			lie, err = strconv.ParseUint(deal.ID, 10, 64)
			require.NoError(t, err)
		}
	}
	require.NotZero(t, lie)
	eventually(t, time.Minute, func() error {
		if replica := n.replica(t, lie); !slices.Contains(replica.Excluded, honest) {
			return fmt.Errorf("the honest provider has not refused: %+v", replica)
		}
		return nil
	})
	n.tx(t, client.Key, "market", "cancel-deal", strconv.FormatUint(lie, 10))
	deal := n.deal(t, lie)
	require.Equal(t, "0", deal.Deal.Paid)
	require.Equal(t, deal.Deal.Deposited, deal.Deal.Refunded)
	require.Positive(t, deal.Deal.Refusals)
	after := n.provider(t, honest)
	require.Equal(t, before.Slashed, after.Slashed)
	require.Equal(t, before.Pledge, after.Pledge)
}
