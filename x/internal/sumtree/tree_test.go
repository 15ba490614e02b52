package sumtree_test

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"cosmossdk.io/collections"
	"cosmossdk.io/collections/colltest"
	"cosmossdk.io/collections/corecompat"

	"github.com/ipdm-network/ipdm/x/internal/sumtree"
)

// countingStore counts what reaches the store.
type countingStore struct {
	corecompat.KVStore
	ops int
}

func (s *countingStore) Get(key []byte) ([]byte, error) { s.ops++; return s.KVStore.Get(key) }
func (s *countingStore) Has(key []byte) (bool, error)   { s.ops++; return s.KVStore.Has(key) }
func (s *countingStore) Set(key, value []byte) error    { s.ops++; return s.KVStore.Set(key, value) }
func (s *countingStore) Delete(key []byte) error        { s.ops++; return s.KVStore.Delete(key) }

type service struct{ store *countingStore }

func (s service) OpenKVStore(context.Context) corecompat.KVStore { return s.store }

func newTree(t testing.TB) (*sumtree.Tree, *countingStore, context.Context) {
	t.Helper()
	mock, ctx := colltest.MockStore()
	store := &countingStore{KVStore: mock.OpenKVStore(ctx)}
	sb := collections.NewSchemaBuilder(service{store})
	tree := sumtree.New(sb, []byte{7}, "weights")
	_, err := sb.Build()
	require.NoError(t, err)
	return tree, store, ctx
}

func dump(t testing.TB, store corecompat.KVStore) map[string]string {
	t.Helper()
	it, err := store.Iterator(nil, nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, it.Close()) }()
	all := map[string]string{}
	for ; it.Valid(); it.Next() {
		all[string(it.Key())] = string(it.Value())
	}
	return all
}

// model is the plain thing the tree must agree with.
type model struct {
	weights []uint64
	taken   []bool
}

func (m *model) alloc() uint64 {
	for i, taken := range m.taken {
		if !taken {
			m.taken[i] = true
			return uint64(i)
		}
	}
	m.weights, m.taken = append(m.weights, 0), append(m.taken, true)
	return uint64(len(m.taken) - 1)
}

func (m *model) total() (sum uint64) {
	for _, w := range m.weights {
		sum += w
	}
	return sum
}

func (m *model) find(point uint64) (uint64, uint64) {
	for i, w := range m.weights {
		if point < w {
			return uint64(i), point
		}
		point -= w
	}
	panic("point not below the total")
}

