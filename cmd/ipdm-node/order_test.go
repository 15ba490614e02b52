package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

func TestOrderFlags(t *testing.T) {
	o, err := parseOrder(&cli.OrderFlags{Replicas: "open:3", Duration: 1, MaxPrice: "7"})
	require.NoError(t, err)
	require.Equal(t, uint32(3), o.replicas.Open)
	require.Equal(t, "7", o.maxPrice)
	for _, bad := range []cli.OrderFlags{
		{Replicas: "open:3"},
		{Replicas: "open", Duration: 1},
		{Replicas: "open:0", Duration: 1},
		{Replicas: "hot:1", Duration: 1},
		{Replicas: "open:-1", Duration: 1},
		{Replicas: "open:3", Duration: -1},
		{Replicas: "open:1", Duration: 1, MaxPrice: "x"},
		{Replicas: "open:99999999999", Duration: 1},
	} {
		_, err := parseOrder(&bad)
		require.ErrorIs(t, err, cli.ErrUsage, bad)
	}
}

func TestOrdersOfBothClasses(t *testing.T) {
	o, err := parseOrder(&cli.OrderFlags{Replicas: "open:2,sealed:2", Duration: 1})
	require.NoError(t, err)
	require.Equal(t, markettypes.Replicas{Open: 2, Sealed: 2}, o.replicas)
	require.Equal(t, "2 open copies and 2 sealed copies", o.text())
	o, err = parseOrder(&cli.OrderFlags{Replicas: "sealed:1", Duration: 1})
	require.NoError(t, err)
	require.Equal(t, "1 sealed copy", o.text())
	for _, bad := range []string{"open:1,open:2", "sealed:0", "open:1,", "open:1;sealed:1", "sealed"} {
		_, err := parseOrder(&cli.OrderFlags{Replicas: bad, Duration: 1})
		require.ErrorIs(t, err, cli.ErrUsage, bad)
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
	c := &program{&cli.Call{Stdout: &out}}
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
	c.JSON = true
	c.printDeal(amounts, replicas)
	require.Contains(t, out.String(), `"pledge":"2000000000000000000","sector_id":9`)
}
