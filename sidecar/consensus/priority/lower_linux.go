package priority

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// niceness is that of a thread that the system does not let be an idle one, as nice(1) counts it.
const niceness = 15

// Lower makes the calling goroutine one whose thread runs when no other wants the processor, and a little even then. The thread is its own
// and ends with it.
func Lower() {
	runtime.LockOSThread()
	idle := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_IDLE}
	if unix.SchedSetAttr(0, &idle, 0) == nil {
		return
	}
	// A priority that cannot be lowered is no reason not to work.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), niceness)
}
