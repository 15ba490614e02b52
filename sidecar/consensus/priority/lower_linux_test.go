package priority

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A goroutine that lowered its priority is alone with that: its thread ends with it, and no other goroutine gets it.
func TestLowerEndsWithTheGoroutine(t *testing.T) {
	policy := func() uint32 {
		attr, err := unix.SchedGetAttr(0, 0)
		require.NoError(t, err)
		return attr.Policy
	}
	lowered := make(chan uint32)
	go func() {
		Lower()
		runtime.Gosched()
		attr, _ := unix.SchedGetAttr(0, 0)
		lowered <- attr.Policy
	}()
	require.EqualValues(t, unix.SCHED_IDLE, <-lowered)
	for range 100 {
		done := make(chan uint32)
		go func() {
			attr, _ := unix.SchedGetAttr(0, 0)
			done <- attr.Policy
		}()
		require.EqualValues(t, unix.SCHED_NORMAL, <-done)
	}
	require.EqualValues(t, unix.SCHED_NORMAL, policy())
}
