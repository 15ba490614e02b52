//go:build !linux

package sealer

import "os"

// reserve makes a file at least sizeBytes long and takes the space for it.
func reserve(file *os.File, sizeBytes int64) error { return fill(file, sizeBytes) }

// punch does nothing: the space of a part of a file cannot be given back here, only that of the whole.
func punch(*os.File, int64, int64) error { return nil }

// lowPriority does nothing: threads have no priority of their own here.
func lowPriority() {}

// residentFiles is how much of mapped files the process keeps in memory, which is not known here.
func residentFiles() (kept uint64, known bool) { return 0, false }

// diskBytes is the length of a file.
func diskBytes(info os.FileInfo) uint64 { return uint64(info.Size()) }
