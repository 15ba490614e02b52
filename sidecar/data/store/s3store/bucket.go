package s3store

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	// slowestBytes is how many bytes a second a request is given for its body.
	slowestBytes = 256 << 10
	// maxRetryDelay bounds the time between two attempts.
	maxRetryDelay = 10 * time.Second
	// listPage is how many keys are asked for at a time.
	listPage = 1000
)

// bucket makes the requests of a store. Every method tries again what may pass, and bounds how many requests run.
type bucket struct {
	api    *s3.Client
	where  Location
	prefix string // of every key, empty or ending in a slash
	opts   Options
	slots  chan struct{}
}

// objectInfo is what comes with an object.
type objectInfo struct {
	etag string
	age  time.Duration // since it was written, by the server's clock
}

// openBucket reads the settings and keys; it makes no request to the server. It fails with errNoKeys.
func openBucket(ctx context.Context, l Location, o Options) (*bucket, error) {
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.DialContext = (&net.Dialer{Timeout: o.RequestTimeout, KeepAlive: 30 * time.Second}).DialContext
		t.ResponseHeaderTimeout = o.RequestTimeout
		t.MaxIdleConnsPerHost = o.MaxRequests
		t.DisableCompression = true
	})
	region := l.Region
	if region == "" {
		region = DefaultRegion
	}
	load := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client),
		config.WithRegion(region),
		config.WithRetryer(func() aws.Retryer { return aws.NopRetryer{} }),
	}
	if l.CredentialsFile != "" {
		load = append(load, config.WithSharedCredentialsFiles([]string{l.CredentialsFile}), config.WithSharedConfigFiles([]string{l.CredentialsFile}))
	}
	if l.Profile != "" || l.CredentialsFile != "" {
		profile := l.Profile
		if profile == "" {
			profile = config.DefaultSharedConfigProfile
		}
		load = append(load, config.WithSharedConfigProfile(profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	var noProfile config.SharedConfigProfileNotExistError
	if errors.As(err, &noProfile) {
		return nil, fmt.Errorf("failed to open %s: %w: the file has no section %q, or does not exist", l, errNoKeys, noProfile.Profile)
	}
	if err != nil {
		return nil, fmt.Errorf("failed to read the settings of the object store: %w", err)
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("failed to open %s: %w: %w", l, errNoKeys, err)
	}
	b := &bucket{where: l, opts: o, slots: make(chan struct{}, o.MaxRequests)}
	if l.Prefix != "" {
		b.prefix = l.Prefix + "/"
	}
	b.api = s3.NewFromConfig(cfg, func(so *s3.Options) {
		so.UsePathStyle = l.PathStyle
		so.DisableLogOutputChecksumValidationSkipped = true
		so.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		if l.Endpoint != "" {
			so.BaseEndpoint = aws.String(l.Endpoint)
		}
	})
	return b, nil
}

func (b *bucket) key(key string) *string { return aws.String(b.prefix + key) }

// try makes a request until it succeeds, cannot succeed, or has been made often enough. sizeBytes is the length of the
// longer body. With an error it tells whether an attempt may have taken effect all the same.
func (b *bucket) try(ctx context.Context, doing string, sizeBytes int, call func(context.Context) error) (uncertain bool, err error) {
	timeout := b.opts.RequestTimeout + time.Duration(sizeBytes)*time.Second/slowestBytes
	delay := b.opts.RetryDelay
	for attempt := 1; ; attempt++ {
		err := b.once(ctx, timeout, call)
		if err == nil {
			return false, nil
		}
		err = explain(err)
		uncertain = uncertain || isUncertain(err)
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if ctx.Err() != nil || attempt >= b.opts.Attempts || !isTemporary(err) {
			return uncertain, fmt.Errorf("failed to %s in %s: %w", doing, b.where, err)
		}
		b.opts.Logger.Debug("trying again", "doing", doing, "attempt", attempt, "error", err)
		// Half of the delay is random, so that many that failed together do not come back together.
		pause := time.NewTimer(delay/2 + rand.N(delay/2+1))
		delay = min(2*delay, maxRetryDelay)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
		}
	}
}

func (b *bucket) once(ctx context.Context, timeout time.Duration, call func(context.Context) error) error {
	select {
	case b.slots <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-b.slots }()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return call(ctx)
}

// Conditions of a write.
type condition struct {
	absent bool   // the object must not exist
	etag   string // the object must be this one
}

// put writes an object. It fails with errCondition when the condition does not hold, and with
// store.ErrFull. The error wraps errUncertain when the object may have been written all the same.
func (b *bucket) put(ctx context.Context, key string, data []byte, cond condition) (etag string, err error) {
	sum := binary.BigEndian.AppendUint32(nil, crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
	in := &s3.PutObjectInput{
		Bucket:         aws.String(b.where.Bucket),
		Key:            b.key(key),
		ContentLength:  aws.Int64(int64(len(data))),
		ContentType:    aws.String("application/octet-stream"),
		ChecksumCRC32C: aws.String(base64.StdEncoding.EncodeToString(sum)),
	}
	if cond.absent {
		in.IfNoneMatch = aws.String("*")
	}
	if cond.etag != "" {
		in.IfMatch = aws.String(cond.etag)
	}
	uncertain, err := b.try(ctx, "write "+key, len(data), func(ctx context.Context) error {
		in.Body = bytes.NewReader(data)
		out, err := b.api.PutObject(ctx, in)
		if err == nil {
			etag = aws.ToString(out.ETag)
		}
		return err
	})
	if uncertain {
		err = fmt.Errorf("%w: %w", errUncertain, err)
	}
	return etag, err
}

// get reads an object of at most limitBytes. It fails with errNoObject, or errMalformed when the object is longer.
func (b *bucket) get(ctx context.Context, key string, limitBytes int) (data []byte, info objectInfo, err error) {
	_, err = b.try(ctx, "read "+key, limitBytes, func(ctx context.Context) error {
		out, err := b.api.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(b.where.Bucket), Key: b.key(key)})
		if err != nil {
			return err
		}
		length := aws.ToInt64(out.ContentLength)
		if length > int64(limitBytes) {
			return errors.Join(fmt.Errorf("%w: object of %d bytes", errMalformed, length), out.Body.Close())
		}
		data = make([]byte, length)
		_, err = io.ReadFull(out.Body, data)
		info.etag = aws.ToString(out.ETag)
		if now, ok := awsmiddleware.GetServerTime(out.ResultMetadata); ok && out.LastModified != nil {
			info.age = now.Sub(*out.LastModified)
		}
		return errors.Join(err, out.Body.Close())
	})
	return data, info, err
}

