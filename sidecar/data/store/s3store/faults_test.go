package s3store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

func mustOpen(t *testing.T, d *s3Disk) *Store {
	t.Helper()
	s, err := d.open()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func apply(s *Store, mode store.Durability, meta string, encodings ...store.Checked) error {
	var b store.Batch
	for _, e := range encodings {
		b.PutEncoding(e)
	}
	if meta != "" {
		if err := b.SetMeta([]byte(meta), []byte(meta)); err != nil {
			return err
		}
	}
	return s.Apply(context.Background(), &b, mode)
}

func requireBlocks(t *testing.T, s *Store, blocks []format.Block) {
	t.Helper()
	for _, want := range blocks {
		got, err := s.Open(t.Context(), want.Digest)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want.Data, got.Data))
	}
}

// once calls fault for the first request of each kind and key, so that each one's second attempt succeeds.
func once(fault func(w http.ResponseWriter, r *http.Request) bool) func(http.ResponseWriter, *http.Request) bool {
	var mu sync.Mutex
	seen := map[string]bool{}
	return func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		id := r.Method + r.URL.String() + r.Header.Get("Range")
		again := seen[id]
		seen[id] = true
		mu.Unlock()
		return !again && fault(w, r)
	}
}

// forward sends a request to the real server and returns its answer.
func (f *front) forward(r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	f.proxy.ServeHTTP(answer, r)
	return answer
}

// TestPassingFaults: whatever happens to the first attempt of a request, the store works and loses nothing.
func TestPassingFaults(t *testing.T) {
	status := func(code int) func(*front, http.ResponseWriter, *http.Request) bool {
		return func(_ *front, w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(code)
			return true
		}
	}
	for name, fault := range map[string]func(f *front, w http.ResponseWriter, r *http.Request) bool{
		"status 500": status(http.StatusInternalServerError),
		"status 503": status(http.StatusServiceUnavailable),
		"status 429": status(http.StatusTooManyRequests),
		"reset":      func(*front, http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"answer lost": func(f *front, _ http.ResponseWriter, r *http.Request) bool {
			f.forward(r)
			panic(http.ErrAbortHandler)
		},
		"body cut short": func(f *front, w http.ResponseWriter, r *http.Request) bool {
			answer := f.forward(r)
			for key, values := range answer.Header() {
				w.Header()[key] = values
			}
			w.Header().Set("Content-Length", fmt.Sprint(answer.Body.Len()))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes()[:answer.Body.Len()/2])
			panic(http.ErrAbortHandler)
		},
		"no answer in time": func(_ *front, _ http.ResponseWriter, r *http.Request) bool {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done() // until the client gives up
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t, Options{SegmentBytes: 200_000, RequestTimeout: 400 * time.Millisecond, CheckpointEntries: 2})
			d.front.setRule(once(func(w http.ResponseWriter, r *http.Request) bool { return fault(d.front, w, r) }))
			s := mustOpen(t, d)
			var kept []format.Block
			for i := range 4 {
				a, blocks := storetest.Pack(t, uint64(2*i), 3, 50_000)
				b, _ := storetest.Pack(t, uint64(2*i+1), 3, 50_000)
				require.NoError(t, apply(s, store.Durable, fmt.Sprintf("batch/%d", i), a, b))
				var gone store.Batch
				gone.DeleteEncoding(b.Digest())
				require.NoError(t, s.Apply(t.Context(), &gone, store.Lazy))
				kept = append(kept, blocks...)
			}
			_, err := s.Reclaim(t.Context())
			require.NoError(t, err)
			requireBlocks(t, s, kept)
			require.NoError(t, s.Close())

			other := d.elsewhere()
			s = mustOpen(t, other)
			requireBlocks(t, s, kept)
			_, err = s.Meta(t.Context(), []byte("batch/3"))
			require.NoError(t, err)
			stats, err := s.Stats(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 4, stats.Encodings)
		})
	}
}

