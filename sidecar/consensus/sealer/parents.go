package sealer

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"lukechampine.com/blake3"

	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// parentCaches are files with the parents of all nodes, one for each size of sector, which all sealers of that size share. Computing
// parents takes about a fifth of the time of a label; reading them next to nothing.
type parentCaches struct {
	dir string

	mu    sync.Mutex
	files map[uint64]*sharedParents // by number of nodes; guarded by mu
}

type sharedParents struct {
	ready   chan struct{} // closed once the cache is loaded, or once that failed
	mapping *mapping      // nil when it failed; not changed after ready
	users   int           // guarded by parentCaches.mu; whoever loads is one
}

func newParentCaches(dir string) *parentCaches {
	return &parentCaches{dir: dir, files: map[uint64]*sharedParents{}}
}

// cacheStep is how many nodes are computed between two looks at the gate.
const cacheStep = 1 << 14

// open returns the parents of all nodes of a graph; the caller calls done once it needs them no more. The first use makes the file and
// every first use in a process checks it: a wrong parent would make a seal that convicts its maker. Others wait for that.
func (c *parentCaches) open(
	ctx context.Context, graph *sdr.Graph, pass func(context.Context) error,
) (m *mapping, done func() error, err error) {
	nodes := graph.Nodes()
	for {
		c.mu.Lock()
		shared, ok := c.files[nodes]
		if !ok {
			shared = &sharedParents{ready: make(chan struct{}), users: 1}
			c.files[nodes] = shared
			c.mu.Unlock()
			shared.mapping, err = c.load(ctx, graph, pass)
			if err != nil {
				c.mu.Lock()
				delete(c.files, nodes)
				c.mu.Unlock()
			}
			close(shared.ready)
			return shared.mapping, func() error { return c.release(nodes, shared) }, err
		}
		shared.users++
		c.mu.Unlock()
		select {
		case <-shared.ready:
		case <-ctx.Done():
			return nil, nil, errors.Join(ctx.Err(), c.release(nodes, shared))
		}
		if shared.mapping != nil {
			return shared.mapping, func() error { return c.release(nodes, shared) }, nil
		}
		// Whoever loaded it failed, or was stopped: it is tried again here.
	}
}

// release gives up one use. The last one, after the cache was loaded, closes it.
func (c *parentCaches) release(nodes uint64, shared *sharedParents) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if shared.users--; shared.users > 0 || c.files[nodes] != shared {
		return nil
	}
	delete(c.files, nodes)
	return shared.mapping.close()
}

// load maps the cache, making it when it is not there or not right. The digest of the whole is in a file beside it.
func (c *parentCaches) load(ctx context.Context, graph *sdr.Graph, pass func(context.Context) error) (*mapping, error) {
	size := graph.Nodes() * sdr.ParentsSize
	path := filepath.Join(c.dir, fmt.Sprintf("parents-v1-%d", graph.Nodes()))
	m, err := mapFile(path, int64(size))
	if err != nil {
		return nil, err
	}
	want, err := os.ReadFile(path + ".blake3")
	if err == nil {
		if got, err := hashWhole(ctx, m.data, pass); err != nil {
			return nil, errors.Join(err, m.close())
		} else if subtle.ConstantTimeCompare(got, want) == 1 {
			return m, nil
		}
	}
	for from := uint64(0); from < graph.Nodes(); from += cacheStep {
		if err := pass(ctx); err != nil {
			return nil, errors.Join(err, m.close())
		}
		graph.PutParents(m.data[from*sdr.ParentsSize:], from, min(from+cacheStep, graph.Nodes()))
	}
	digest, err := hashWhole(ctx, m.data, pass)
	if err == nil {
		err = m.sync()
	}
	if err == nil {
		err = writeDurably(path+".blake3", digest)
	}
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	return m, nil
}

// hashWhole returns the digest of mapped bytes.
func hashWhole(ctx context.Context, data []byte, pass func(context.Context) error) ([]byte, error) {
	h := blake3.New(sdr.NodeSize, nil)
	for len(data) > 0 {
		if err := pass(ctx); err != nil {
			return nil, err
		}
		n := min(len(data), streamBytes)
		_, _ = h.Write(data[:n]) // it never fails
		data = data[n:]
	}
	return h.Sum(nil), nil
}
