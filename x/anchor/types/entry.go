package types

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	errorsmod "cosmossdk.io/errors"

	"github.com/ipdm-network/ipdm/x/internal/cidtext"
)

const (
	// MaxSizeBytes is the largest plain size of a content, in bytes: 1 EiB.
	MaxSizeBytes = 1 << 60
	// MaxBlockCount is the largest number of leaf blocks.
	MaxBlockCount = 1 << 48
	// MaxContentTypeBytes is the longest content type, in bytes.
	MaxContentTypeBytes = 127
)

// Validate fails with ErrInvalidEntry unless every field of the entry is well formed and within the bounds. It does not
// look at state.
func (e Entry) Validate(params Params) error {
	if err := ValidateManifest(e.Manifest); err != nil {
		return err
	}
	if err := ValidateRoot(e.Root); err != nil {
		return err
	}
	if e.Supersedes != "" {
		if err := cidtext.Check(e.Supersedes, cidtext.DagCBOR); err != nil {
			return errorsmod.Wrapf(ErrInvalidEntry, "supersedes: %s", err)
		}
		if e.Supersedes == e.Manifest {
			return errorsmod.Wrapf(ErrInvalidEntry, "%s supersedes itself", e.Manifest)
		}
	}
	if e.SizeBytes > MaxSizeBytes {
		return errorsmod.Wrapf(ErrInvalidEntry, "size of %d bytes is more than %d", e.SizeBytes, uint64(MaxSizeBytes))
	}
	if e.BlockCount > MaxBlockCount {
		return errorsmod.Wrapf(ErrInvalidEntry, "%d blocks are more than %d", e.BlockCount, uint64(MaxBlockCount))
	}
	if err := validateContentType(e.ContentType); err != nil {
		return err
	}
	return validateTags(e.Tags, params)
}

// ValidateManifest fails with ErrInvalidEntry unless text is the canonical CID of a dag-cbor block.
func ValidateManifest(text string) error {
	if err := cidtext.Check(text, cidtext.DagCBOR); err != nil {
		return errorsmod.Wrapf(ErrInvalidEntry, "manifest: %s", err)
	}
	return nil
}

// ValidateRoot fails with ErrInvalidEntry unless text is the canonical CID of a raw or dag-pb block.
func ValidateRoot(text string) error {
	if err := cidtext.Check(text, cidtext.Raw, cidtext.DagPB); err != nil {
		return errorsmod.Wrapf(ErrInvalidEntry, "root: %s", err)
	}
	return nil
}

// ValidateTag fails with ErrInvalidEntry unless tag is "key=value" with a key, printable and at most maxBytes long.
func ValidateTag(tag string, maxBytes uint32) error {
	if len(tag) > int(maxBytes) {
		return errorsmod.Wrapf(ErrInvalidEntry, "tag of %d bytes is longer than %d", len(tag), maxBytes)
	}
	if key, _, found := strings.Cut(tag, "="); !found || key == "" {
		return errorsmod.Wrapf(ErrInvalidEntry, "tag %q is not key=value", tag)
	}
	if !printable(tag) {
		return errorsmod.Wrapf(ErrInvalidEntry, "tag %q is not printable UTF-8", tag)
	}
	return nil
}

func validateTags(tags []string, params Params) error {
	if len(tags) > int(params.MaxTags) {
		return errorsmod.Wrapf(ErrInvalidEntry, "%d tags are more than %d", len(tags), params.MaxTags)
	}
	for i, tag := range tags {
		if err := ValidateTag(tag, params.MaxTagBytes); err != nil {
			return err
		}
		if i > 0 && tags[i-1] >= tag {
			return errorsmod.Wrapf(ErrInvalidEntry, "tags are not sorted and distinct at %q", tag)
		}
	}
	return nil
}

func validateContentType(contentType string) error {
	if len(contentType) > MaxContentTypeBytes {
		return errorsmod.Wrapf(ErrInvalidEntry, "content type of %d bytes is longer than %d", len(contentType), MaxContentTypeBytes)
	}
	for i := range len(contentType) {
		if contentType[i] < 0x20 || contentType[i] > 0x7e {
			return errorsmod.Wrapf(ErrInvalidEntry, "content type %q is not printable ASCII", contentType)
		}
	}
	return nil
}

func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

// Matches tells whether the record was made from an entry equal to e.
func (e Entry) Matches(record Record) bool {
	return e.Manifest == record.Manifest && e.Root == record.Root && e.SizeBytes == record.SizeBytes &&
		e.BlockCount == record.BlockCount && e.ContentType == record.ContentType &&
		e.Supersedes == record.Supersedes && slices.Equal(e.Tags, record.Tags)
}
