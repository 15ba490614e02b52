package kubo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

const (
	// smallFileBytes is the length of the file that is read again and again.
	smallFileBytes = 256
	// smallReads is how often, and warmReads how often before that without looking at the clock.
	smallReads, warmReads = 10_000, 200
	// quantile is the share of the reads that take no longer than what is told.
	quantile = 0.99
	// sharedFileBytes is the length of the file that is put on one node and read on another.
	sharedFileBytes = 1 << 20
)

// firstByte measures the time from the start of a put on one node to the first byte of it on another, which is connected already.
func (c *comparison) firstByte(ctx context.Context) error {
	var times [2][]float64
	for i, t := range []tool{c.ours, c.kubo} {
		a, err := c.fresh(ctx, t)
		if err != nil {
			return err
		}
		b, err := c.fresh(ctx, t)
		if err != nil {
			return errors.Join(err, a.discard())
		}
		times[i], err = c.putToFirstByte(ctx, t, a, b)
		if err := errors.Join(err, a.discard(), b.discard()); err != nil {
			return err
		}
	}
	c.add("put to first byte", "ms", "<= 100 ms", median(times[0]), median(times[1]))
	return nil
}

func (c *comparison) putToFirstByte(ctx context.Context, t tool, a, b *Node) (milliseconds []float64, err error) {
	addresses, err := t.addresses(ctx, a.home)
	if err != nil {
		return nil, err
	}
	if err := t.connect(ctx, b.home, addresses[0]); err != nil {
		return nil, err
	}
	random := rand.NewChaCha8(randomSeed)
	path := filepath.Join(c.Dir, "shared")
	for range c.Runs {
		data := make([]byte, sharedFileBytes)
		_, _ = random.Read(data)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return nil, fmt.Errorf("failed to make a file: %w", err)
		}
		began := time.Now()
		root, err := t.put(ctx, a.home, path, false)
		if err != nil {
			return nil, err
		}
		cmd := t.get(ctx, b.home, root)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			return nil, fmt.Errorf("failed to run %s: %w", cmd.Path, err)
		}
		_, err = out.Read(make([]byte, 1))
		took := time.Since(began)
		_, rest := io.Copy(io.Discard, out)
		if err := errors.Join(err, rest, cmd.Wait()); err != nil {
			return nil, fmt.Errorf("failed to read %s on the other node: %w", root, err)
		}
		milliseconds = append(milliseconds, float64(took.Microseconds())/1000)
	}
	return milliseconds, nil
}

// smallGets measures how long reads of a small file take through the daemon's API over one connection, the slowest hundredth left out.
func (c *comparison) smallGets(ctx context.Context) error {
	path := filepath.Join(c.Dir, "small")
	if err := os.WriteFile(path, make([]byte, smallFileBytes), 0o600); err != nil {
		return fmt.Errorf("failed to make a file: %w", err)
	}
	var p99 [2]float64
	for i, t := range []tool{c.ours, c.kubo} {
		n, err := c.fresh(ctx, t)
		if err != nil {
			return err
		}
		root, err := t.put(ctx, n.home, path, false)
		if err == nil {
			p99[i], err = c.readAgain(ctx, t, n, root)
		}
		if err := errors.Join(err, n.discard()); err != nil {
			return err
		}
	}
	c.add("get 256 B, API, p99", "ms", "<= 1 ms", p99[0], p99[1])
	return nil
}

func (c *comparison) readAgain(ctx context.Context, t tool, n *Node, root string) (milliseconds float64, err error) {
	reader, err := t.dial(ctx, n.home)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	times := make([]time.Duration, 0, smallReads)
	for i := range warmReads + smallReads {
		began := time.Now()
		length, err := reader.read(ctx, root)
		took := time.Since(began)
		if err != nil {
			return 0, err
		}
		if length != smallFileBytes {
			return 0, fmt.Errorf("%s is read as %d bytes, want %d", root, length, smallFileBytes)
		}
		if i >= warmReads {
			times = append(times, took)
		}
	}
	slices.Sort(times)
	return float64(times[int(quantile*float64(len(times)))].Nanoseconds()) / 1e6, nil
}

// reader is a connection to a daemon's API.
type reader interface {
	// read reads a file and returns its length.
	read(ctx context.Context, root string) (int64, error)
	io.Closer
}

// ipdmReader uses the gRPC API.
type ipdmReader struct{ *client.Client }

func (r ipdmReader) read(ctx context.Context, root string) (int64, error) {
	var length counter
	_, err := r.GetTo(ctx, &sidecarv1.GetRequest{Root: root}, &length, client.Progress{})
	return int64(length), err
}

// ipfsReader uses Kubo's RPC over HTTP.
type ipfsReader struct {
	client http.Client
	url    string // of cat, up to the root
}

func (r *ipfsReader) read(ctx context.Context, root string) (length int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+root, nil)
	if err != nil {
		return 0, err
	}
	response, err := r.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("unexpected answer of Kubo: %s", response.Status)
	}
	return io.Copy(io.Discard, response.Body)
}

// Close implements io.Closer.
func (r *ipfsReader) Close() error {
	r.client.CloseIdleConnections()
	return nil
}
