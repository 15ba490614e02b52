package envelope

import "errors"

var (
	// ErrTruncated reports fewer bytes than the header promises.
	ErrTruncated = errors.New("envelope is truncated")
	// ErrTrailing reports bytes behind the payload.
	ErrTrailing = errors.New("envelope has trailing bytes")
	// ErrMagic reports bytes that are no envelope at all.
	ErrMagic = errors.New("not an envelope")
	// ErrVersion reports an envelope version this package does not know.
	ErrVersion = errors.New("unknown envelope version")
	// ErrAlgorithm reports an algorithm that is unknown.
	ErrAlgorithm = errors.New("unknown algorithm")
	// ErrParams reports parameters that the algorithm does not have: a level outside 1..4, no shape of integers.
	ErrParams = errors.New("invalid parameters of the algorithm")
	// ErrNonCanonical reports a header that says something in another way than the one Encode uses.
	ErrNonCanonical = errors.New("envelope header is not canonical")
	// ErrCodec reports a block codec that is none of raw, dag-pb and dag-cbor.
	ErrCodec = errors.New("unknown block codec")
	// ErrTooLarge reports a size or count beyond the limits of the format.
	ErrTooLarge = errors.New("envelope exceeds its limits")
	// ErrNoBlocks reports an attempt to encode nothing.
	ErrNoBlocks = errors.New("no blocks to encode")
	// ErrPayload reports a payload that does not decompress to the plain size stated.
	ErrPayload = errors.New("envelope payload is corrupt")
	// ErrDigest reports plain bytes that do not have the digest stated.
	ErrDigest = errors.New("envelope content does not match its digest")
	// ErrIndex reports a block index outside the envelope.
	ErrIndex = errors.New("no such block in the envelope")
)
