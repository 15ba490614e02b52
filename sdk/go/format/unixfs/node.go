package unixfs

import (
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/ipfs/go-cid"
)

// Kind is what a node is.
type Kind uint8

// The kinds of node.
const (
	KindRaw       Kind = iota + 1 // bytes of a file and nothing else: a raw block, or a UnixFS node of type Raw
	KindFile                      // a file, or an interior node of one
	KindDirectory                 // a directory in one node
	KindShard                     // a HAMT directory, or a shard of one
	KindSymlink                   // a symbolic link
)

// String names the kind in lower case.
func (k Kind) String() string {
	switch k {
	case KindRaw:
		return "raw"
	case KindFile:
		return "file"
	case KindDirectory:
		return "directory"
	case KindShard:
		return "shard"
	case KindSymlink:
		return "symlink"
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Link points from a node to another.
type Link struct {
	// Name is the entry's name in a directory; in a shard it has the slot number in front. It is empty in a file.
	Name string
	// Cid is the block linked to.
	Cid cid.Cid
	// TotalSizeBytes is what the link says the whole DAG behind it weighs, a block reached twice counted twice.
	TotalSizeBytes uint64
}

// Node is a decoded block. Its slices and strings must not be modified.
type Node struct {
	Kind  Kind
	Links []Link
	// BlockSizesBytes holds for each link of a file how many of the file's bytes are behind it.
	BlockSizesBytes []uint64
	// FileSizeBytes is how many of a file's bytes are in and behind this node. It is 0 for what is not a file.
	FileSizeBytes uint64
	// Data is bytes of the file, which come before those behind the links; or the target of a symbolic link; or the
	// bitmap of the slots in use of a shard, the highest slots first. It aliases the block it was decoded from.
	Data []byte
	// Fanout is the number of slots of a shard.
	Fanout int
	Attributes
}

// IsDir tells whether the node is a directory of either form.
func (n *Node) IsDir() bool { return n.Kind == KindDirectory || n.Kind == KindShard }

// IsFile tells whether the node is a file or a part of one.
func (n *Node) IsFile() bool { return n.Kind == KindFile || n.Kind == KindRaw }

// Perm returns the permission bits to restore the node with: those recorded, without set-id and sticky bits, or
// 0755 for directories and 0644 for files.
func (n *Node) Perm() fs.FileMode {
	switch {
	case n.Mode != 0:
		return fs.FileMode(n.Mode) & fs.ModePerm
	case n.IsDir():
		return 0o755
	default:
		return 0o644
	}
}

// modeBits are the bits of a mode that are permissions; the higher ones are left to file types.
const modeBits = 0o7777

// ExecutableMode is the mode recorded for every file that someone may execute. One value for all, as in git, keeps
// roots independent of the umask.
const ExecutableMode = 0o755

// Attributes are the optional facts about a file or directory that UnixFS 1.5 records in its root node. The zero
// value records nothing, and then the CID is the one that IPFS implementations make by default.
type Attributes struct {
	// Mode is the POSIX permission bits (at most 07777), 0 for none recorded.
	Mode uint32
	// ModTime is the time of the last modification, the zero time for none recorded.
	ModTime time.Time
}

// AttributesOf returns what is recorded for a file of the given mode: ExecutableMode if anyone may execute it,
// otherwise nothing. Directories and links record nothing.
func AttributesOf(mode fs.FileMode) Attributes {
	if mode.IsRegular() && mode&0o111 != 0 {
		return Attributes{Mode: ExecutableMode}
	}
	return Attributes{}
}

// IsZero tells whether nothing is recorded.
func (a Attributes) IsZero() bool { return a.Mode == 0 && a.ModTime.IsZero() }

func (a Attributes) validate() error {
	if a.Mode > modeBits {
		return fmt.Errorf("%w: mode %o has bits above %o", ErrInvalidNode, a.Mode, modeBits)
	}
	return nil
}

// ValidateName fails with ErrInvalidName unless name can stand in a directory and be restored to a file system. Any
// other bytes are allowed, UTF-8 or not.
func ValidateName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("%w: %q", ErrInvalidName, name)
	case len(name) > MaxNameBytes:
		return fmt.Errorf("%w: %d bytes", ErrInvalidName, len(name))
	case strings.ContainsAny(name, "/\x00"):
		return fmt.Errorf("%w: %q has a slash or NUL byte", ErrInvalidName, name)
	}
	return nil
}
