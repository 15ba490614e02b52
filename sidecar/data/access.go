package data

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/heat"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// HeatCapacity is of how many blocks the access history is kept.
const HeatCapacity = 1 << 16

const (
	heatKey      = "heat"
	heatHalfLife = 7 * 24 * time.Hour

	successorsKey   = "successors"
	successorsRoots = 1 << 11
)

// Heat returns the access history of blocks, by block digest: a block keeps its digest when it is encoded anew.
func (e *Engine) Heat() *heat.History { return e.heat }

// Touch counts an access of a block. Gets and listings do it, and a put does for the first block of each encoding that
// it stores; what else hands out blocks calls it.
func (e *Engine) Touch(block format.Digest) { e.heat.Touch(block) }

// touch counts an access of a block.
func (e *Engine) touch(c cid.Cid) {
	if d, err := format.DigestOf(c); err == nil {
		e.Touch(d)
	}
}

// Successors returns the table of which root is opened after which. Those who see roots being opened fill it.
func (e *Engine) Successors() *heat.Successors { return e.successors }

// LoadHeat adds the access history and the table of successors that were saved in the store. One that cannot be read is
// left out and logged.
func (e *Engine) LoadHeat(ctx context.Context) error {
	for key, load := range map[string]func([]byte) error{heatKey: e.heat.Load, successorsKey: e.successors.Load} {
		saved, err := e.store.Meta(ctx, []byte(key))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("failed to load the access history: %w", err)
		}
		if err := load(saved); err != nil {
			e.log.Warn("a part of the access history begins anew", "part", key, "error", err)
		}
	}
	return nil
}

// SaveHeat saves the access history and the table of successors in the store, each as far as it fits a metadata value. They
// are durable with the store's next durable change.
func (e *Engine) SaveHeat(ctx context.Context) error {
	var batch store.Batch
	for key, value := range map[string][]byte{
		heatKey:       e.heat.Save(store.MaxMetaValueBytes),
		successorsKey: e.successors.Save(store.MaxMetaValueBytes),
	} {
		if err := batch.SetMeta([]byte(key), value); err != nil {
			return err
		}
	}
	if err := e.store.Apply(ctx, &batch, store.Lazy); err != nil {
		return fmt.Errorf("failed to save the access history: %w", err)
	}
	return nil
}
