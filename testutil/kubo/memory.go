package kubo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// memoryBytes is how much is put to see how much memory that takes.
const memoryBytes = 4 << 30

// memory measures the largest size of a daemon while it stores a long stream, once: it takes long, and a peak needs no median.
func (c *comparison) memory(ctx context.Context) error {
	var peaks [2]float64
	for i, t := range []tool{c.ours, c.kubo} {
		n, err := c.fresh(ctx, t)
		if err != nil {
			return err
		}
		err = t.putStream(ctx, n.home, io.LimitReader(rand.NewChaCha8(randomSeed), memoryBytes))
		if err == nil {
			peaks[i], err = peakMiB(n.daemon.Process.Pid)
		}
		if err := errors.Join(err, n.discard()); err != nil {
			return err
		}
	}
	c.add("put 4 GiB, peak memory", "MiB", "<= 256 MiB", peaks[0], peaks[1])
	return nil
}

// peakMiB is the most memory that a process has had.
func peakMiB(pid int) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("failed to learn the memory of a daemon: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
			if err != nil {
				return 0, fmt.Errorf("failed to learn the memory of a daemon: %w", err)
			}
			return kib / 1024, nil
		}
	}
	return 0, errors.New("failed to learn the memory of a daemon: its status does not tell")
}
