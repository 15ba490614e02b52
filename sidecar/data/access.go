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

const (
	heatKey      = "heat"
	heatHalfLife = 7 * 24 * time.Hour
	heatCapacity = 1 << 16
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

// LoadHeat adds the access history that was saved in the store. One that cannot be read is left out and logged.
func (e *Engine) LoadHeat(ctx context.Context) error {
	saved, err := e.store.Meta(ctx, []byte(heatKey))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("failed to load the access history: %w", err)
	}
	if err := e.heat.Load(saved); err != nil {
		e.log.Warn("the access history begins anew", "error", err)
	}
	return nil
}

// SaveHeat saves the access history in the store, as far as it fits a metadata value. It is durable with the store's next
// durable change.
func (e *Engine) SaveHeat(ctx context.Context) error {
	var batch store.Batch
	if err := batch.SetMeta([]byte(heatKey), e.heat.Save(store.MaxMetaValueBytes)); err != nil {
		return err
	}
	if err := e.store.Apply(ctx, &batch, store.Lazy); err != nil {
		return fmt.Errorf("failed to save the access history: %w", err)
	}
	return nil
}
