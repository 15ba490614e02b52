package s3store

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/testutil/storetest"
)

// serverVariable names the S3 server to test with; scripts/s3server sets it and the keys.
const serverVariable = "IPDM_S3_ENDPOINT"

const testBucket = "ipdm-test"

var prefixes atomic.Uint64

// front is a proxy before the real server that answers some requests itself.
type front struct {
	*httptest.Server
	proxy *httputil.ReverseProxy
	// behind is the real server's address.
	behind string
	// passing is held while the real server answers, and exclusively while its objects are copied.
	passing sync.RWMutex

	mu   sync.Mutex
	rule func(w http.ResponseWriter, r *http.Request) (handled bool) // guarded by mu
}

// setRule makes rule see every request first, or none when it is nil.
func (f *front) setRule(rule func(w http.ResponseWriter, r *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rule = rule
}

func newFront(t *testing.T) *front {
	t.Helper()
	server := os.Getenv(serverVariable)
	if server == "" {
		t.Skipf("%s names no S3 server: run scripts/s3server go test ./sidecar/data/store/s3store", serverVariable)
	}
	target, err := url.Parse(server)
	require.NoError(t, err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	f := &front{proxy: proxy, behind: server}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		rule := f.rule
		f.mu.Unlock()
		if rule != nil && rule(w, r) {
			return
		}
		f.passing.RLock()
		defer f.passing.RUnlock()
		proxy.ServeHTTP(w, r)
	}))
	f.Start()
	t.Cleanup(f.Close)
	return f
}

// s3Disk is a store's part of a bucket and its local folder.
type s3Disk struct {
	t      *testing.T
	front  *front
	prefix string
	folder *vfs.MemFS
	opts   Options
	around *bucket
}

func newDisk(t *testing.T, o Options) *s3Disk {
	t.Helper()
	o.RetryDelay = time.Millisecond
	d := &s3Disk{
		t: t, front: newFront(t), prefix: fmt.Sprintf("%d/%d", os.Getpid(), prefixes.Add(1)), folder: vfs.NewCrashableMem(), opts: o,
	}
	b := d.bucket()
	_, err := b.api.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(testBucket)})
	if err != nil {
		require.ErrorContains(t, err, "BucketAlready")
	}
	return d
}

func (d *s3Disk) location() Location { return d.at(d.front.URL) }

func (d *s3Disk) at(endpoint string) Location {
	return Location{Endpoint: endpoint, Bucket: testBucket, Prefix: d.prefix, PathStyle: true}
}

func (d *s3Disk) options() Options {
	o := d.opts
	o.FS = d.folder
	return o
}

// bucket goes around the store and the front.
func (d *s3Disk) bucket() *bucket {
	if d.around == nil {
		var err error
		d.around, err = openBucket(d.t.Context(), d.at(d.front.behind), d.options().withDefaults())
		require.NoError(d.t, err)
	}
	return d.around
}

func (d *s3Disk) open() (*Store, error) {
	return Open(context.Background(), "home", d.location(), d.options())
}

func (d *s3Disk) Open() (store.Store, error) {
	s, err := d.open()
	if err != nil {
		return nil, err
	}
	return s, nil
}

// keys lists every object of the store.
func (d *s3Disk) keys() []string {
	var keys []string
	require.NoError(d.t, d.bucket().list(d.t.Context(), "", func(key string, _ uint64) error {
		keys = append(keys, key)
		return nil
	}))
	return keys
}

// objects returns every object of the store as it is at one moment.
func (d *s3Disk) objects() map[string][]byte {
	d.front.passing.Lock()
	defer d.front.passing.Unlock()
	all := map[string][]byte{}
	for _, key := range d.keys() {
		data, _, err := d.bucket().get(d.t.Context(), key, maxEntryBytes)
		require.NoError(d.t, err)
		all[key] = data
	}
	return all
}

func (d *s3Disk) put(key string, data []byte) {
	_, err := d.bucket().put(d.t.Context(), key, data, condition{})
	require.NoError(d.t, err)
}

// elsewhere returns the same part of the bucket with an empty local folder, as another node has it.
func (d *s3Disk) elsewhere() *s3Disk {
	return &s3Disk{t: d.t, front: d.front, prefix: d.prefix, folder: vfs.NewCrashableMem(), opts: d.opts}
}

// Crash implements storetest.Disk. Every third time the local folder is lost as well, and the lease has run out.
func (d *s3Disk) Crash(seed uint64) storetest.Disk {
	after := &s3Disk{
		t: d.t, front: d.front, prefix: fmt.Sprintf("%d/%d", os.Getpid(), prefixes.Add(1)), opts: d.opts,
		folder: d.folder.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: int(seed * 30 % 101), RNG: rand.New(rand.NewPCG(seed, 1))}),
	}
	objects := d.objects()
	if seed%3 == 2 {
		after.folder = vfs.NewCrashableMem()
		delete(objects, lockKey)
	}
	for _, key := range slices.Sorted(maps.Keys(objects)) {
		after.put(key, objects[key])
	}
	return after
}

// Crashes implements storetest.Slow: each copies every object over HTTP, twice.
func (d *s3Disk) Crashes() int { return 6 }

// Damage implements storetest.Disk.
func (d *s3Disk) Damage(tb testing.TB, data []byte) {
	for key, object := range d.objects() {
		if at := bytes.Index(object, data); at >= 0 && strings.HasPrefix(key, segmentFolder) {
			object[at] ^= 1
			d.put(key, object)
			return
		}
	}
	require.Fail(tb, "the data is in no segment")
}

// SetFull implements storetest.Disk.
func (d *s3Disk) SetFull(full bool) {
	d.front.setRule(nil)
	if full {
		d.front.setRule(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut {
				return false
			}
			w.WriteHeader(http.StatusInsufficientStorage)
			return true
		})
	}
}
