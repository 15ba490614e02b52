package s3store

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/cockroachdb/pebble/v2"

	"github.com/ipdm-network/ipdm/sidecar/data/store"
)

var (
	errNoKeys = errors.New("no keys for the object store (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file of keys in [store.s3] credentials_file)")

	errNoBucket    = errors.New("the bucket does not exist (make it, or correct [store.s3] bucket and region)")
	errDenied      = errors.New("the object store refuses these keys (they need to read, write, list and delete below the prefix)")
	errClock       = errors.New("this machine's clock and the object store's differ too much (set the clock by NTP)")
	errUnreachable = fmt.Errorf("%w (is [store.s3] endpoint right, and the object store up?)", store.ErrUnavailable)
	errUnsupported = errors.New("the object store cannot do what is needed")

	errNoObject  = errors.New("no such object")
	errShort     = errors.New("object ends early")
	errCondition = errors.New("the object was changed by someone else")
	// errKept marks a failed change that is visible, and becomes durable with the next one.
	errKept = errors.New("not written yet, and kept")
	// errUncertain marks a failed write that may have taken effect all the same.
	errUncertain = errors.New("outcome unknown")
	// errServer marks an answer that says that the server failed, not the request.
	errServer = fmt.Errorf("%w as it should", store.ErrUnavailable)
)

// answers gives the codes of servers a meaning.
var answers = map[string]error{
	"NoSuchBucket":                   errNoBucket,
	"NoSuchKey":                      errNoObject,
	"NotFound":                       errNoObject,
	"InvalidRange":                   errShort,
	"PreconditionFailed":             errCondition,
	"RequestTimeTooSkewed":           errClock,
	"RequestExpired":                 errClock,
	"AccessDenied":                   errDenied,
	"AllAccessDisabled":              errDenied,
	"AccountProblem":                 errDenied,
	"ExpiredToken":                   errDenied,
	"XAdminUserNotFound":             errDenied,
	"InvalidAccessKeyId":             errDenied,
	"InvalidToken":                   errDenied,
	"SignatureDoesNotMatch":          errDenied,
	"NotImplemented":                 errUnsupported,
	"EntityTooLarge":                 errUnsupported,
	"PermanentRedirect":              errNoBucket,
	"AuthorizationHeaderMalformed":   errNoBucket,
	"IllegalLocationConstraint":      errNoBucket,
	"QuotaExceeded":                  store.ErrFull,
	"NoSpaceLeftOnDevice":            store.ErrFull,
	"InsufficientStorage":            store.ErrFull,
	"InsufficientCapacity":           store.ErrFull,
	"XMinioStorageFull":              store.ErrFull,
	"XMinioAdminBucketQuotaExceeded": store.ErrFull,
	"SlowDown":                       errServer,
	"RequestTimeout":                 errServer,
	"ConditionalRequestConflict":     errServer,
	"OperationAborted":               errServer,
	"BadDigest":                      errServer,
	"XAmzContentChecksumMismatch":    errServer,
	"IncompleteBody":                 errServer,
}

// explain gives an error of the client library a meaning that can be tested for, and says it in few words.
func explain(err error) error {
	if errors.Is(err, errMalformed) || errors.Is(err, errShort) || errors.Is(err, errUnsupported) || errors.Is(err, context.Canceled) {
		return err
	}
	var api smithy.APIError
	var response *awshttp.ResponseError
	code, words, named := 0, "", false
	if errors.As(err, &response) {
		code = response.HTTPStatusCode()
		words = fmt.Sprintf("status %d", code)
	}
	if errors.As(err, &api) {
		words = fmt.Sprintf("%s: %s", api.ErrorCode(), api.ErrorMessage())
		named = api.ErrorCode() != "" && api.ErrorCode() != "UnknownError"
		if meaning, ok := answers[api.ErrorCode()]; ok {
			return fmt.Errorf("%w: %s", meaning, words)
		}
	}
	meaning := meaningOf(code)
	if meaning == nil || errors.Is(meaning, errNoObject) && named {
		return fmt.Errorf("the object store refuses the request: %s", words)
	}
	if !errors.Is(meaning, errUnreachable) {
		return fmt.Errorf("%w: %s", meaning, words)
	}
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	// Not wrapped: the time limit of one attempt is not the caller's.
	return fmt.Errorf("%w: %s", meaning, err.Error())
}

// meaningOf gives a status a meaning, nil if it has none; without a readable answer there is no status, or a good one.
func meaningOf(status int) error {
	switch {
	case status < 300:
		return errUnreachable
	case status == http.StatusInsufficientStorage:
		return store.ErrFull
	case status == http.StatusNotFound:
		return errNoObject
	case status == http.StatusPreconditionFailed:
		return errCondition
	case status == http.StatusRequestedRangeNotSatisfiable:
		return errShort
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return errDenied
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status == http.StatusConflict:
		return errServer
	}
	return nil
}

// isTemporary tells whether another attempt may succeed. The client library corrects for a wrong clock after the first.
func isTemporary(err error) bool {
	return errors.Is(err, errUnreachable) || errors.Is(err, errServer) || errors.Is(err, errClock)
}

// isUncertain tells whether a write that failed so may have taken effect.
func isUncertain(err error) bool {
	return errors.Is(err, errUnreachable) || errors.Is(err, errServer) || errors.Is(err, context.Canceled)
}

// isDamage tells whether a read failed because of what is in the bucket.
func isDamage(err error) bool {
	return errors.Is(err, errNoObject) || errors.Is(err, errShort) || errors.Is(err, store.ErrCorrupt)
}

// indexError maps an error of the local index.
func indexError(doing string, err error) error {
	switch {
	case errors.Is(err, pebble.ErrNotFound):
		return fmt.Errorf("failed to %s: %w", doing, store.ErrNotFound)
	case pebble.IsCorruptionError(err) || errors.Is(err, errMalformed):
		return fmt.Errorf("failed to %s: %w: %w", doing, store.ErrCorrupt, err)
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("failed to %s: %w: %w", doing, store.ErrFull, err)
	}
	return fmt.Errorf("failed to %s: %w", doing, err)
}