// getRange reads a part of an object. It fails with errNoObject, or errShort when the object ends before.
func (b *bucket) getRange(ctx context.Context, key string, offset, lengthBytes uint32) ([]byte, error) {
	data := make([]byte, lengthBytes)
	_, err := b.try(ctx, "read "+key, len(data), func(ctx context.Context) error {
		out, err := b.api.GetObject(ctx, &s3.GetObjectInput{
			Bucket: aws.String(b.where.Bucket), Key: b.key(key),
			Range: aws.String(fmt.Sprintf("bytes=%d-%d", offset, uint64(offset)+uint64(lengthBytes)-1)),
		})
		if err != nil {
			return err
		}
		switch length := aws.ToInt64(out.ContentLength); {
		case length < int64(len(data)):
			return errors.Join(errShort, out.Body.Close())
		case length > int64(len(data)):
			return errors.Join(fmt.Errorf("%w: it ignores ranges", errUnsupported), out.Body.Close())
		}
		_, err = io.ReadFull(out.Body, data)
		return errors.Join(err, out.Body.Close())
	})
	if err != nil {
		return nil, err
	}
	return data, nil
}

// remove deletes an object; that there is none is no error.
func (b *bucket) remove(ctx context.Context, key string) error {
	_, err := b.try(ctx, "delete "+key, 0, func(ctx context.Context) error {
		_, err := b.api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(b.where.Bucket), Key: b.key(key)})
		return err
	})
	if errors.Is(err, errNoObject) {
		return nil
	}
	return err
}

// list calls yield for every key below folder, in byte order, until it fails.
func (b *bucket) list(ctx context.Context, folder string, yield func(key string, sizeBytes uint64) error) error {
	var token *string
	for {
		var out *s3.ListObjectsV2Output
		_, err := b.try(ctx, "list "+folder, 0, func(ctx context.Context) (err error) {
			out, err = b.api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
				Bucket: aws.String(b.where.Bucket), Prefix: b.key(folder), ContinuationToken: token, MaxKeys: aws.Int32(listPage),
			})
			return err
		})
		if err != nil {
			return err
		}
		for _, o := range out.Contents {
			if err := yield(strings.TrimPrefix(aws.ToString(o.Key), b.prefix), uint64(max(aws.ToInt64(o.Size), 0))); err != nil {
				return err
			}
		}
		if !aws.ToBool(out.IsTruncated) {
			return nil
		}
		token = out.NextContinuationToken
	}
}
