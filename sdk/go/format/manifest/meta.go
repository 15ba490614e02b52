package manifest

import (
	"fmt"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ipfs/go-cid"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// maxUnixMilli is the end of the year 9999.
const maxUnixMilli = 253402300799999

// Meta is what a creator says about the content.
type Meta struct {
	// Creator is who signs.
	Creator Creator
	// UnixMilli is when the manifest was made, in milliseconds since 1970.
	UnixMilli int64
	// Tags are "key=value" strings in strictly ascending byte order.
	Tags []string
	// ContentType is a media type or empty.
	ContentType string
	// ContentSize is the length in bytes of what a reader gets: of a file its length, of a directory the sum over its
	// files, each as often as it occurs; symbolic links count zero.
	ContentSize uint64
	// Supersedes is the manifest this one replaces, or cid.Undef.
	Supersedes cid.Cid
}

// Validate fails with ErrMetadata, ErrTooLarge or ErrCreator if any part is out of its bounds.
func (m *Meta) Validate() error {
	if err := m.Creator.Validate(); err != nil {
		return err
	}
	if m.UnixMilli < 0 || m.UnixMilli > maxUnixMilli {
		return fmt.Errorf("%w: time %d ms", ErrMetadata, m.UnixMilli)
	}
	if m.ContentSize > math.MaxInt64 {
		return fmt.Errorf("%w: content of %d bytes", ErrTooLarge, m.ContentSize)
	}
	if len(m.ContentType) > MaxContentTypeSize {
		return fmt.Errorf("%w: content type of %d bytes", ErrTooLarge, len(m.ContentType))
	}
	if !plainText(m.ContentType) {
		return fmt.Errorf("%w: content type %q", ErrMetadata, m.ContentType)
	}
	if m.Supersedes.Defined() {
		if _, err := format.DigestOf(m.Supersedes); err != nil {
			return fmt.Errorf("%w: superseded manifest: %w", ErrMetadata, err)
		}
		if m.Supersedes.Prefix().Codec != format.DagCBOR {
			return fmt.Errorf("%w: superseded %s is no manifest", ErrMetadata, m.Supersedes)
		}
	}
	return m.validateTags()
}

func (m *Meta) validateTags() error {
	if len(m.Tags) > MaxTags {
		return fmt.Errorf("%w: %d tags", ErrTooLarge, len(m.Tags))
	}
	for i, tag := range m.Tags {
		if len(tag) > MaxTagSize {
			return fmt.Errorf("%w: tag of %d bytes", ErrTooLarge, len(tag))
		}
		if strings.IndexByte(tag, '=') < 1 || !plainText(tag) {
			return fmt.Errorf("%w: tag %q is not of the form key=value", ErrMetadata, tag)
		}
		if i > 0 && m.Tags[i-1] >= tag {
			return fmt.Errorf("%w: tags %q and %q are not in ascending order", ErrMetadata, m.Tags[i-1], tag)
		}
	}
	return nil
}

// plainText tells whether s is valid UTF-8 without control characters.
func plainText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}
