package sealer

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// reserve makes a file at least sizeBytes long and takes the space for it now, so that a full disk is an error here and not a fault later.
func reserve(file *os.File, sizeBytes int64) error {
	err := unix.Fallocate(int(file.Fd()), 0, 0, sizeBytes)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return fill(file, sizeBytes)
	}
	return err
}

// punch gives the space of a part of a file back; it reads as zeros then.
func punch(file *os.File, offset, sizeBytes int64) error {
	err := unix.Fallocate(int(file.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, offset, sizeBytes)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil // the space is kept until the sector goes
	}
	return err
}

// residentFiles is how much of mapped files the process keeps in memory, in bytes, its program included, if that is known.
func residentFiles() (kept uint64, known bool) {
	raw, err := os.ReadFile("/proc/self/statm") // pages: size, resident, shared, ...
	if err != nil {
		return 0, false
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 3 {
		return 0, false
	}
	pages, err := strconv.ParseUint(fields[2], 10, 64)
	return pages * uint64(os.Getpagesize()), err == nil
}

// availableMemory is how many bytes of memory the system could give without pushing out what it needs, if that is known.
func availableMemory() (available uint64, known bool) {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line) // name, KiB, unit
		if len(fields) == 3 && fields[0] == "MemAvailable:" {
			kib, err := strconv.ParseUint(fields[1], 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}

// hugePages asks for huge pages for memory that is read all over: each look at a small page costs a walk through the page tables.
func hugePages(data []byte) {
	_ = unix.Madvise(data, unix.MADV_HUGEPAGE) // a system without them is slower
}

// direct makes what is read from a file and written to it pass by the memory that the system keeps of files, or no more. Files that are
// written once and are larger than that memory gain nothing by it, and it costs a copy.
func direct(file *os.File, on bool) error {
	flags, err := unix.FcntlInt(file.Fd(), unix.F_GETFL, 0)
	if err != nil {
		return err
	}
	if flags &^= unix.O_DIRECT; on {
		flags |= unix.O_DIRECT
	}
	_, err = unix.FcntlInt(file.Fd(), unix.F_SETFL, flags)
	return err
}

// diskBytes is the space that a file takes up.
func diskBytes(info os.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Blocks) * 512
	}
	return uint64(info.Size())
}
