package abci

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// SectionKind says what a section of a vote extension is about.
type SectionKind uint8

// The kinds of sections. A number is never used for something else again.
const (
	// KindSealVerdicts are verdicts on seal proofs.
	KindSealVerdicts SectionKind = 1
	// KindBridgeSignature is a signature of a bridge checkpoint.
	KindBridgeSignature SectionKind = 2
	// KindInboundRanges are votes on ranges of events of other chains.
	KindInboundRanges SectionKind = 3
)

const (
	// MaxExtensionBytes is the largest vote extension that is accepted.
	MaxExtensionBytes = 1024

	payloadVersion     = 1
	sectionHeaderBytes = 3
)

// ErrPayload is wrapped by every error about a malformed extension payload.
var ErrPayload = errors.New("malformed vote extension payload")

// Section is one part of a vote extension.
type Section struct {
	Kind SectionKind
	// Data is 1 to MaxExtensionBytes-4 bytes, in the format of the kind.
	Data []byte
}

// EncodePayload encodes sections in the order given. It returns an error that
// wraps ErrPayload if they do not ascend by kind, one is empty, or the result is
// larger than MaxExtensionBytes.
func EncodePayload(sections []Section) ([]byte, error) {
	sizeBytes := 1
	for i, s := range sections {
		if i > 0 && s.Kind <= sections[i-1].Kind {
			return nil, fmt.Errorf("%w: kind %d after kind %d", ErrPayload, s.Kind, sections[i-1].Kind)
		}
		if len(s.Data) == 0 {
			return nil, fmt.Errorf("%w: section of kind %d is empty", ErrPayload, s.Kind)
		}
		sizeBytes += sectionHeaderBytes + len(s.Data)
		if sizeBytes > MaxExtensionBytes {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrPayload, MaxExtensionBytes)
		}
	}

	out := make([]byte, 0, sizeBytes)
	out = append(out, payloadVersion)
	for _, s := range sections {
		out = append(out, byte(s.Kind))
		out = binary.LittleEndian.AppendUint16(out, uint16(len(s.Data)))
		out = append(out, s.Data...)
	}
	return out, nil
}

// DecodePayload is the inverse of EncodePayload: it accepts exactly the bytes
// that EncodePayload makes. Sections share memory with raw. All errors wrap
// ErrPayload.
func DecodePayload(raw []byte) ([]Section, error) {
	switch {
	case len(raw) == 0:
		return nil, fmt.Errorf("%w: no bytes", ErrPayload)
	case len(raw) > MaxExtensionBytes:
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrPayload, len(raw), MaxExtensionBytes)
	case raw[0] != payloadVersion:
		return nil, fmt.Errorf("%w: version %d, expected %d", ErrPayload, raw[0], payloadVersion)
	}

	var sections []Section
	for rest := raw[1:]; len(rest) > 0; {
		if len(rest) < sectionHeaderBytes {
			return nil, fmt.Errorf("%w: truncated section header", ErrPayload)
		}
		kind := SectionKind(rest[0])
		sizeBytes := int(binary.LittleEndian.Uint16(rest[1:sectionHeaderBytes]))
		rest = rest[sectionHeaderBytes:]
		switch {
		case sizeBytes == 0:
			return nil, fmt.Errorf("%w: section of kind %d is empty", ErrPayload, kind)
		case sizeBytes > len(rest):
			return nil, fmt.Errorf("%w: section of kind %d is truncated", ErrPayload, kind)
		case len(sections) > 0 && kind <= sections[len(sections)-1].Kind:
			return nil, fmt.Errorf("%w: kind %d after kind %d", ErrPayload, kind, sections[len(sections)-1].Kind)
		}
		sections = append(sections, Section{Kind: kind, Data: rest[:sizeBytes:sizeBytes]})
		rest = rest[sizeBytes:]
	}
	return sections, nil
}
