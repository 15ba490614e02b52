package manifest

import "errors"

var (
	// ErrEncoding reports bytes that are not the canonical dag-cbor of a header or page.
	ErrEncoding = errors.New("invalid manifest encoding")
	// ErrVersion reports a manifest version this package does not know.
	ErrVersion = errors.New("unknown manifest version")
	// ErrTooLarge reports a manifest, or a DAG, beyond the limits of the format.
	ErrTooLarge = errors.New("manifest exceeds its limits")
	// ErrMetadata reports a timestamp, tag, content type or size that is not valid.
	ErrMetadata = errors.New("invalid manifest metadata")
	// ErrCreator reports a creator key of unknown kind or wrong form.
	ErrCreator = errors.New("invalid manifest creator")
	// ErrUnsigned reports a header without signature where one is needed.
	ErrUnsigned = errors.New("manifest is not signed")
	// ErrSignature reports a signature that is not the creator's over this header.
	ErrSignature = errors.New("manifest signature is not valid")
	// ErrCodec reports an entry or root that is neither a raw block nor a dag-pb node.
	ErrCodec = errors.New("manifest names a block of a foreign codec")
	// ErrRoot reports a root that is not the first entry.
	ErrRoot = errors.New("manifest does not begin with its root")
	// ErrDigest reports fetched bytes that do not have the digest they were asked for by.
	ErrDigest = errors.New("block does not match its digest")
	// ErrCount reports entries that do not add up to the totals the header states.
	ErrCount = errors.New("manifest entries do not match the header")
	// ErrOrder reports entries that are not in depth-first first-visit order, or pages out of place.
	ErrOrder = errors.New("manifest entries are out of order")
	// ErrIncomplete reports a block of the DAG that the manifest does not name.
	ErrIncomplete = errors.New("manifest does not name every block")
	// ErrSurplus reports an entry that is no block of the DAG.
	ErrSurplus = errors.New("manifest names a block outside its DAG")
	// ErrSize reports an entry whose size, or a content size, is not that of the block or content.
	ErrSize = errors.New("manifest states a wrong size")
	// ErrNode reports a dag-pb node that is malformed or no UnixFS node.
	ErrNode = errors.New("invalid UnixFS node")
)
