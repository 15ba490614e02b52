//go:build unix

package main

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// resources returns the processor time that this process took so far, and the most memory that it had at a time in bytes.
func resources() (cpu time.Duration, peakMemory uint64) {
	var r unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &r) != nil {
		return 0, 0
	}
	unit := uint64(1024)
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), uint64(r.Maxrss) * unit
}
