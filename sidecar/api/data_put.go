package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/bulk"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/compress"
)

// dataService implements sidecarv1.DataServiceServer.
type dataService struct {
	sidecarv1.UnimplementedDataServiceServer
	content   Content
	catalogue Catalogue
	scrubs    bool
	tiers     func(context.Context) ([]Tier, error)
	announcer Announcer
	pusher    Pusher
	node      Node
	peerKey   crypto.PrivKey
	effort    compress.Effort
	log       *slog.Logger
}

// maxKeep bounds how long a superseded version is kept unless it is kept until it is deleted.
const maxKeep = 100 * 365 * 24 * time.Hour

// Put implements sidecarv1.DataServiceServer.
func (s *dataService) Put(stream sidecarv1.DataService_PutServer) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	header := first.GetHeader()
	if header == nil {
		return invalid("a put begins with its header")
	}
	opts, err := s.putOptions(stream, header)
	if err != nil {
		return err
	}
	put, err := s.content.NewPut(stream.Context(), opts)
	if err != nil {
		return err
	}
	defer put.Abort()
	if err := feed(stream, put); err != nil {
		return err
	}
	result, err := put.Finish()
	if err != nil {
		return err
	}
	s.announce(stream.Context(), result.Root, result.Manifest)
	return stream.Send(&sidecarv1.PutResponse{Message: &sidecarv1.PutResponse_Result{Result: &sidecarv1.PutResult{
		Root:           result.Root.String(),
		Manifest:       result.Manifest.String(),
		SizeBytes:      result.SizeBytes,
		StoredBytes:    result.StoredBytes,
		Blocks:         result.Blocks,
		NewBlocks:      result.NewBlocks,
		Files:          result.Files,
		NewBytes:       result.NewBytes,
		NewStoredBytes: result.AddedBytes,
		Existing:       result.Existing,
	}}})
}

// putOptions reads the header of a put.
func (s *dataService) putOptions(stream sidecarv1.DataService_PutServer, h *sidecarv1.PutHeader) (data.PutOptions, error) {
	opts := data.PutOptions{Effort: s.effort, Tags: h.Tags, ContentType: h.ContentType, Supersedes: cid.Undef}
	switch h.Encode {
	case sidecarv1.Encode_ENCODE_UNSPECIFIED:
	case sidecarv1.Encode_ENCODE_FAST:
		opts.Effort = compress.Fast
	case sidecarv1.Encode_ENCODE_DENSE:
		opts.Effort = compress.Dense
	case sidecarv1.Encode_ENCODE_BALANCED:
		opts.Effort = compress.Balanced
	default:
		return opts, invalid("unknown encode %d", h.Encode)
	}
	if h.Supersedes != "" {
		c, err := format.ParseCID(h.Supersedes)
		if err != nil {
			return opts, fmt.Errorf("superseded manifest: %w", err)
		}
		opts.Supersedes = c
	}
	switch keep := h.KeepSupersededMs; {
	case keep > maxKeep.Milliseconds():
		return opts, invalid("a superseded version is kept %d ms, at most %d", keep, maxKeep.Milliseconds())
	case keep < 0:
		opts.KeepSuperseded = data.KeepForever
	default:
		opts.KeepSuperseded = time.Duration(keep) * time.Millisecond
	}
	var err error
	if h.Creator == nil || h.Creator.KeyType == "" {
		opts.Creator, opts.Sign, err = s.peerCreator()
		return opts, err
	}
	if opts.Creator, err = creator(h.Creator); err != nil {
		return opts, err
	}
	opts.Sign = func(_ context.Context, message []byte) ([]byte, error) { return askSignature(stream, message) }
	return opts, nil
}

// peerCreator signs with the node's own key.
func (s *dataService) peerCreator() (manifest.Creator, data.Signer, error) {
	public, err := s.peerKey.GetPublic().Raw()
	if err != nil {
		return manifest.Creator{}, nil, fmt.Errorf("failed to read the peer key: %w", err)
	}
	sign := func(_ context.Context, message []byte) ([]byte, error) { return s.peerKey.Sign(message) }
	return manifest.Creator{Kind: manifest.Ed25519, Key: public}, sign, nil
}

// creator reads a caller's public key.
func creator(c *sidecarv1.Creator) (manifest.Creator, error) {
	for _, kind := range []manifest.KeyKind{manifest.Ed25519, manifest.Secp256k1, manifest.EthSecp256k1} {
		if kind.String() == c.KeyType {
			return manifest.Creator{Kind: kind, Key: c.PublicKey}, nil
		}
	}
	return manifest.Creator{}, invalid("unknown key type %q", c.KeyType)
}

// askSignature has the caller sign.
func askSignature(stream sidecarv1.DataService_PutServer, message []byte) ([]byte, error) {
	if err := stream.Send(&sidecarv1.PutResponse{Message: &sidecarv1.PutResponse_Sign{Sign: message}}); err != nil {
		return nil, err
	}
	answer, err := stream.Recv()
	if errors.Is(err, io.EOF) {
		return nil, invalid("the put ended without a signature")
	}
	if err != nil {
		return nil, err
	}
	signature, ok := answer.GetMessage().(*sidecarv1.PutRequest_Signature)
	if !ok {
		return nil, invalid("a sign request is answered with a signature")
	}
	return signature.Signature, nil
}

// feed passes items on until the caller says finish.
func feed(stream sidecarv1.DataService_PutServer, put *data.Put) error {
	received := bulk.ReceivedPut()
	defer received.Free()
	for {
		err := stream.RecvMsg(received)
		if errors.Is(err, io.EOF) {
			return invalid("the put ended without finish: nothing was stored")
		}
		if err != nil {
			return err
		}
		switch m := received.Message.GetMessage().(type) {
		case *sidecarv1.PutRequest_Items:
			for _, item := range m.Items.GetItems() {
				if err := feedItem(put, item); err != nil {
					return err
				}
			}
		case *sidecarv1.PutRequest_Finish:
			return nil
		default:
			return invalid("a put goes on with items or finish")
		}
	}
}

func feedItem(put *data.Put, item *sidecarv1.PutItem) error {
	switch i := item.GetItem().(type) {
	case *sidecarv1.PutItem_Data:
		_, err := put.Write(i.Data)
		return err
	case *sidecarv1.PutItem_Entry:
		entry := i.Entry
		info := data.FileInfo{Executable: entry.GetExecutable()}
		switch entry.GetKind() {
		case sidecarv1.Kind_KIND_FILE:
			return put.BeginFile(string(entry.GetPath()), info)
		case sidecarv1.Kind_KIND_DIRECTORY:
			return put.BeginDir(string(entry.GetPath()), info)
		case sidecarv1.Kind_KIND_SYMLINK:
			return put.Symlink(string(entry.GetPath()), string(entry.GetTarget()), info)
		}
		return invalid("entry %q is of no known kind", entry.GetPath())
	}
	return invalid("an item is an entry or data")
}

// announce tells the network. That it cannot is no failure of the caller's: the next round repeats it.
func (s *dataService) announce(ctx context.Context, cids ...cid.Cid) {
	if s.announcer == nil {
		return
	}
	if err := s.announcer.Provide(ctx, cids...); err != nil {
		s.log.Warn("content is not announced yet", "err", err)
	}
}