// TestOutcomeUnknown: when it is not known whether the journal has a change, it stays visible, and is durable with the
// next one, once.
func TestOutcomeUnknown(t *testing.T) {
	for name, arrives := range map[string]bool{"written": true, "not written": false} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(t, Options{Attempts: 1})
			s := mustOpen(t, d)
			a, aBlocks := storetest.Pack(t, 1, 3, 5000)
			b, bBlocks := storetest.Pack(t, 2, 3, 5000)
			d.front.setRule(func(_ http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, journalFolder) {
					return false
				}
				if arrives {
					d.front.forward(r)
				}
				panic(http.ErrAbortHandler)
			})
			err := apply(s, store.Durable, "a", a)
			require.ErrorIs(t, err, errKept)
			require.ErrorIs(t, err, errUnreachable)
			requireBlocks(t, s, aBlocks)
			d.front.setRule(nil)
			require.NoError(t, apply(s, store.Durable, "b", b))
			require.NoError(t, s.Close())

			s = mustOpen(t, d.elsewhere())
			requireBlocks(t, s, append(aBlocks, bBlocks...))
			stats, err := s.Stats(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 2, stats.Encodings)
		})
	}
}

// TestOutage: while the server is away durable changes fail and leave nothing, lazy ones are kept and become durable when
// it is back.
func TestOutage(t *testing.T) {
	d := newDisk(t, Options{Attempts: 2, SegmentBytes: 40_000})
	s := mustOpen(t, d)
	lazy, lazyBlocks := storetest.Pack(t, 1, 3, 5000)
	lost, lostBlocks := storetest.Pack(t, 2, 3, 5000)
	d.front.setRule(func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) })
	require.NoError(t, apply(s, store.Lazy, "lazy", lazy))
	require.ErrorIs(t, apply(s, store.Durable, "lost", lost), errUnreachable)
	requireBlocks(t, s, lazyBlocks)
	has, err := s.Has(t.Context(), lostBlocks[0].Digest)
	require.NoError(t, err)
	require.False(t, has)
	_, err = s.Meta(t.Context(), []byte("lost"))
	require.ErrorIs(t, err, store.ErrNotFound)

	// Without end nothing is buffered.
	err = nil
	for i := 0; err == nil && i < 100; i++ {
		more, _ := storetest.Pack(t, uint64(100+i), 1, 40_000)
		err = apply(s, store.Lazy, "", more)
	}
	require.ErrorIs(t, err, errUnreachable)
	s.mu.RLock()
	buffered := len(s.buffers)
	s.mu.RUnlock()
	require.LessOrEqual(t, buffered, maxFull+2)

	d.front.setRule(nil)
	require.NoError(t, s.Sync(t.Context()))
	require.NoError(t, s.Close())
	s = mustOpen(t, d.elsewhere())
	requireBlocks(t, s, lazyBlocks)
	has, err = s.Has(t.Context(), lostBlocks[0].Digest)
	require.NoError(t, err)
	require.False(t, has)
}

// TestTakenBack: what was read of a change before it failed is not taken for what is stored after it.
func TestTakenBack(t *testing.T) {
	d := newDisk(t, Options{})
	s := mustOpen(t, d)
	failing, failingBlocks := storetest.Pack(t, 1, 3, 5000)
	stored, storedBlocks := storetest.Pack(t, 2, 3, 5000)
	read := make(chan error, 1)
	d.front.setRule(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		_, err := s.Open(context.Background(), failingBlocks[0].Digest)
		select {
		case read <- err:
		default: // a later attempt
		}
		w.WriteHeader(http.StatusInsufficientStorage)
		return true
	})
	require.ErrorIs(t, apply(s, store.Durable, "", failing), store.ErrFull)
	require.NoError(t, <-read, "it was visible meanwhile")
	d.front.setRule(nil)
	require.NoError(t, apply(s, store.Durable, "", stored))
	requireBlocks(t, s, storedBlocks)
	_, err := s.Open(t.Context(), failingBlocks[0].Digest)
	require.ErrorIs(t, err, store.ErrNotFound)
}

