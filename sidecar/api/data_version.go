package api

import (
	"context"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// Delete implements sidecarv1.DataServiceServer. The tombstone names this node: its callers are not known by name.
func (s *dataService) Delete(ctx context.Context, request *sidecarv1.DeleteRequest) (*sidecarv1.DeleteResponse, error) {
	root, err := format.ParseCID(request.GetRoot())
	if err != nil {
		return nil, err
	}
	t, err := s.content.Delete(ctx, root, s.node.AddrInfo().ID.String())
	if err != nil {
		return nil, err
	}
	return &sidecarv1.DeleteResponse{Manifests: uint32(len(t.Manifests)), Tombstone: tombstoneMessage(t)}, nil
}

// ListDeleted implements sidecarv1.DataServiceServer.
func (s *dataService) ListDeleted(_ *sidecarv1.ListDeletedRequest, stream sidecarv1.DataService_ListDeletedServer) error {
	return s.content.Deleted(stream.Context(), func(t *data.Tombstone) error { return stream.Send(tombstoneMessage(t)) })
}

func tombstoneMessage(t *data.Tombstone) *sidecarv1.Tombstone {
	return &sidecarv1.Tombstone{
		Root:          t.Root.String(),
		Manifests:     cidTexts(t.Manifests),
		DeletedUnixMs: t.Deleted.UnixMilli(),
		ExpiresUnixMs: t.Expires.UnixMilli(),
		By:            t.By,
		Contained:     t.Contained,
	}
}

// History implements sidecarv1.DataServiceServer.
func (s *dataService) History(request *sidecarv1.HistoryRequest, stream sidecarv1.DataService_HistoryServer) error {
	c, err := format.ParseCID(request.GetCid())
	if err != nil {
		return err
	}
	versions, err := s.content.History(stream.Context(), c)
	if err != nil {
		return err
	}
	for i := range versions {
		if err := stream.Send(versionMessage(&versions[i])); err != nil {
			return err
		}
	}
	return nil
}

func versionMessage(v *data.Version) *sidecarv1.Version {
	message := &sidecarv1.Version{Manifest: v.Manifest.String(), SupersededBy: cidTexts(v.SupersededBy)}
	if v.Pin != nil {
		message.Pin = pinMessage(*v.Pin)
	}
	if !v.KeepUntil.IsZero() {
		message.KeepUntilUnixMs = v.KeepUntil.UnixMilli()
	}
	return message
}

func cidTexts(cids []cid.Cid) []string {
	texts := make([]string, len(cids))
	for i, c := range cids {
		texts[i] = c.String()
	}
	return texts
}
