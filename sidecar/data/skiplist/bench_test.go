package skiplist_test

import (
	"cmp"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/btree"

	"github.com/ipdm-network/ipdm/sidecar/data/skiplist"
)

// ordered is what both candidates of the benchmark do.
type ordered interface {
	insert(k uint64)
	scan(from uint64, n int) // n keys from from upwards
}

type skipList struct{ set *skiplist.Set[uint64] }

func (s skipList) insert(k uint64) { s.set.Insert(k) }

func (s skipList) scan(from uint64, n int) {
	for range s.set.Ascend(from) {
		if n--; n == 0 {
			return
		}
	}
}

// lockedTree is a B-tree behind a lock that readers share.
type lockedTree struct {
	mu   sync.RWMutex // guards tree
	tree *btree.BTreeG[uint64]
}

func (l *lockedTree) insert(k uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tree.ReplaceOrInsert(k)
}

func (l *lockedTree) scan(from uint64, n int) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	l.tree.AscendGreaterOrEqual(from, func(uint64) bool {
		n--
		return n > 0
	})
}

// BenchmarkAgainstBTree has all processors insert and read ranges in a set of 10^5 keys.
func BenchmarkAgainstBTree(b *testing.B) {
	const keys = 100_000
	for _, load := range []struct {
		name   string
		writes int // of 100 operations
		scan   int
	}{{"read20", 0, 20}, {"read20-write10", 10, 20}, {"read1000-write10", 10, 1000}, {"write", 100, 1}} {
		for _, c := range []struct {
			name string
			make func() ordered
		}{
			{"skiplist", func() ordered { return skipList{skiplist.New(cmp.Compare[uint64])} }},
			{"locked-btree", func() ordered { return &lockedTree{tree: btree.NewG(32, cmp.Less[uint64])} }},
		} {
			b.Run(load.name+"/"+c.name, func(b *testing.B) {
				set := c.make()
				fill := rand.New(rand.NewPCG(1, 1))
				for range keys {
					set.insert(fill.Uint64())
				}
				b.ReportAllocs()
				b.ResetTimer()
				var seed atomic.Uint64
				b.RunParallel(func(pb *testing.PB) {
					random := rand.New(rand.NewPCG(seed.Add(1), 2))
					for pb.Next() {
						if random.IntN(100) < load.writes {
							set.insert(random.Uint64())
						} else {
							set.scan(random.Uint64(), load.scan)
						}
					}
				})
			})
		}
	}
}
