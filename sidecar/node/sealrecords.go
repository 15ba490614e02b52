package node

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/libp2p/go-libp2p/core/crypto"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/sidecar/data"
)

// sealRecordsTag marks the pins of seal records; the sector's number follows.
const sealRecordsTag = "ipdm.seal-records="

// SealRecords keeps seal records as pinned content of a node, from where validators fetch them.
type SealRecords struct {
	engine  *data.Engine
	peerKey crypto.PrivKey
}

// NewSealRecords returns the seal records of a node, whose key signs their manifests.
func NewSealRecords(engine *data.Engine, peerKey crypto.PrivKey) SealRecords {
	return SealRecords{engine, peerKey}
}

var _ sectors.Records = SealRecords{}

// Put implements sectors.Records.
func (r SealRecords) Put(ctx context.Context, number uint64, records []byte) (cid.Cid, error) {
	public, err := r.peerKey.GetPublic().Raw()
	if err != nil {
		return cid.Undef, fmt.Errorf("failed to read the peer key: %w", err)
	}
	put, err := r.engine.NewPut(ctx, data.PutOptions{
		Tags:    []string{sealRecordsTag + strconv.FormatUint(number, 10)},
		Creator: manifest.Creator{Kind: manifest.Ed25519, Key: public},
		Sign:    func(_ context.Context, message []byte) ([]byte, error) { return r.peerKey.Sign(message) },
	})
	if err != nil {
		return cid.Undef, err
	}
	defer put.Abort()
	if err := put.BeginFile("", data.FileInfo{}); err != nil {
		return cid.Undef, err
	}
	if _, err := put.Write(records); err != nil {
		return cid.Undef, err
	}
	result, err := put.Finish()
	if err != nil {
		return cid.Undef, fmt.Errorf("failed to store the seal records of sector %d: %w", number, err)
	}
	return result.Root, nil
}

// Get implements sectors.Records.
func (r SealRecords) Get(ctx context.Context, records cid.Cid) ([]byte, error) {
	var content wholeFile
	err := r.engine.Get(ctx, records, data.GetOptions{LocalOnly: true}, &content)
	if errors.Is(err, data.ErrMissing) {
		return nil, fmt.Errorf("%w: %s: %w", sectors.ErrNoRecords, records, err)
	}
	return content.bytes, err
}

// wholeFile takes a file into memory.
type wholeFile struct{ bytes []byte }

func (f *wholeFile) Entry(data.Entry) error { return nil }

func (f *wholeFile) Data(p []byte) error {
	f.bytes = append(f.bytes, p...)
	return nil
}

// List implements sectors.Records.
func (r SealRecords) List(ctx context.Context) (map[uint64][]cid.Cid, error) {
	all := map[uint64][]cid.Cid{}
	err := r.engine.List(ctx, func(pin data.Pin) error {
		for _, tag := range pin.Header.Tags {
			text, ok := strings.CutPrefix(tag, sealRecordsTag)
			if !ok {
				continue
			}
			if number, err := strconv.ParseUint(text, 10, 64); err == nil {
				all[number] = append(all[number], pin.Root)
			}
		}
		return nil
	})
	return all, err
}

// Release implements sectors.Records.
func (r SealRecords) Release(ctx context.Context, records cid.Cid) error {
	if _, err := r.engine.Unpin(ctx, records); err != nil && !errors.Is(err, data.ErrNotPinned) {
		return err
	}
	return nil
}
