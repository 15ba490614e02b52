package unixfs

import (
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// fileLink is a node or leaf waiting for its parent.
type fileLink struct {
	Link
	fileSize uint64 // bytes of the file behind it
}

// FileBuilder lays out one file after another as a balanced DAG, from the digests of its leaves in file order. It
// holds LinkWidth links for each level of the tree. The zero value is not usable.
type FileBuilder struct {
	emit Emit
	// levels[0] has the leaves whose parent is not full yet, levels[1] those parents, and so on. A full level is
	// flushed when another link comes for it, so that Finish still knows which node is the root.
	levels [][]fileLink
	size   uint64
}

// NewFileBuilder returns a builder that hands each interior node to emit, children before parents.
func NewFileBuilder(emit Emit) *FileBuilder {
	return &FileBuilder{emit: emit}
}

// AddLeaf appends a leaf: a raw block of sizeBytes bytes with the given digest. It fails with ErrInvalidSize unless
// sizeBytes is from 1 to MaxLeafBytes, or the file grows beyond MaxFileBytes. After an error only Reset is useful.
func (b *FileBuilder) AddLeaf(digest format.Digest, sizeBytes int) error {
	if sizeBytes < 1 || sizeBytes > MaxLeafBytes {
		return fmt.Errorf("%w: leaf of %d bytes", ErrInvalidSize, sizeBytes)
	}
	size := uint64(sizeBytes)
	if b.size+size > MaxFileBytes {
		return fmt.Errorf("%w: file of more than %d bytes", ErrInvalidSize, uint64(MaxFileBytes))
	}
	b.size += size
	return b.add(0, fileLink{Link{Cid: format.RawCID(digest), TotalSizeBytes: size}, size})
}

// SizeBytes returns the length of the file so far.
func (b *FileBuilder) SizeBytes() uint64 { return b.size }

// Reset forgets the file begun, to start another one.
func (b *FileBuilder) Reset() {
	for i := range b.levels {
		b.levels[i] = b.levels[i][:0]
	}
	b.size = 0
}

// Finish emits what is missing up to the root and returns a link to it, without a name; the builder is then ready
// for another file.
//
// Without attributes a file of one leaf is that leaf, and nothing is emitted. With attributes its root is a node with
// one link, since a raw block has no place for them. An empty file is a node without data or links.
func (b *FileBuilder) Finish(attrs Attributes) (Link, error) {
	defer b.Reset()
	if err := attrs.validate(); err != nil {
		return Link{}, err
	}
	if b.size == 0 {
		return emitNode(b.emit, 0, nil, content{kind: typeFile, hasSize: true, Attributes: attrs})
	}
	if attrs.IsZero() && len(b.levels[0]) == 1 && b.top() == 0 {
		return b.levels[0][0].Link, nil
	}
	for level := 0; ; level++ {
		if level == b.top() {
			return b.encode(level, attrs)
		}
		if err := b.flush(level); err != nil {
			return Link{}, err
		}
	}
}

// top returns the highest level in use.
func (b *FileBuilder) top() int {
	top := 0
	for i, level := range b.levels {
		if len(level) > 0 {
			top = i
		}
	}
	return top
}

func (b *FileBuilder) add(level int, l fileLink) error {
	if level == len(b.levels) {
		b.levels = append(b.levels, nil)
	}
	if len(b.levels[level]) == LinkWidth {
		if err := b.flush(level); err != nil {
			return err
		}
	}
	b.levels[level] = append(b.levels[level], l)
	return nil
}

// flush makes the links of a level into a node of the level above.
func (b *FileBuilder) flush(level int) error {
	size := fileSize(b.levels[level])
	node, err := b.encode(level, Attributes{})
	if err != nil {
		return err
	}
	b.levels[level] = b.levels[level][:0]
	return b.add(level+1, fileLink{node, size})
}

func (b *FileBuilder) encode(level int, attrs Attributes) (Link, error) {
	links := b.levels[level]
	return emitNode(b.emit, len(links), func(i int) Link { return links[i].Link }, content{
		kind: typeFile, hasSize: true, fileSize: fileSize(links),
		blockSizes: func(i int) uint64 { return links[i].fileSize },
		Attributes: attrs,
	})
}

func fileSize(links []fileLink) uint64 {
	var size uint64
	for i := range links {
		size += links[i].fileSize
	}
	return size
}
