package unixfs

import (
	"errors"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Parameters of the layout. Each of them decides CIDs.
const (
	// LinkWidth is how many links an interior node of a file has at most.
	LinkWidth = 174
	// ShardThresholdBytes is the estimated size above which a directory becomes a HAMT. The estimate is the sum of the
	// lengths of names and binary CIDs, as in Kubo; a directory of exactly this size stays one node.
	ShardThresholdBytes = 256 << 10
	// ShardFanout is how many slots a HAMT shard has.
	ShardFanout = 256
)

// Limits on what is accepted, from a caller or from outside.
const (
	// MaxNodeBytes is the largest block decoded: what Bitswap peers accept.
	MaxNodeBytes = 2 << 20
	// MaxLeafBytes is the largest leaf that FileBuilder accepts.
	MaxLeafBytes = format.MaxBlockSize
	// MaxLinks is the largest number of links in one node.
	MaxLinks = 1 << 16
	// MaxNameBytes is the largest length of a directory entry's name. File systems allow 255 UTF-16 units or bytes.
	MaxNameBytes = 1024
	// MaxSymlinkBytes is the largest length of a symbolic link's target: PATH_MAX.
	MaxSymlinkBytes = 4096
	// MaxFileDepth is the greatest number of nodes on the way from a file's root to a leaf.
	MaxFileDepth = 64
	// MaxPathDepth is the greatest nesting of directories: half of PATH_MAX.
	MaxPathDepth = 2048
	// MaxFileBytes is the largest size of a file: what fits a signed 64-bit offset.
	MaxFileBytes = 1<<63 - 1
	// maxShardFanout is the widest HAMT decoded; other implementations may choose another width than ours.
	maxShardFanout = 1 << 10
	// maxCIDBytes is the longest binary CID decoded.
	maxCIDBytes = 128
)

// hashMurmur3 is the multicodec of MurmurHash3 x64-64, the only hash that HAMT directories use.
const hashMurmur3 = 0x22

// The errors a caller can tell apart.
var (
	// ErrInvalidNode reports bytes that are not a well-formed dag-pb UnixFS node, or exceed a limit of this package.
	ErrInvalidNode = errors.New("invalid UnixFS node")
	// ErrSizeMismatch reports a node whose sizes contradict its content or the node that links to it.
	ErrSizeMismatch = errors.New("UnixFS sizes do not match")
	// ErrUnsupported reports a block that is neither raw nor dag-pb, or a UnixFS type that no one uses.
	ErrUnsupported = errors.New("unsupported node")
	// ErrTooDeep reports a DAG nested deeper than MaxFileDepth, MaxPathDepth or the HAMT hash allow.
	ErrTooDeep = errors.New("DAG is too deep")
	// ErrNotFound reports a name that a directory does not have.
	ErrNotFound = errors.New("no such entry")
	// ErrNotDirectory reports a path that goes through something else than a directory. Links are not followed.
	ErrNotDirectory = errors.New("not a directory")
	// ErrNotFile reports a node that is not a file.
	ErrNotFile = errors.New("not a file")
	// ErrInvalidName reports a directory entry's name that is empty, too long, "." or "..", or has a slash or NUL byte.
	ErrInvalidName = errors.New("invalid entry name")
	// ErrDuplicateName reports a second entry of one name.
	ErrDuplicateName = errors.New("duplicate entry name")
	// ErrNameCollision reports names that a HAMT cannot hold together since their 64-bit hashes are equal.
	ErrNameCollision = errors.New("entry names have equal hashes")
	// ErrRange reports a byte range that does not lie in the file.
	ErrRange = errors.New("range outside of file")
	// ErrInvalidSize reports a leaf or file size that cannot be laid out.
	ErrInvalidSize = errors.New("invalid size")
)
