package follow_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

const patience = 60 * time.Second

// world is what follows outlive: the content and their states.
type world struct {
	t        testing.TB
	engine   *data.Engine
	content  follow.Content // the engine, unless a test puts something before it
	dir      string
	logged   *logbook
	registry *prometheus.Registry
}

func newWorld(t testing.TB) *world {
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	engine := data.New(s, data.Options{})
	return &world{t: t, engine: engine, content: engine, dir: t.TempDir(), logged: &logbook{}}
}

// follow runs follows; stop ends them.
func (w *world) follow(follows ...follow.Config) (f *follow.Follower, stop func()) {
	w.t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	w.registry = prometheus.NewRegistry()
	f, err := follow.New(follows, follow.Deps{
		Content:  w.content,
		Creator:  manifest.Creator{Kind: manifest.Ed25519, Key: key.Public().(ed25519.PublicKey)},
		Sign:     func(_ context.Context, m []byte) ([]byte, error) { return ed25519.Sign(key, m), nil },
		Dir:      w.dir,
		Registry: w.registry,
		Logger:   slog.New(slog.NewTextHandler(w.logged, nil)),
	})
	require.NoError(w.t, err)
	ctx, cancel := context.WithCancel(w.t.Context())
	var running sync.WaitGroup
	running.Go(func() { f.Run(ctx) })
	stop = sync.OnceFunc(func() {
		cancel()
		running.Wait()
	})
	w.t.Cleanup(stop)
	return f, stop
}

// until waits for a follower to be so.
func (w *world) until(f *follow.Follower, what string, is func(follow.Status) bool) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return is(f.List()[0]) }, patience, time.Millisecond, what)
}

// at waits for a position.
func (w *world) at(f *follow.Follower, position uint64) {
	w.t.Helper()
	w.until(f, "the position is reached", func(s follow.Status) bool { return s.Position == position })
}

// stored is a batch that is stored.
type stored struct {
	data.Pin
	from, to string
	lines    []string
}

// batches returns the batches of a follow in order.
func (w *world) batches(name string) []stored {
	w.t.Helper()
	var found []stored
	require.NoError(w.t, w.engine.List(w.t.Context(), func(p data.Pin) error {
		if slices.Contains(p.Header.Tags, "follow="+name) {
			found = append(found, stored{Pin: p, from: tag(p, "from"), to: tag(p, "to")})
		}
		return nil
	}))
	for i := range found {
		var c content
		require.NoError(w.t, w.engine.Get(w.t.Context(), found[i].Root, data.GetOptions{}, &c))
		text, ended := strings.CutSuffix(c.String(), "\n")
		require.True(w.t, ended)
		found[i].lines = strings.Split(text, "\n")
	}
	slices.SortFunc(found, func(a, b stored) int { return cmp.Compare(a.from, b.from) })
	return found
}

// lines returns all changes of a follow in the order of the batches, each with sorted keys.
func (w *world) lines(name string) []map[string]any {
	w.t.Helper()
	var all []map[string]any
	for _, b := range w.batches(name) {
		for _, line := range b.lines {
			var object map[string]any
			require.NoError(w.t, json.Unmarshal([]byte(line), &object))
			var keys []string
			decoder := json.NewDecoder(strings.NewReader(line))
			for depth := 0; ; {
				token, err := decoder.Token()
				if err != nil {
					break
				}
				if d, ok := token.(json.Delim); ok && (d == '{' || d == '[') {
					depth++
				} else if ok {
					depth--
				} else if key, ok := token.(string); ok && depth == 1 {
					if _, isKey := object[key]; isKey {
						keys = append(keys, key)
					}
				}
			}
			require.True(w.t, slices.IsSorted(keys), "%v", keys)
			all = append(all, object)
		}
	}
	return all
}

func tag(p data.Pin, key string) string {
	for _, t := range p.Header.Tags {
		if value, ok := strings.CutPrefix(t, key+"="); ok {
			return value
		}
	}
	return ""
}

// content is a Sink that keeps the bytes of a file.
type content struct{ bytes.Buffer }

func (c *content) Entry(data.Entry) error { return nil }

func (c *content) Data(p []byte) error {
	_, err := c.Write(p)
	return err
}

// logbook keeps what is logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

// Write implements io.Writer.
func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logbook) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// gathered returns a metric of a follow.
func (w *world) gathered(name string) float64 {
	w.t.Helper()
	families, err := w.registry.Gather()
	require.NoError(w.t, err)
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	w.t.Fatalf("there is no metric %s", name)
	return 0
}
