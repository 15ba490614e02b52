package keeper_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	storetypes "github.com/cosmos/cosmos-sdk/store/v2/types"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// BenchmarkBeginBlockNothingDue shows that a block costs the same whatever the number of providers, when none has anything due.
func BenchmarkBeginBlockNothingDue(b *testing.B) {
	for _, units := range []int{1_000, 100_000} {
		b.Run(fmt.Sprintf("units=%d", units), func(b *testing.B) {
			f := newFixture(b, func(p *types.Params) { *p = types.DefaultParams() })
			tree := f.disk.put(b, "unit", 1000)
			for i := range units {
				_, err := f.keeper.AddUnit(f.ctx, f.newUnit(f.address(fmt.Sprint(i)), tree))
				require.NoError(b, err)
			}
			f.commit()
			b.ReportAllocs()
			for b.Loop() {
				ctx, _ := f.ctx.CacheContext()
				if err := f.keeper.BeginBlock(ctx); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSubmitWindowProof is the work of one proof transaction with 16 openings, state included.
func BenchmarkSubmitWindowProof(b *testing.B) {
	f := newFixture(b)
	p := f.address("p")
	for range 64 {
		f.add(p, 300_000, 500_000, 200_000)
	}
	f.open(p)
	msg := f.prove(p)
	f.commit()
	b.ReportAllocs()
	for b.Loop() {
		ctx, _ := f.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).CacheContext()
		if _, err := f.msgs.SubmitWindowProof(ctx, msg); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(msg.Proof)), "proof-bytes")
}

// TestBeginBlockReadsNothingThatIsNotDue counts what a block reads instead of timing it.
func TestBeginBlockReadsNothingThatIsNotDue(t *testing.T) {
	gas := func(providers int) uint64 {
		f := newFixture(t)
		tree := f.disk.put(t, "unit", 1000)
		for i := range providers {
			_, err := f.keeper.AddUnit(f.ctx, f.newUnit(f.address(fmt.Sprint(i)), tree))
			require.NoError(t, err)
		}
		ctx := f.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).WithBlockTime(f.ctx.BlockTime().Add(time.Millisecond))
		require.NoError(t, f.keeper.BeginBlock(ctx))
		return ctx.GasMeter().GasConsumed()
	}
	require.Equal(t, gas(1), gas(500))
}

// TestBeginBlockReadsNoSectorThatIsNotDue counts the same with sectors in each state, a demand and a challenge.
func TestBeginBlockReadsNoSectorThatIsNotDue(t *testing.T) {
	gas := func(f *fixture) uint64 {
		ctx := f.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).WithBlockTime(f.ctx.BlockTime().Add(time.Millisecond))
		require.NoError(t, f.keeper.BeginBlock(ctx))
		return ctx.GasMeter().GasConsumed()
	}
	longDisputes := func(p *types.Params) { p.SealDisputeTime = time.Hour; p.DemandResponseTime = time.Hour }
	require.Equal(t, gas(newFixture(t, longDisputes)), gas(busySealer(t).fixture))
}

// BenchmarkRecordVerdict is the work of one verdict.
func BenchmarkRecordVerdict(b *testing.B) {
	s := newSealer(b)
	_, sealID := s.submitted(nil)
	s.commit()
	b.ReportAllocs()
	for b.Loop() {
		ctx, _ := s.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).CacheContext()
		if err := s.keeper.RecordVerdict(ctx, validator(0), 10, 7, sealID, true); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkProveSealFraud is the work of judging one seal record on chain.
func BenchmarkProveSealFraud(b *testing.B) {
	s := newSealer(b)
	id := s.accepted(nil)
	msg := &types.MsgProveSealFraud{Reporter: s.address, SectorId: id, Index: 5, Slice: s.slice(5)}
	s.commit()
	b.ReportAllocs()
	for b.Loop() {
		ctx, _ := s.ctx.WithGasMeter(storetypes.NewInfiniteGasMeter()).CacheContext()
		if _, err := s.msgs.ProveSealFraud(ctx, msg); !errors.Is(err, types.ErrRecordHolds) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(msg.Slice)), "slice-bytes")
}
