//go:build !linux

package sealer

import "os"

// reserve makes a file at least sizeBytes long and takes the space for it.
func reserve(file *os.File, sizeBytes int64) error { return fill(file, sizeBytes) }

// punch does nothing: the space of a part of a file cannot be given back here, only that of the whole.
func punch(*os.File, int64, int64) error { return nil }

// residentFiles is how much of mapped files the process keeps in memory, which is not known here.
func residentFiles() (kept uint64, known bool) { return 0, false }

// availableMemory is how many bytes of memory the system could give, which is not known here.
func availableMemory() (available uint64, known bool) { return 0, false }

// hugePages does nothing: only Linux is asked for them.
func hugePages([]byte) {}

// direct does nothing: what is read and written passes through the memory that the system keeps of files.
func direct(*os.File, bool) error { return nil }

// diskBytes is the length of a file.
func diskBytes(info os.FileInfo) uint64 { return uint64(info.Size()) }
