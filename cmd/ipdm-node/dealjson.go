package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// dealJSON is a deal as it is printed; amounts are in aipdm.
type dealJSON struct {
	DealID             uint64        `json:"deal_id"`
	Status             string        `json:"status"`
	Client             string        `json:"client"`
	Root               string        `json:"root"`
	Manifest           string        `json:"manifest"`
	Layout             string        `json:"layout"`
	Size               uint64        `json:"size"`
	OpenReplicas       uint32        `json:"open_replicas"`
	SealedReplicas     uint32        `json:"sealed_replicas"`
	DurationSeconds    int64         `json:"duration_seconds"`
	MaxPricePerGiBHour string        `json:"max_price_per_gib_hour"`
	CreatedAt          string        `json:"created_at"`
	EndsAt             string        `json:"ends_at,omitempty"`
	Deposited          string        `json:"deposited"`
	Paid               string        `json:"paid"`
	Refunded           string        `json:"refunded"`
	Replicas           []replicaJSON `json:"replicas,omitempty"`
}

// replicaJSON is one copy as it is printed.
type replicaJSON struct {
	Index           uint32 `json:"index"`
	Class           string `json:"class"`
	Status          string `json:"status"`
	Provider        string `json:"provider"`
	PricePerGiBHour string `json:"price_per_gib_hour"`
	Repairs         uint32 `json:"repairs"`
	Pledge          string `json:"pledge"`
	SectorID        uint64 `json:"sector_id,omitempty"`
}

func dealOf(d markettypes.Deal) dealJSON {
	return dealJSON{
		DealID:             d.Id,
		Status:             dealStatusText(d.Status),
		Client:             d.Client,
		Root:               d.Root,
		Manifest:           d.Manifest,
		Layout:             d.Layout,
		Size:               d.SizeBytes,
		OpenReplicas:       d.Replicas.Open,
		SealedReplicas:     d.Replicas.Sealed,
		DurationSeconds:    int64(d.Duration / time.Second),
		MaxPricePerGiBHour: d.MaxPricePerGibHour.String(),
		CreatedAt:          d.CreatedAt.UTC().Format(time.RFC3339),
		EndsAt:             timeText(d.EndsAt),
		Deposited:          d.Deposited.String(),
		Paid:               d.Paid.String(),
		Refunded:           d.Refunded.String(),
	}
}

func replicaOf(r markettypes.Replica) replicaJSON {
	price, pledge := "0", "0"
	if !r.PricePerGibHour.IsNil() {
		price = r.PricePerGibHour.String()
	}
	if !r.Pledge.IsNil() {
		pledge = r.Pledge.String()
	}
	return replicaJSON{
		Index:           r.Index,
		Class:           strings.ToLower(strings.TrimPrefix(r.Class.String(), "CLASS_")),
		Status:          replicaStatusText(r.Status),
		Provider:        r.Provider,
		PricePerGiBHour: price,
		Repairs:         r.Repairs,
		Pledge:          pledge,
		SectorID:        r.SectorId,
	}
}

func timeText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (c *program) printDeal(deal markettypes.Deal, replicas []markettypes.Replica) {
	out := dealOf(deal)
	for _, r := range replicas {
		out.Replicas = append(out.Replicas, replicaOf(r))
	}
	if c.JSON {
		c.PrintJSON(out)
		return
	}
	c.Printf("deal %d is %s\nroot      %s\nsize      %s\nclient    %s\n", out.DealID, out.Status, out.Root, cli.SizeText(out.Size), out.Client)
	if out.EndsAt != "" {
		c.Printf("ends      %s\n", out.EndsAt)
	}
	c.Printf("deposited %s\npaid      %s\nrefunded  %s\n", cli.CoinText(out.Deposited), cli.CoinText(out.Paid), cli.CoinText(out.Refunded))
	for _, r := range out.Replicas {
		c.Printf("copy %d    %s, %s %s%s\n", r.Index, r.Class, r.Status, r.Provider, backingText(r))
	}
}

// backingText says what stands behind a copy: the pledge, and the sector that a sealed one is in.
func backingText(r replicaJSON) string {
	text := ""
	if r.Pledge != "0" {
		text += ", pledge " + cli.CoinText(r.Pledge)
	}
	if r.SectorID != 0 {
		text += fmt.Sprintf(", sector %d", r.SectorID)
	}
	return text
}
