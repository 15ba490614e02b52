package hugepages

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// pageBytes is the size of a huge page on most machines, and a multiple of it on the rest that Go runs on.
const pageBytes = 2 << 20

// Advise has the next sizeBytes that the heap grows by lie in huge pages where the system gives them to who asks (madvise or
// always in /sys/kernel/mm/transparent_hugepage/enabled). It takes address space, not memory: the heap gets a range of that
// length, which is marked and let go untouched. The mark stays when the heap gives memory back. It is for the start of a
// process, since it collects garbage.
func Advise(sizeBytes uint64) error {
	if sizeBytes < 2*pageBytes {
		return nil
	}
	slab := make([]byte, sizeBytes)
	begin := uintptr(unsafe.Pointer(unsafe.SliceData(slab)))
	head := -begin & (pageBytes - 1)
	length := (uintptr(len(slab)) - head) &^ (pageBytes - 1)
	err := unix.Madvise(slab[head:head+length], unix.MADV_HUGEPAGE)
	runtime.KeepAlive(slab)
	slab = nil
	runtime.GC()
	if err != nil {
		return fmt.Errorf("failed to ask for huge pages: %w", err)
	}
	return nil
}