func (m *model) anyTaken(rng *rand.Rand) (uint64, bool) {
	var all []uint64
	for i, taken := range m.taken {
		if taken {
			all = append(all, uint64(i))
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return all[rng.IntN(len(all))], true
}

func TestTreeAgreesWithASlice(t *testing.T) {
	tree, store, ctx := newTree(t)
	rng := rand.New(rand.NewPCG(1, 2))
	owners := [][]byte{nil, []byte("a"), []byte("ab")}
	models := map[string]*model{}
	for _, o := range owners {
		models[string(o)] = &model{}
	}
	for step := range 6000 {
		owner := owners[rng.IntN(len(owners))]
		m := models[string(owner)]
		// The share of frees swings, so that the trees grow and wither in turn.
		switch op := rng.IntN(10); {
		case op < 3 && step/1000%2 == 0:
			slot, err := tree.Alloc(ctx, owner)
			require.NoError(t, err)
			require.Equal(t, m.alloc(), slot)
		case op < 4:
			if slot, ok := m.anyTaken(rng); ok {
				require.NoError(t, tree.Free(ctx, owner, slot))
				m.weights[slot], m.taken[slot] = 0, false
			}
		case op < 7:
			if slot, ok := m.anyTaken(rng); ok {
				weight := rng.Uint64N(1000) * rng.Uint64N(2)
				require.NoError(t, tree.Set(ctx, owner, slot, weight))
				m.weights[slot] = weight
				got, err := tree.Get(ctx, owner, slot)
				require.NoError(t, err)
				require.Equal(t, weight, got)
			}
		default:
			total, err := tree.Total(ctx, owner)
			require.NoError(t, err)
			require.Equal(t, m.total(), total)
			if total > 0 {
				point := rng.Uint64N(total)
				slot, offset, err := tree.Find(ctx, owner, point)
				require.NoError(t, err)
				wantSlot, wantOffset := m.find(point)
				require.Equal(t, wantSlot, slot)
				require.Equal(t, wantOffset, offset)
			}
			_, _, err = tree.Find(ctx, owner, total)
			require.ErrorIs(t, err, sumtree.ErrPoint)
		}
	}

	// What is stored depends on the slots and weights alone, not on the history: another tree made at once is the same.
	fresh, freshStore, freshCtx := newTree(t)
	for _, owner := range owners {
		m := models[string(owner)]
		used := uint64(0)
		for i := len(m.taken) - 1; i >= 0; i-- {
			if m.taken[i] {
				used++
				require.NoError(t, fresh.Reserve(freshCtx, owner, uint64(i)))
				require.NoError(t, fresh.Set(freshCtx, owner, uint64(i), m.weights[i]))
			}
		}
		got, err := tree.Used(ctx, owner)
		require.NoError(t, err)
		require.Equal(t, used, got)
	}
	require.Equal(t, dump(t, freshStore), dump(t, store))

	for _, owner := range owners {
		for i, taken := range models[string(owner)].taken {
			if taken {
				require.NoError(t, tree.Free(ctx, owner, uint64(i)))
			}
		}
	}
	require.Empty(t, dump(t, store), "an owner without slots leaves nothing in state")
}

func TestOwnersDoNotMix(t *testing.T) {
	tree, _, ctx := newTree(t)
	for i, owner := range [][]byte{nil, {}, []byte("x")} {
		slot, err := tree.Alloc(ctx, owner)
		require.NoError(t, err)
		if i == 1 {
			require.Equal(t, uint64(1), slot, "nil and empty are the same owner")
			continue
		}
		require.Equal(t, uint64(0), slot)
		require.NoError(t, tree.Set(ctx, owner, slot, uint64(i+1)))
	}
	total, err := tree.Total(ctx, []byte("x"))
	require.NoError(t, err)
	require.Equal(t, uint64(3), total)
}

func TestRefusals(t *testing.T) {
	tree, store, ctx := newTree(t)
	owner := []byte("p")
	require.ErrorIs(t, tree.Set(ctx, owner, 0, 1), sumtree.ErrFree)
	require.ErrorIs(t, tree.Free(ctx, owner, 0), sumtree.ErrFree)
	require.ErrorIs(t, tree.Reserve(ctx, owner, sumtree.MaxSlots), sumtree.ErrSlot)
	require.Empty(t, dump(t, store), "a refused call writes nothing")

	require.NoError(t, tree.Reserve(ctx, owner, sumtree.MaxSlots-1))
	require.ErrorIs(t, tree.Reserve(ctx, owner, sumtree.MaxSlots-1), sumtree.ErrTaken)
	require.NoError(t, tree.Set(ctx, owner, sumtree.MaxSlots-1, math.MaxUint64))
	slot, err := tree.Alloc(ctx, owner)
	require.NoError(t, err)
	require.Equal(t, uint64(0), slot)
	before := dump(t, store)
	require.ErrorIs(t, tree.Set(ctx, owner, slot, 1), sumtree.ErrOverflow)
	require.Equal(t, before, dump(t, store))
	got, offset, err := tree.Find(ctx, owner, math.MaxUint64-1)
	require.NoError(t, err)
	require.Equal(t, sumtree.MaxSlots-1, got)
	require.Equal(t, uint64(math.MaxUint64-1), offset)
}

func TestCostIsLogarithmic(t *testing.T) {
	tree, store, ctx := newTree(t)
	owner := []byte("p")
	const slots = 1 << 12
	for range slots {
		slot, err := tree.Alloc(ctx, owner)
		require.NoError(t, err)
		require.NoError(t, tree.Set(ctx, owner, slot, slot+1))
	}
	cost := func(f func() error) int {
		store.ops = 0
		require.NoError(t, f())
		return store.ops
	}
	const levels = 13
	require.LessOrEqual(t, cost(func() error { _, _, err := tree.Find(ctx, owner, 1_000_000); return err }), levels+2)
	require.LessOrEqual(t, cost(func() error { return tree.Set(ctx, owner, slots/2, 5) }), 3*levels)
	require.LessOrEqual(t, cost(func() error { return tree.Free(ctx, owner, slots/2) }), 3*levels+4)
	require.LessOrEqual(t, cost(func() error { _, err := tree.Alloc(ctx, owner); return err }), 4*levels)
}

func BenchmarkFind(b *testing.B) {
	tree, _, ctx := newTree(b)
	owner := []byte("p")
	for range 10_000 {
		slot, err := tree.Alloc(ctx, owner)
		require.NoError(b, err)
		require.NoError(b, tree.Set(ctx, owner, slot, 1000))
	}
	b.ReportAllocs()
	for i := range uint64(b.N) {
		if _, _, err := tree.Find(ctx, owner, i*7919%10_000_000); err != nil {
			b.Fatal(err)
		}
	}
}
