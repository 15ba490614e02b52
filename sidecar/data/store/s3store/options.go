package s3store

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Defaults of Options.
const (
	DefaultRegion            = "us-east-1"
	DefaultIndexCacheBytes   = 32 << 20
	DefaultDecodedCacheBytes = 32 << 20
	DefaultSegmentBytes      = 8 << 20
	DefaultCheckpointEntries = 2048
	DefaultLease             = 30 * time.Second
	DefaultMaxRequests       = 16
	DefaultAttempts          = 6
	DefaultRetryDelay        = 200 * time.Millisecond
	DefaultRequestTimeout    = 30 * time.Second
)

// maxSegmentBytes keeps offsets within 32 bits, and a segment within one request.
const maxSegmentBytes = 64 << 20

// Location says where a store lies and who asks for it.
type Location struct {
	// Endpoint is the server's URL, such as https://s3.example.org; empty for that of AWS in the region.
	Endpoint string
	// Bucket must exist.
	Bucket string
	// Prefix begins the key of every object; empty or without a slash at either end. One store has it to itself.
	Prefix string
	// Region is what requests are signed for, DefaultRegion if empty.
	Region string
	// PathStyle puts the bucket into the path of URLs, as most servers but AWS want it, not into the host name.
	PathStyle bool
	// CredentialsFile holds the keys, in the format of ~/.aws/credentials. When empty they come from the environment
	// (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY ...), that file, or the machine's role, in this order.
	CredentialsFile string
	// Profile is the section of the file, "default" if empty.
	Profile string
}

// Options tune a store. The zero value of a field takes its default.
type Options struct {
	// IndexCacheBytes is the memory for blocks of the local index.
	IndexCacheBytes int64
	// DecodedCacheBytes is the memory for decoded packs, so that reading many blocks of one pack fetches it once.
	DecodedCacheBytes int64
	// SegmentBytes is the length at which a segment is uploaded, at most 64 MiB.
	SegmentBytes int
	// CheckpointEntries is the number of journal entries at which a checkpoint is made whatever their length.
	CheckpointEntries int
	// Lease is how long the store stays locked for others after its last sign of life.
	Lease time.Duration
	// MaxRequests bounds the requests under way at a time.
	MaxRequests int
	// Attempts is how often a request is made before its error is reported.
	Attempts int
	// RetryDelay is about the time before the second attempt; it doubles with each.
	RetryDelay time.Duration
	// RequestTimeout bounds one attempt, beside the time that its bytes take at 256 KiB a second.
	RequestTimeout time.Duration
	// FS is the file system of the local folder, the operating system's if nil.
	FS vfs.FS
	// Logger takes messages; they are dropped if nil.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.IndexCacheBytes == 0 {
		o.IndexCacheBytes = DefaultIndexCacheBytes
	}
	if o.DecodedCacheBytes == 0 {
		o.DecodedCacheBytes = DefaultDecodedCacheBytes
	}
	if o.SegmentBytes == 0 {
		o.SegmentBytes = DefaultSegmentBytes
	}
	o.Lease = min(o.Lease, maxLease)
	o.SegmentBytes = min(o.SegmentBytes, maxSegmentBytes)
	if o.CheckpointEntries == 0 {
		o.CheckpointEntries = DefaultCheckpointEntries
	}
	if o.Lease == 0 {
		o.Lease = DefaultLease
	}
	if o.MaxRequests == 0 {
		o.MaxRequests = DefaultMaxRequests
	}
	if o.Attempts == 0 {
		o.Attempts = DefaultAttempts
	}
	if o.RetryDelay == 0 {
		o.RetryDelay = DefaultRetryDelay
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// Validate reports what in a location cannot work.
func (l Location) Validate() error {
	var errs []error
	if !bucketName.MatchString(l.Bucket) {
		errs = append(errs, fmt.Errorf("bucket %q must be 3 to 63 lower-case letters, digits, dots and hyphens", l.Bucket))
	}
	for part := range strings.SplitSeq(l.Prefix, "/") {
		if l.Prefix != "" && (part == "" || part == "." || part == "..") || len(l.Prefix) > 512 {
			errs = append(errs, fmt.Errorf("prefix %q must be names with single slashes between them, 512 bytes at most", l.Prefix))
			break
		}
	}
	if l.Endpoint != "" {
		errs = append(errs, checkEndpoint(l.Endpoint))
	}
	return errors.Join(errs...)
}

func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("endpoint %q must be a URL such as https://s3.example.org", endpoint)
	case u.User != nil:
		return errors.New("endpoint must not contain keys: put them into a credentials file")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return fmt.Errorf("endpoint %q must end after the host and port", endpoint)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return fmt.Errorf("endpoint %q must begin with https: http is for servers on this machine only", endpoint)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// String returns the location as a URL.
func (l Location) String() string {
	if l.Prefix == "" {
		return "s3://" + l.Bucket
	}
	return "s3://" + l.Bucket + "/" + l.Prefix
}

// ParseURL reads s3://bucket/prefix.
func ParseURL(text string) (bucket, prefix string, err error) {
	rest, ok := strings.CutPrefix(text, "s3://")
	if !ok || rest == "" {
		return "", "", fmt.Errorf("%q is no store: want s3://BUCKET or s3://BUCKET/PREFIX", text)
	}
	bucket, prefix, _ = strings.Cut(rest, "/")
	return bucket, strings.TrimSuffix(prefix, "/"), nil
}
