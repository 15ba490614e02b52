package api

import (
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/cosmos/evm/crypto/ethsecp256k1"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// List implements sidecarv1.DataServiceServer.
func (s *dataService) List(request *sidecarv1.ListRequest, stream sidecarv1.DataService_ListServer) error {
	if request.GetRoot() == "" {
		if len(request.GetPath()) > 0 {
			return invalid("a path needs a root")
		}
		return s.listPins(stream)
	}
	root, err := format.ParseCID(request.GetRoot())
	if err != nil {
		return err
	}
	return s.content.ListPath(stream.Context(), root, string(request.GetPath()), false, func(e data.Entry) error {
		if e.Path == "" && e.Kind == data.KindDirectory {
			return nil // the directory itself
		}
		return stream.Send(&sidecarv1.ListResponse{Item: &sidecarv1.ListResponse_Entry{Entry: entryMessage(e)}})
	})
}

// listPins sends every pinned root.
func (s *dataService) listPins(stream sidecarv1.DataService_ListServer) error {
	return s.content.List(stream.Context(), func(p data.Pin) error {
		return stream.Send(&sidecarv1.ListResponse{Item: &sidecarv1.ListResponse_Pin{Pin: pinMessage(p)}})
	})
}

func pinMessage(p data.Pin) *sidecarv1.Pin {
	message := &sidecarv1.Pin{
		Root:          p.Root.String(),
		Manifest:      p.Manifest.String(),
		SizeBytes:     p.Header.ContentSize,
		Blocks:        uint64(p.Header.Leaves),
		Tags:          p.Header.Tags,
		ContentType:   p.Header.ContentType,
		CreatedUnixMs: p.Header.UnixMilli,
		Creator:       CreatorName(p.Header.Creator),
	}
	if p.Header.Supersedes.Defined() {
		message.Supersedes = p.Header.Supersedes.String()
	}
	return message
}

// CreatorName is the account address or the peer id of a creator.
func CreatorName(c manifest.Creator) string {
	switch c.Kind {
	case manifest.Ed25519:
		public, err := crypto.UnmarshalEd25519PublicKey(c.Key)
		if err != nil {
			return ""
		}
		id, err := peer.IDFromPublicKey(public)
		if err != nil {
			return ""
		}
		return id.String()
	case manifest.Secp256k1, manifest.EthSecp256k1:
		return accountAddress(c)
	}
	return ""
}

// accountAddress is the address of an account key.
func accountAddress(c manifest.Creator) string {
	var raw []byte
	if c.Kind == manifest.Secp256k1 {
		raw = (&secp256k1.PubKey{Key: c.Key}).Address()
	} else {
		raw = (&ethsecp256k1.PubKey{Key: c.Key}).Address()
	}
	text, err := chain.FormatAddress(raw)
	if err != nil {
		return ""
	}
	return text
}
