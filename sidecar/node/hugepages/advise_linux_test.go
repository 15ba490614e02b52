package hugepages

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/raced"
)

// advisedBytes is how much of the process's address space is marked for huge pages.
func advisedBytes(t *testing.T) (total uint64) {
	t.Helper()
	f, err := os.Open("/proc/self/smaps")
	require.NoError(t, err)
	defer f.Close()
	var sizeKiB uint64
	for lines := bufio.NewScanner(f); lines.Scan(); {
		_, _ = fmt.Sscanf(lines.Text(), "Size: %d kB", &sizeKiB)
		if flags, ok := strings.CutPrefix(lines.Text(), "VmFlags:"); ok && strings.Contains(flags+" ", " hg ") {
			total += sizeKiB << 10
		}
	}
	return total
}

func residentBytes(t *testing.T) (pages uint64) {
	t.Helper()
	raw, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	var all uint64
	_, err = fmt.Sscan(string(raw), &all, &pages)
	require.NoError(t, err)
	return pages * uint64(os.Getpagesize())
}

func TestTheHeapIsMarkedAndNotTouched(t *testing.T) {
	const size = 96 << 20
	before, resident := advisedBytes(t), residentBytes(t)
	if err := Advise(size); err != nil {
		t.Skipf("the kernel is built without huge pages: %v", err)
	}
	require.GreaterOrEqual(t, advisedBytes(t)-before, uint64(size-2*pageBytes))
	if !raced.On { // whose own memory grows with the heap
		require.Less(t, residentBytes(t), resident+size/2, "it was touched")
	}
}

func TestLittleIsLeftAlone(t *testing.T) {
	before := advisedBytes(t)
	require.NoError(t, Advise(pageBytes))
	require.Equal(t, before, advisedBytes(t))
}