// TestGivingUp: a caller that gives up does not wait for a server that does not answer.
func TestGivingUp(t *testing.T) {
	d := newDisk(t, Options{Attempts: 1})
	s := mustOpen(t, d)
	a, blocks := storetest.Pack(t, 1, 3, 5000)
	require.NoError(t, apply(s, store.Durable, "", a))
	asked := make(chan struct{}, 16)
	d.front.setRule(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
		return true
	})
	for name, call := range map[string]func(ctx context.Context) error{
		"open": func(ctx context.Context) error {
			_, err := s.Open(ctx, blocks[0].Digest)
			return err
		},
		"encoding": func(ctx context.Context) error {
			_, err := s.Encoding(ctx, a.Digest())
			return err
		},
		"apply": func(ctx context.Context) error {
			var b store.Batch
			require.NoError(t, b.SetMeta([]byte("k"), nil))
			return s.Apply(ctx, &b, store.Durable)
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- call(ctx) }()
		<-asked
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled, name)
	}
	d.front.setRule(nil)
}

// TestRefusals: what an operator may have got wrong is named when the store is opened, and the secret is not.
func TestRefusals(t *testing.T) {
	const secret = "a-secret-that-is-wrong"
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, d *s3Disk) Location
		want    error
	}{
		"wrong key": {func(t *testing.T, d *s3Disk) Location {
			t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
			return d.location()
		}, errDenied},
		"unknown key": {func(t *testing.T, d *s3Disk) Location {
			t.Setenv("AWS_ACCESS_KEY_ID", "nobody")
			return d.location()
		}, errDenied},
		"no keys": {func(t *testing.T, d *s3Disk) Location {
			t.Setenv("AWS_ACCESS_KEY_ID", "")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "")
			t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
			t.Setenv("HOME", t.TempDir())
			return d.location()
		}, errNoKeys},
		"missing file of keys": {func(_ *testing.T, d *s3Disk) Location {
			l := d.location()
			l.CredentialsFile = "/does/not/exist"
			return l
		}, errNoKeys},
		"missing bucket": {func(_ *testing.T, d *s3Disk) Location {
			l := d.location()
			l.Bucket = "there-is-no-such-bucket"
			return l
		}, errNoBucket},
		"clock": {func(_ *testing.T, d *s3Disk) Location {
			d.front.setRule(func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, "<Error><Code>RequestTimeTooSkewed</Code><Message>skewed</Message></Error>")
				return true
			})
			return d.location()
		}, errClock},
		"unreachable": {func(_ *testing.T, d *s3Disk) Location {
			l := d.location()
			l.Endpoint = "http://127.0.0.1:1"
			return l
		}, errUnreachable},
		"conditions ignored": {func(_ *testing.T, d *s3Disk) Location {
			d.front.setRule(func(w http.ResponseWriter, r *http.Request) bool {
				if r.Header.Get("If-Match") == "" {
					return false
				}
				w.Header().Set("ETag", `"0"`)
				return true
			})
			return d.location()
		}, errUnsupported},
		"not a bucket's name": {func(_ *testing.T, d *s3Disk) Location {
			l := d.location()
			l.Bucket = "No"
			return l
		}, store.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(t, Options{Attempts: 2})
			d.bucket()
			l := tc.prepare(t, d)
			_, err := Open(t.Context(), "home", l, d.options())
			require.ErrorIs(t, err, tc.want)
			require.NotContains(t, err.Error(), secret)
			d.front.setRule(nil)
		})
	}
}

// TestKeysFromFile: keys come from a named file and section.
func TestKeysFromFile(t *testing.T) {
	d := newDisk(t, Options{})
	keys, err := d.bucket().api.Options().Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	file := t.TempDir() + "/keys"
	writeFile(t, file, fmt.Sprintf("[ipdm]\naws_access_key_id = %s\naws_secret_access_key = %s\n", keys.AccessKeyID, keys.SecretAccessKey))
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	l := d.location()
	l.CredentialsFile, l.Profile = file, "ipdm"
	s, err := Open(t.Context(), "home", l, d.options())
	require.NoError(t, err)
	require.NoError(t, s.Close())
}
