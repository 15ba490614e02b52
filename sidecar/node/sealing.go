package node

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/consensus/provider"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// sealing opens the provider's sectors.
func (n *Node) sealing(source *provider.EngineData) (*provider.Sealing, error) {
	cfg := &n.opts.Config
	settings, options, err := cfg.sealing()
	if err != nil {
		return nil, err
	}
	options.Log = n.log.With("part", "sealer")
	dir := cfg.Provider.SectorDir
	if dir == "" {
		dir = n.opts.Home.SectorDir()
	} else if !filepath.IsAbs(dir) {
		dir = filepath.Join(string(n.opts.Home), dir)
	}
	files, err := sealer.Open(dir, source.Source(), options)
	if err != nil {
		return nil, err
	}
	return &provider.Sealing{Config: settings, Files: files, Records: NewSealRecords(n.engine, n.peerKey), Dir: dir}, nil
}

// sealing returns the settings of sealing.
func (c *Config) sealing() (sectors.Config, sealer.Options, error) {
	p := c.Provider
	settings := sectors.DefaultConfig()
	settings.Offered = p.Seal
	settings.Sealers = int(p.Sealers)
	settings.BatchWait = time.Duration(p.SealBatchWait)
	settings.ScrubInterval = time.Duration(p.ScrubInterval)
	settings.ReserveBytes = uint64(c.Store.ReserveMiB) << 20
	var err error
	if settings.MaxSealingBytes, err = ParseBytes(p.MaxSealingBytes); err != nil {
		return settings, sealer.Options{}, fmt.Errorf("%w: [provider] max_sealing_bytes: %w", ErrConfig, err)
	}
	memory, err := ParseBytes(p.SealMemory)
	if err != nil {
		return settings, sealer.Options{}, fmt.Errorf("%w: [provider] seal_memory: %w", ErrConfig, err)
	}
	if err := settings.Validate(); err != nil {
		return settings, sealer.Options{}, fmt.Errorf("%w: [provider] %w", ErrConfig, err)
	}
	options := sealer.Options{MemoryBytes: memory}
	if err := options.Validate(); err != nil {
		return settings, sealer.Options{}, fmt.Errorf("%w: [provider] seal_memory: %w", ErrConfig, err)
	}
	return settings, options, nil
}

// Sectors implements api.Agent.
func (a *agent) Sectors(ctx context.Context) (*sidecarv1.ListSectorsResponse, error) {
	overview, err := a.Agent.Sectors(ctx)
	if err != nil {
		return nil, err
	}
	response := &sidecarv1.ListSectorsResponse{
		WaitingReplicas: overview.WaitingReplicas, WaitingBytes: overview.WaitingBytes,
		Paused: overview.Paused, Backlogged: overview.Backlogged,
	}
	for _, info := range overview.Sectors {
		m := &sidecarv1.SectorInfo{
			Number: info.Number, Id: info.ID, Class: sdr.Class(info.Class).String(), State: string(info.State),
			Done: info.Done, Total: info.Total, Pieces: info.Pieces, PieceBytes: info.PieceBytes, SizeBytes: sectors.ClassBytes(info.Class),
			DiskBytes: info.DiskBytes, AtRisk: info.AtRisk, LastError: info.LastError,
		}
		if !info.Deadline.IsZero() {
			m.DeadlineUnixNano = info.Deadline.UnixNano()
		}
		if !info.StartedAt.IsZero() {
			m.StartedUnixNano = info.StartedAt.UnixNano()
		}
		response.Sectors = append(response.Sectors, m)
	}
	return response, nil
}

// sealedStatus gives the agent's status of the sealed class the API's form.
func sealedStatus(s provider.SealedStatus) *sidecarv1.SealedStatus {
	m := &sidecarv1.SealedStatus{
		Offered: s.Offered, ReplicasHeld: s.Held, ReplicasPending: s.Pending, SealingBytes: s.SealingBytes,
		ProvenBytes: s.ProvenBytes, WindowsProven: s.WindowsProven, WindowsMissed: s.WindowsMissed, FaultyUnits: s.FaultyUnits,
		RewardsEarned: s.RewardsEarned, RewardsClaimable: s.RewardsClaimable, RewardsVesting: s.RewardsVesting,
	}
	if !s.NextDeadline.IsZero() {
		m.NextDeadlineUnixMs = s.NextDeadline.UnixMilli()
	}
	if !s.NextSectorDeadline.IsZero() {
		m.NextSectorDeadlineUnixMs = s.NextSectorDeadline.UnixMilli()
	}
	return m
}
