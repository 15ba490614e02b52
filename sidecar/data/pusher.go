package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const pusherPrefix = "pusher/" // + manifest digest -> the peer that pushed the pinned manifest, or severalPushers

// severalPushers stands for peers that have pushed the same manifest: none of them may take it from the others.
const severalPushers = "several"

func pusherKey(p Pin) ([]byte, error) {
	d, err := format.DigestOf(p.Manifest)
	if err != nil {
		return nil, err
	}
	return metaKeyOf(pusherPrefix, d[:]), nil
}

// pusherOf returns for which peer alone a manifest is pinned. It is empty if the node keeps it for itself.
func (e *Engine) pusherOf(ctx context.Context, p Pin) (string, error) {
	key, err := pusherKey(p)
	if err != nil {
		return "", err
	}
	value, err := e.store.Meta(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return string(value), err
}

// setPusher adds to batch that a manifest is pinned for a peer, or for the node itself if by is empty. What the node keeps
// for itself already it goes on to keep so. The caller holds e.pins.
func (e *Engine) setPusher(ctx context.Context, p Pin, by string, batch *store.Batch) error {
	key, err := pusherKey(p)
	if err != nil {
		return err
	}
	if by == "" {
		return batch.DeleteMeta(key)
	}
	if _, err := e.PinOf(ctx, p.Root, p.Manifest); errors.Is(err, ErrNotPinned) {
		return batch.SetMeta(key, []byte(by))
	} else if err != nil {
		return err
	}
	before, err := e.pusherOf(ctx, p)
	if err != nil || before == "" || before == by {
		return err
	}
	return batch.SetMeta(key, []byte(severalPushers))
}

// pushedBy returns those of some pins of a root that are kept for a peer alone. It fails with ErrNotPusher if there are pins and
// none is.
func (e *Engine) pushedBy(ctx context.Context, pins []Pin, by string) ([]Pin, error) {
	var theirs []Pin
	for _, p := range pins {
		pusher, err := e.pusherOf(ctx, p)
		if err != nil {
			return nil, err
		}
		if pusher == by {
			theirs = append(theirs, p)
		}
	}
	if len(pins) > 0 && len(theirs) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNotPusher, pins[0].Root)
	}
	return theirs, nil
}
