package network

import (
	"context"
	"sync"

	ds "github.com/ipfs/go-datastore"
	"github.com/ipfs/go-datastore/query"
)

const (
	// maxProviderRecords bounds the DHT records kept for other nodes.
	maxProviderRecords = 1 << 18
	// maxProvidersPerKey bounds the providers kept of one key.
	maxProvidersPerKey = 512
)

// recordStore keeps DHT provider records in memory, indexed by the key they are
// about, and not more than a fixed number of them: anyone on the network may ask
// a DHT server to store one. At a limit a new record takes the place of an
// arbitrary older one, so a flood cannot shut newcomers out; owners repeat their
// records, so none is lost for long.
type recordStore struct {
	limit, limitPerKey int

	mu    sync.RWMutex // guards the fields below
	sets  map[ds.Key]map[ds.Key][]byte
	count int
}

var _ ds.Batching = (*recordStore)(nil)

func newRecordStore(limit, limitPerKey int) *recordStore {
	return &recordStore{limit: limit, limitPerKey: limitPerKey, sets: make(map[ds.Key]map[ds.Key][]byte)}
}

// Put stores or replaces a record.
func (s *recordStore) Put(_ context.Context, key ds.Key, value []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	parent := key.Parent()
	set := s.sets[parent]
	if _, has := set[key]; !has {
		switch {
		case len(set) >= s.limitPerKey:
			s.evictFrom(parent)
		case s.count >= s.limit:
			for other := range s.sets {
				s.evictFrom(other)
				break
			}
		}
		s.count++
	}
	// An eviction may have removed the set of this very key.
	if set = s.sets[parent]; set == nil {
		set = make(map[ds.Key][]byte)
		s.sets[parent] = set
	}
	set[key] = value
	return nil
}

// evictFrom drops an arbitrary record of a set. The caller holds mu.
func (s *recordStore) evictFrom(parent ds.Key) {
	for key := range s.sets[parent] {
		s.remove(parent, key)
		return
	}
}

// remove drops a record that exists. The caller holds mu.
func (s *recordStore) remove(parent, key ds.Key) {
	delete(s.sets[parent], key)
	if len(s.sets[parent]) == 0 {
		delete(s.sets, parent)
	}
	s.count--
}

// Delete removes a record if it is there.
func (s *recordStore) Delete(_ context.Context, key ds.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	parent := key.Parent()
	if _, has := s.sets[parent][key]; has {
		s.remove(parent, key)
	}
	return nil
}

// Get returns a record, or ds.ErrNotFound.
func (s *recordStore) Get(_ context.Context, key ds.Key) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	value, has := s.sets[key.Parent()][key]
	if !has {
		return nil, ds.ErrNotFound
	}
	return value, nil
}

// Has reports whether a record is there.
func (s *recordStore) Has(ctx context.Context, key ds.Key) (bool, error) {
	return ds.GetBackedHas(ctx, s, key)
}

// GetSize returns the size of a record in bytes, or ds.ErrNotFound.
func (s *recordStore) GetSize(ctx context.Context, key ds.Key) (int, error) {
	return ds.GetBackedSize(ctx, s, key)
}

// Query lists records. Listing those of one key does not look at any other.
func (s *recordStore) Query(_ context.Context, q query.Query) (query.Results, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var entries []query.Entry
	collect := func(set map[ds.Key][]byte) {
		for key, value := range set {
			entries = append(entries, query.Entry{Key: key.String(), Value: value, Size: len(value)})
		}
	}
	if set, ok := s.sets[ds.NewKey(q.Prefix)]; ok {
		collect(set)
	} else {
		for _, set := range s.sets {
			collect(set)
		}
	}
	return query.NaiveQueryApply(q, query.ResultsWithEntries(q, entries)), nil
}

// Batch collects operations and applies them one by one on Commit.
func (s *recordStore) Batch(context.Context) (ds.Batch, error) { return ds.NewBasicBatch(s), nil }

// Sync does nothing: the records live in memory.
func (s *recordStore) Sync(context.Context, ds.Key) error { return nil }

// Close does nothing.
func (s *recordStore) Close() error { return nil }
