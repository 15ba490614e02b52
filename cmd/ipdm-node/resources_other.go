//go:build !unix

package main

import "time"

var started = time.Now()

// resources returns the time since the start: processor time and memory are not known here.
func resources() (cpu time.Duration, peakMemory uint64) { return time.Since(started), 0 }
