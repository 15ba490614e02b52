package node

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

// heatInterval is how often the access history is saved.
const heatInterval = 10 * time.Minute

// heatKeeper saves the engine's access history from time to time and at its end. Close ends it.
type heatKeeper struct {
	background
	engine *data.Engine
	log    *slog.Logger
}

func startHeatKeeper(engine *data.Engine, log *slog.Logger) *heatKeeper {
	k := &heatKeeper{engine: engine, log: log}
	k.start(k.run)
	return k
}

func (k *heatKeeper) run(ctx context.Context) {
	tick := time.NewTicker(heatInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := k.engine.SaveHeat(ctx); err != nil && ctx.Err() == nil {
				k.log.Warn("the access history is not saved", "error", err)
			}
		}
	}
}

// close saves what has happened since. A store that takes no more changes loses it, which is no failure of the node's.
func (k *heatKeeper) close() error {
	k.background.close()
	err := k.engine.SaveHeat(context.Background())
	if errors.Is(err, store.ErrFull) || errors.Is(err, store.ErrFailed) {
		k.log.Warn("the access history is not saved", "error", err)
		return nil
	}
	return err
}
