package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

func labelling(done uint64) *sidecarv1.ListSectorsResponse {
	return &sidecarv1.ListSectorsResponse{Sectors: []*sidecarv1.SectorInfo{{
		Number: 3, Class: "std-1GiB", State: "labelling", Done: done << 20, Total: 1 << 30, Pieces: 2, PieceBytes: 700 << 20,
	}}}
}

func TestSectorsForPeopleAndPrograms(t *testing.T) {
	list := labelling(256)
	list.Sectors[0].AtRisk, list.Sectors[0].LastError, list.Sectors[0].DeadlineUnixNano = true, "disk full", 1_772_000_000_000_000_000
	list.WaitingReplicas, list.WaitingBytes, list.Backlogged, list.Paused = 4, 1<<30, true, true
	var out bytes.Buffer
	c := &cli{stdout: &out}
	c.printSectors(list)
	for _, part := range []string{
		"std-1GiB", "labelling", "2 pieces", "25%", "AT RISK", "disk full", "due 2026-02-25T06:13:20Z", "4 replicas wait", "for a proof",
		"new sealed deals are refused",
	} {
		require.Contains(t, out.String(), part)
	}

	out.Reset()
	c.json = true
	c.printSectors(list)
	var got sectorsJSON
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	require.Len(t, got.Sectors, 1)
	require.Equal(t, sectorJSON{
		Number: 3, Class: "std-1GiB", State: "labelling", Done: 256 << 20, Total: 1 << 30, Pieces: 2, PieceBytes: 700 << 20,
		Deadline: "2026-02-25T06:13:20Z", AtRisk: true, LastError: "disk full",
	}, got.Sectors[0])
	require.True(t, got.Backlogged && got.Paused)

	out.Reset()
	c.printSectors(&sidecarv1.ListSectorsResponse{})
	require.Contains(t, out.String(), `"sectors":[]`)
}

func TestAWatchedSectorIsALineAChangeOrABar(t *testing.T) {
	var out bytes.Buffer
	view := &sectorView{cli: &cli{stdout: &out}}
	for _, done := range []uint64{0, 1, 2, 100, 103, 500, 500} {
		view.show(labelling(done))
	}
	require.Equal(t, 4, strings.Count(out.String(), "\n"), "what waits once, the sector once at first, at each further tenth, and no more often:\n%s", out.String())
	encoding := labelling(1)
	encoding.Sectors[0].State = "encoding"
	view.show(encoding)
	require.Contains(t, out.String(), "encoding")

	out.Reset()
	view = &sectorView{cli: &cli{stdout: &out}, live: true}
	view.show(labelling(512))
	require.Contains(t, out.String(), "["+strings.Repeat("#", 15)+strings.Repeat(".", 15)+"]  50%")
	require.NotContains(t, out.String(), "\x1b")
	view.show(labelling(2048))
	require.Contains(t, out.String(), "\x1b[2A\x1b[J", "it is drawn over")
	require.Contains(t, out.String(), "100%", "a bar does not leave its frame")
}

func TestSectorCommandsOfANodeThatIsNoProvider(t *testing.T) {
	s := newSession(t)
	for _, args := range [][]string{{"sector", "ls"}, {"sector", "watch", "--once"}} {
		a := s.run(args...)
		require.Equal(t, exitFailed, a.code)
		require.Contains(t, a.stderr, "[provider]")
		require.NotContains(t, a.stderr, "rpc error")
		require.Empty(t, a.stdout)
	}
	require.Equal(t, exitUsage, s.run("sector", "ls", "x").code)
	require.Contains(t, s.run("sector", "watch", "--help").stdout, "Examples:")
}

func TestSectorCommandsOfAProvider(t *testing.T) {
	s := newSession(t, "--provider", "--chain-grpc", closedPort(t), "--keyring-backend", "test", "--seal-batch-wait", "0s", "--sealers", "2")
	var got sectorsJSON
	s.json(&got, "sector", "ls")
	require.Empty(t, got.Sectors)
	s.json(&got, "sector", "watch", "--once")
	require.Empty(t, got.Sectors)
	require.Contains(t, s.run("sector", "ls").stdout, "0 replicas wait")

	var status struct {
		Sealed struct {
			RewardsEarned string `json:"rewards_earned"`
			SealingBytes  *int   `json:"sealing_bytes"`
		} `json:"sealed"`
	}
	s.json(&status, "provider", "status")
	require.Equal(t, "0", status.Sealed.RewardsEarned)
	require.NotNil(t, status.Sealed.SealingBytes)
	text := s.run("provider", "status").stdout
	require.Contains(t, text, "sealed    0 held")
	require.Contains(t, text, "rewards   0 IPDM earned")
}

func TestOrdersOfBothClasses(t *testing.T) {
	o, err := (&orderFlags{replicas: "open:2,sealed:2", duration: 1}).parse()
	require.NoError(t, err)
	require.Equal(t, markettypes.Replicas{Open: 2, Sealed: 2}, o.replicas)
	require.Equal(t, "2 open copies and 2 sealed copies", o.text())
	o, err = (&orderFlags{replicas: "sealed:1", duration: 1}).parse()
	require.NoError(t, err)
	require.Equal(t, "1 sealed copy", o.text())
	for _, bad := range []string{"open:1,open:2", "sealed:0", "open:1,", "open:1;sealed:1", "sealed"} {
		_, err := (&orderFlags{replicas: bad, duration: 1}).parse()
		require.ErrorIs(t, err, errUsage, bad)
	}

	err = explainQuote(markettypes.ErrSealedSize.Wrap("2 GiB"), o)
	require.ErrorIs(t, err, markettypes.ErrSealedSize)
	require.ErrorContains(t, err, "--deal open:1")
	require.ErrorContains(t, explainQuote(markettypes.ErrNoProvider.Wrap("0 now"), o), "larger pledge")
	open := &order{replicas: markettypes.Replicas{Open: 1}}
	require.NotContains(t, explainQuote(markettypes.ErrNoProvider.Wrap("0 now"), open).Error(), "sealed")
}

func TestACopyShowsItsClassPledgeAndSector(t *testing.T) {
	var out bytes.Buffer
	c := &cli{stdout: &out}
	amounts := markettypes.Deal{
		Id: 1, MaxPricePerGibHour: sdkmath.OneInt(), Deposited: sdkmath.OneInt(), Paid: sdkmath.OneInt(), Refunded: sdkmath.OneInt(),
	}
	replicas := []markettypes.Replica{
		{Class: poreptypes.CLASS_OPEN, Status: markettypes.REPLICA_STATUS_UNASSIGNED},
		{
			Index: 1, Class: poreptypes.CLASS_SEALED, Status: markettypes.REPLICA_STATUS_SEALING, Provider: "ipdm1x",
			Pledge: sdkmath.NewIntWithDecimal(2, 18), SectorId: 9,
		},
	}
	c.printDeal(amounts, replicas)
	require.Contains(t, out.String(), "copy 0    open, unassigned \n")
	require.Contains(t, out.String(), "copy 1    sealed, sealing ipdm1x, pledge 2 IPDM, sector 9\n")
	out.Reset()
	c.json = true
	c.printDeal(amounts, replicas)
	require.Contains(t, out.String(), `"pledge":"2000000000000000000","sector_id":9`)
}
