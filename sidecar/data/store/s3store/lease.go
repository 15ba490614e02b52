package s3store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

const (
	// takeovers is how often an opening that comes second by a moment looks again.
	takeovers = 3
	// renewalsPerLease is how often the lock is renewed in the time of a lease.
	renewalsPerLease = 3
	// releaseTime bounds the last request of a store that is closed.
	releaseTime = 5 * time.Second
)

// lease is this opening's hold on the lock. Nobody takes a lock over before one and a half leases have passed since it
// was written, by the server's clock, and the holder acknowledges nothing once a lease has passed since it began to write
// it, by its own: what was acknowledged was complete before anyone else came.
type lease struct {
	bucket *bucket
	log    *slog.Logger

	turn sync.Mutex // held while the lock is renewed or released
	obj  lockObject // guarded by turn
	etag string     // guarded by turn

	mu      sync.Mutex
	renewed time.Time // when the last renewal began; guarded by mu
	gone    error     // why the lock is lost for good; guarded by mu
}

func newIdentity() (id identity) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// acquire takes the lock for the local folder named owner. It fails with store.ErrLocked.
func acquire(ctx context.Context, b *bucket, owner identity) (*lease, error) {
	host, err := os.Hostname()
	if err != nil || len(host) > 255 {
		host = "a host without name"
	}
	l := &lease{
		bucket: b,
		log:    b.opts.Logger,
		obj:    lockObject{owner: owner, session: newIdentity(), lease: b.opts.Lease, held: true, host: host},
	}
	for range takeovers {
		data, info, err := b.get(ctx, lockKey, maxLockBytes)
		var found lockObject
		if err == nil {
			if found, err = unsealLock(data); err != nil {
				return nil, fmt.Errorf("failed to read the lock of %s: %w: %w", b.where, store.ErrCorrupt, err)
			}
			if found.session == l.obj.session {
				l.etag = info.etag
				return l, l.probe(ctx)
			}
			if left := found.lease*3/2 - info.age; found.held && found.owner != owner && left > 0 {
				return nil, fmt.Errorf("failed to open %s: %w: %s holds it (if that node is gone for good, try again in %s)",
					b.where, store.ErrLocked, found.host, left.Round(time.Second))
			}
		} else if !errors.Is(err, errNoObject) {
			return nil, err
		}
		l.renewed = time.Now()
		l.etag, err = b.put(ctx, lockKey, l.obj.seal(), condition{absent: info.etag == "", etag: info.etag})
		if err == nil {
			return l, l.probe(ctx)
		}
		if !errors.Is(err, errCondition) {
			return nil, err
		}
	}
	return nil, fmt.Errorf("failed to open %s: %w: another node was faster", b.where, store.ErrLocked)
}

// probe makes sure that the server honours conditions, without which nothing keeps a second node out.
func (l *lease) probe(ctx context.Context) error {
	for _, cond := range []condition{{absent: true}, {etag: `"00000000000000000000000000000000"`}} {
		_, err := l.bucket.put(ctx, lockKey, l.obj.seal(), cond)
		if err == nil {
			return fmt.Errorf("failed to open %s: %w: it ignores If-Match and If-None-Match of writes", l.bucket.where, errUnsupported)
		}
		if !errors.Is(err, errCondition) {
			return err
		}
	}
	return nil
}

// held fails unless nobody else can have the lock at this moment.
func (l *lease) held(ctx context.Context) error {
	l.mu.Lock()
	gone, renewed := l.gone, l.renewed
	l.mu.Unlock()
	if gone != nil {
		return gone
	}
	// The monotonic clock stands still while a machine sleeps, the wall clock can be set back: both must agree.
	now := time.Now()
	if now.Sub(renewed) < l.bucket.opts.Lease && now.Round(0).Sub(renewed.Round(0)).Abs() < l.bucket.opts.Lease {
		return nil
	}
	return l.renew(ctx)
}

// renew tells others that this opening lives. It fails with store.ErrFailed when somebody else has the lock.
func (l *lease) renew(ctx context.Context) error {
	l.turn.Lock()
	defer l.turn.Unlock()
	began := time.Now()
	l.obj.renewals++
	etag, err := l.bucket.put(ctx, lockKey, l.obj.seal(), condition{etag: l.etag})
	if errors.Is(err, errCondition) {
		// An earlier attempt may have taken effect after it was given up.
		if l.etag, err = l.look(ctx, err); err == nil {
			began = time.Now()
			etag, err = l.bucket.put(ctx, lockKey, l.obj.seal(), condition{etag: l.etag})
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.etag, l.renewed = etag, began
	case errors.Is(err, errCondition) || errors.Is(err, errNoObject):
		l.gone = fmt.Errorf("%w: another node uses the store, or its lock was deleted: %w", store.ErrFailed, err)
		err = l.gone
	}
	return err
}

// look returns the lock's present tag, or cause if it is another opening's. The caller holds turn.
func (l *lease) look(ctx context.Context, cause error) (etag string, err error) {
	data, info, err := l.bucket.get(ctx, lockKey, maxLockBytes)
	if err != nil {
		return l.etag, err
	}
	found, err := unsealLock(data)
	if err != nil || found.session != l.obj.session {
		return l.etag, cause
	}
	return info.etag, nil
}

// keep renews the lock until ctx is done.
func (l *lease) keep(ctx context.Context) {
	ticker := time.NewTicker(l.bucket.opts.Lease / renewalsPerLease)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := l.renew(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			l.log.Warn("the store's lock was not renewed", "error", err)
		}
		if errors.Is(err, store.ErrFailed) {
			return
		}
	}
}

// release gives the lock up.
func (l *lease) release() error {
	l.turn.Lock()
	defer l.turn.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	l.obj.renewals++
	l.obj.held = false
	_, err := l.bucket.put(ctx, lockKey, l.obj.seal(), condition{etag: l.etag})
	return err
}
