package sealer_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
)

// begun makes a store with so many begun sectors, numbered from 1 on.
func begun(t *testing.T, d *deals, count uint64, o sealer.Options) *sealer.Store {
	t.Helper()
	s := open(t, t.TempDir(), d, o)
	for i := uint64(1); i <= count; i++ {
		plan := samplePlan(t, d)
		plan.Number = i
		require.NoError(t, s.Begin(t.Context(), plan))
	}
	return s
}

// alone are the commitments of sectors 1 to count, each sealed while no other is.
func alone(t *testing.T, d *deals, count uint64) []sectors.Commitments {
	t.Helper()
	s := begun(t, d, count, sealer.Options{})
	var all []sectors.Commitments
	for i := uint64(1); i <= count; i++ {
		c, err := s.Seal(t.Context(), i)
		require.NoError(t, err)
		all = append(all, c)
	}
	return all
}

// Sectors that are sealed at a time are what each is alone, also when others are interrupted meanwhile again and again.
func TestSectorsSealedAtATime(t *testing.T) {
	d := sampleDeals(t)
	want := alone(t, d, 5)
	undisturbed := func(t *testing.T, _ int64) context.Context { return t.Context() }
	interrupted := func(t *testing.T, looks int64) context.Context { return stopAfter(t, looks) }
	for name, c := range map[string]struct {
		count   uint64
		limit   func(*testing.T, int64) context.Context
		options sealer.Options
	}{
		"undisturbed":      {5, undisturbed, sealer.Options{}},
		"interrupted":      {5, interrupted, sealer.Options{}},
		"in little memory": {2, undisturbed, sealer.Options{MemoryBytes: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := begun(t, d, c.count, c.options)
			var wg sync.WaitGroup
			for i := uint64(1); i <= c.count; i++ {
				wg.Go(func() {
					for looks := int64(i); ; looks += 10 { // more each time: what was made is checked first
						c, err := s.Seal(c.limit(t, looks), i)
						if err == nil {
							if c != want[i-1] {
								t.Errorf("sector %d differs", i)
							}
							return
						}
						if !errors.Is(err, context.Canceled) {
							t.Errorf("sector %d: %v", i, err)
							return
						}
					}
				})
			}
			wg.Wait()
			requireNoneRunning(t)
		})
	}
}

// Two sectors share a thread only while both are labelled: one goes on when the other is stopped, and both stand still while the gate is
// held.
func TestOnePartnerStops(t *testing.T) {
	d := sampleDeals(t)
	want := alone(t, d, 2)
	s := begun(t, d, 2, sealer.Options{})
	release := s.Hold()
	ctx, cancel := context.WithCancel(t.Context())
	stopped, sealed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := s.Seal(ctx, 1)
		stopped <- err
	}()
	go func() {
		c, err := s.Seal(t.Context(), 2)
		if err == nil && c != want[1] {
			t.Error("sector 2 differs")
		}
		sealed <- err
	}()
	cancel()
	require.ErrorIs(t, <-stopped, context.Canceled, "held work can be stopped")
	select {
	case <-sealed:
		t.Fatal("it was sealed while it was held")
	default:
	}
	release()
	require.NoError(t, <-sealed)
	c, err := s.Seal(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, want[0], c)
	requireNoneRunning(t)
}
