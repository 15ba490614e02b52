package data

import (
	"context"
	"errors"
	"fmt"

	"github.com/ipfs/go-cid"

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
// for itself already it goes on to keep so. It tells whether the manifest is pinned already, and whether for that peer alone.
// The caller holds e.pins.
func (e *Engine) setPusher(ctx context.Context, p Pin, by string, batch *store.Batch) (pinned, alone bool, err error) {
	key, err := pusherKey(p)
	if err != nil {
		return false, false, err
	}
	_, err = e.PinOf(ctx, p.Root, p.Manifest)
	if pinned = err == nil; err != nil && !errors.Is(err, ErrNotPinned) {
		return false, false, err
	}
	before, err := e.pusherOf(ctx, p)
	switch {
	case err != nil:
		return false, false, err
	case by == "":
		return pinned, false, batch.DeleteMeta(key)
	case !pinned:
		return false, false, batch.SetMeta(key, []byte(by))
	case before == by:
		return true, true, nil
	case before == "":
		return true, false, nil
	}
	return true, false, batch.SetMeta(key, []byte(severalPushers))
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

// UnpinPushed removes the pins of a root that are kept for a peer alone, durably, and returns how many there were. There is no
// tombstone: the node may keep the content for others. It fails with ErrNotPinned if there are no pins, ErrNotPusher if none
// of them is for that peer alone, and ErrHeld while a deal needs the content.
func (e *Engine) UnpinPushed(ctx context.Context, root cid.Cid, by string) (int, error) {
	e.pins.Lock()
	defer e.pins.Unlock()
	pins, err := e.pinned(ctx, root)
	if err == nil {
		pins, err = e.pushedBy(ctx, pins, by)
	}
	if err != nil {
		return 0, err
	}
	e.holds.Lock() // no deal begins to need it meanwhile
	defer e.holds.Unlock()
	if err := e.checkNotHeld(ctx, pins); err != nil {
		return 0, err
	}
	var batch store.Batch
	if err := e.withdraw(pins, &batch); err != nil {
		return 0, err
	}
	return len(pins), e.changePins(ctx, pinChange{remove: pins}, &batch)
}
