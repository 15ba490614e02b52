package api

import (
	"bytes"
	"slices"

	"google.golang.org/grpc/mem"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/bulk"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

const (
	// batchBytes is the size a message of a get is filled up to.
	batchBytes = 1 << 20
	// largeBytes is the size from which data goes out at once, uncopied, in pieces of at most pieceBytes: a reader of little
	// shall not have to touch much memory.
	largeBytes = 128 << 10
	pieceBytes = 256 << 10
	// entryBytes is counted for an entry beside its path and target.
	entryBytes = 96
)

// Get implements sidecarv1.DataServiceServer.
func (s *dataService) Get(request *sidecarv1.GetRequest, stream sidecarv1.DataService_GetServer) error {
	root, err := format.ParseCID(request.GetRoot())
	if err != nil {
		return err
	}
	opts := data.GetOptions{Path: string(request.GetPath()), LocalOnly: request.GetLocalOnly()}
	if request.GetHasRange() {
		opts.Range = &data.Range{First: request.GetFirst(), Last: request.GetLast()}
	}
	out := &getSink{stream: stream, message: &sidecarv1.GetResponse{}}
	if opts.Path == "" && opts.Range == nil {
		pins, err := s.content.Pins(stream.Context(), root)
		if err != nil {
			return err
		}
		if len(pins) > 0 {
			out.message.TotalBytes = pins[0].Header.ContentSize
		}
	}
	if err := s.content.Get(stream.Context(), root, opts, out); err != nil {
		return err
	}
	return out.flush()
}

// getSink gathers what a get reads into messages.
type getSink struct {
	stream  sidecarv1.DataService_GetServer
	message *sidecarv1.GetResponse
	size    int
}

// Entry implements data.Sink.
func (g *getSink) Entry(e data.Entry) error {
	return g.add(&sidecarv1.PutItem{Item: &sidecarv1.PutItem_Entry{Entry: entryMessage(e)}}, entryBytes+len(e.Path)+len(e.Target))
}

// Data implements data.Sink.
func (g *getSink) Data(p []byte) error {
	if len(p) >= largeBytes {
		if err := g.flush(); err != nil {
			return err
		}
		for piece := range slices.Chunk(p, pieceBytes) {
			if err := g.stream.SendMsg(bulk.GetData(mem.SliceBuffer(piece))); err != nil {
				return err
			}
		}
		return nil
	}
	return g.add(&sidecarv1.PutItem{Item: &sidecarv1.PutItem_Data{Data: bytes.Clone(p)}}, len(p))
}

func (g *getSink) add(item *sidecarv1.PutItem, size int) error {
	g.message.Items = append(g.message.Items, item)
	if g.size += size; g.size >= batchBytes {
		return g.flush()
	}
	return nil
}

func (g *getSink) flush() error {
	if len(g.message.Items) == 0 {
		return nil
	}
	err := g.stream.Send(g.message)
	g.message, g.size = &sidecarv1.GetResponse{}, 0
	return err
}

func entryMessage(e data.Entry) *sidecarv1.Entry {
	return &sidecarv1.Entry{
		Path:       []byte(e.Path),
		Kind:       kindMessage(e.Kind),
		Executable: e.Executable,
		Target:     []byte(e.Target),
		SizeBytes:  e.SizeBytes,
		Cid:        e.Cid.String(),
	}
}

func kindMessage(k data.EntryKind) sidecarv1.Kind {
	switch k {
	case data.KindFile:
		return sidecarv1.Kind_KIND_FILE
	case data.KindDirectory:
		return sidecarv1.Kind_KIND_DIRECTORY
	case data.KindSymlink:
		return sidecarv1.Kind_KIND_SYMLINK
	}
	return sidecarv1.Kind_KIND_UNSPECIFIED
}
