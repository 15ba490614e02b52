package layout

import "errors"

var (
	// ErrEncoding reports bytes that are not the canonical dag-cbor of a header or page.
	ErrEncoding = errors.New("invalid layout encoding")
	// ErrVersion reports a layout version this package does not know.
	ErrVersion = errors.New("unknown layout version")
	// ErrTooLarge reports a layout, or an encoding in it, beyond the limits of the format.
	ErrTooLarge = errors.New("layout exceeds its limits")
	// ErrAlgorithm reports an encoding of an unknown algorithm.
	ErrAlgorithm = errors.New("layout names an unknown algorithm")
	// ErrDigest reports fetched bytes that do not have the digest they were asked for by.
	ErrDigest = errors.New("layout block does not match its digest")
	// ErrCount reports pages or encodings that do not add up to the totals the header states.
	ErrCount = errors.New("layout encodings do not match the header")
	// ErrOrder reports pages out of place, or block indices that are not in ascending order.
	ErrOrder = errors.New("layout is out of order")
	// ErrCommitment reports a comm_d that is not the one of the encodings listed.
	ErrCommitment = errors.New("layout states a wrong commitment")
	// ErrManifest reports a layout of another manifest.
	ErrManifest = errors.New("layout belongs to another manifest")
	// ErrIndex reports a block index that the manifest does not have.
	ErrIndex = errors.New("layout names a block the manifest does not have")
	// ErrUncovered reports a block of the manifest that no encoding stands for.
	ErrUncovered = errors.New("layout does not cover every block")
	// ErrDuplicate reports an encoding, or a block, that is listed twice.
	ErrDuplicate = errors.New("layout lists something twice")
	// ErrNoBlocks reports an encoding that stands for no block.
	ErrNoBlocks = errors.New("layout lists an encoding without blocks")
	// ErrEnvelope reports an envelope that is not the one listed, or that lacks a block it is listed for.
	ErrEnvelope = errors.New("envelope does not match the layout")
)
