package api

import (
	"context"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// verifyInterval is the pause between messages of a verification that finds nothing wrong.
const verifyInterval = 200 * time.Millisecond

// Stat implements sidecarv1.DataServiceServer.
func (s *dataService) Stat(ctx context.Context, request *sidecarv1.StatRequest) (*sidecarv1.StatResponse, error) {
	root, err := format.ParseCID(request.GetRoot())
	if err != nil {
		return nil, err
	}
	st, err := s.content.Stat(ctx, root)
	if err != nil {
		return nil, err
	}
	response := &sidecarv1.StatResponse{
		Root:        st.Root.String(),
		Kind:        kindMessage(st.Kind),
		SizeBytes:   st.SizeBytes,
		StoredBytes: st.StoredBytes,
		Blocks:      st.Blocks,
		Nodes:       st.Nodes,
		Missing:     st.Missing,
		Algorithms:  st.Algorithms,
		PlainBytes:  st.PlainBytes,
	}
	for _, p := range st.Pins {
		response.Pins = append(response.Pins, pinMessage(p))
	}
	if request.GetShared() {
		shared, err := s.content.Shared(ctx, root)
		if err != nil {
			return nil, err
		}
		response.SharedBlocks, response.SharedBytes = shared.Blocks, shared.Bytes
	}
	return response, nil
}

// Stats implements sidecarv1.DataServiceServer.
func (s *dataService) Stats(ctx context.Context, _ *sidecarv1.StatsRequest) (*sidecarv1.StatsResponse, error) {
	st, err := s.content.Stats(ctx)
	if err != nil {
		return nil, err
	}
	return &sidecarv1.StatsResponse{
		Manifests:    st.Manifests,
		ContentBytes: st.ContentBytes,
		Encodings:    st.Store.Encodings,
		Blocks:       st.Store.Blocks,
		PlainBytes:   st.Store.PlainBytes,
		StoredBytes:  st.Store.EnvelopeBytes,
		DiskBytes:    st.Store.DiskBytes,
		Damaged:      st.Store.Damaged,
	}, nil
}

// CollectGarbage implements sidecarv1.DataServiceServer.
func (s *dataService) CollectGarbage(ctx context.Context, request *sidecarv1.CollectGarbageRequest) (*sidecarv1.CollectGarbageResponse, error) {
	var r data.GCResult
	var err error
	if request.GetAll() {
		r, err = s.content.GC(ctx)
	} else {
		r, err = s.content.Evict(ctx, 0)
	}
	if err != nil {
		return nil, err
	}
	return &sidecarv1.CollectGarbageResponse{
		DeletedEncodings: r.DeletedEncodings,
		FreedBytes:       r.FreedBytes,
		KeptEncodings:    r.KeptEncodings,
		KeptBytes:        r.KeptBytes,
		CachedBytes:      r.CachedBytes,
	}, nil
}

// Verify implements sidecarv1.DataServiceServer.
func (s *dataService) Verify(request *sidecarv1.VerifyRequest, stream sidecarv1.DataService_VerifyServer) error {
	root := cid.Undef
	if request.GetRoot() != "" {
		var err error
		if root, err = format.ParseCID(request.GetRoot()); err != nil {
			return err
		}
	}
	var last time.Time
	state, err := s.content.Verify(stream.Context(), root, func(p data.VerifyProgress) error {
		now := time.Now()
		if p.Problem == "" && now.Sub(last) < verifyInterval {
			return nil
		}
		last = now
		return stream.Send(verifyMessage(p, false))
	})
	if err != nil {
		return err
	}
	state.Problem = ""
	return stream.Send(verifyMessage(state, true))
}

func verifyMessage(p data.VerifyProgress, done bool) *sidecarv1.VerifyResponse {
	return &sidecarv1.VerifyResponse{
		CheckedEncodings: p.CheckedEncodings,
		CheckedBytes:     p.CheckedBytes,
		Problem:          p.Problem,
		Problems:         p.Problems,
		Done:             done,
	}
}

// StoreStatus implements sidecarv1.DataServiceServer.
func (s *dataService) StoreStatus(ctx context.Context, _ *sidecarv1.StoreStatusRequest) (*sidecarv1.StoreStatusResponse, error) {
	stats, err := s.content.Store().Stats(ctx)
	if err != nil {
		return nil, err
	}
	scrub, err := s.content.ScrubState(ctx)
	if err != nil {
		return nil, err
	}
	tiers, err := s.tierMessages(ctx)
	if err != nil {
		return nil, err
	}
	return &sidecarv1.StoreStatusResponse{
		Tiers:         tiers,
		Encodings:     stats.Encodings,
		Blocks:        stats.Blocks,
		EnvelopeBytes: stats.EnvelopeBytes,
		PlainBytes:    stats.PlainBytes,
		DiskBytes:     stats.DiskBytes,
		QuotaBytes:    stats.QuotaBytes,
		ReserveBytes:  stats.ReserveBytes,
		FreeBytes:     stats.FreeBytes,
		Damaged:       stats.Damaged,
		Scrub: &sidecarv1.ScrubStatus{
			Enabled:          s.scrubs,
			StartedUnix:      unixOrZero(scrub.Started),
			CheckedEncodings: scrub.Encodings,
			CheckedBytes:     scrub.Bytes,
			FinishedUnix:     unixOrZero(scrub.Finished),
			Damaged:          scrub.Damaged,
			Healed:           scrub.Healed,
		},
	}, nil
}

func (s *dataService) tierMessages(ctx context.Context) ([]*sidecarv1.StoreTier, error) {
	if s.tiers == nil {
		return nil, nil
	}
	tiers, err := s.tiers(ctx)
	if err != nil {
		return nil, err
	}
	messages := make([]*sidecarv1.StoreTier, len(tiers))
	for i, t := range tiers {
		messages[i] = &sidecarv1.StoreTier{Name: t.Name, Bytes: t.Bytes, LimitBytes: t.LimitBytes, Hits: t.Hits, Misses: t.Misses}
	}
	return messages, nil
}

func unixOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// PrepareDeal implements sidecarv1.DataServiceServer.
func (s *dataService) PrepareDeal(ctx context.Context, request *sidecarv1.PrepareDealRequest) (*sidecarv1.PrepareDealResponse, error) {
	manifest, err := format.ParseCID(request.GetManifest())
	if err != nil {
		return nil, err
	}
	pin, err := s.content.PinnedManifest(ctx, manifest)
	if err != nil {
		return nil, err
	}
	l, err := s.content.MakeLayout(ctx, manifest)
	if err != nil {
		return nil, err
	}
	s.announce(ctx, l.Cid)
	response := &sidecarv1.PrepareDealResponse{
		Root:           pin.Root.String(),
		Manifest:       manifest.String(),
		Layout:         l.Cid.String(),
		CommD:          l.CommD[:],
		SizeBytes:      l.SizeBytes,
		Encodings:      uint64(l.Encodings),
		PlainSizeBytes: pin.Header.ContentSize,
		Blocks:         uint64(pin.Header.Leaves),
		Tags:           pin.Header.Tags,
		ContentType:    pin.Header.ContentType,
	}
	if pin.Header.Supersedes.Defined() {
		response.Supersedes = pin.Header.Supersedes.String()
	}
	info := s.node.AddrInfo()
	response.PeerId = info.ID.String()
	for _, a := range info.Addrs {
		response.Multiaddrs = append(response.Multiaddrs, a.String())
	}
	return response, nil
}
