package types

import (
	"encoding/binary"
	"math"
)

const (
	// MaxVerdictSpan is how many consecutive seal ids one section of verdicts covers at most.
	MaxVerdictSpan = 1_152
	// MaxVerdictsSize is the size in bytes of the largest section.
	MaxVerdictsSize = verdictsHeaderSize + MaxVerdictSpan/verdictsPerByte

	verdictsVersion    = 1
	verdictsHeaderSize = 1 + 8 + 2
	verdictsPerByte    = 4
	verdictBits        = 2

	verdictNone = 0
	verdictYes  = 1
	verdictNo   = 2
)

// Verdict is a validator's judgement of one seal proof.
type Verdict struct {
	SealID uint64
	Valid  bool
}

// EncodeVerdicts returns the binary form of verdicts, which are in rising order of their ids and at most MaxVerdictSpan apart:
//
//	version u8 = 1 | first id u64 | span u16 | 2 bits for each of span ids from the first, lowest bits first
//
// Integers are little endian. The two bits are 0 for no verdict, 1 for yes, 2 for no; the first and the last id have one, and the
// bits after the last are 0. No verdicts are no bytes. It fails with ErrVerdict when the verdicts have no binary form.
func EncodeVerdicts(verdicts []Verdict) ([]byte, error) {
	if len(verdicts) == 0 {
		return nil, nil
	}
	first, last := verdicts[0].SealID, verdicts[len(verdicts)-1].SealID
	if first == 0 || last < first || last-first >= MaxVerdictSpan {
		return nil, ErrVerdict.Wrapf("ids from %d to %d, want at most %d from 1 on", first, last, MaxVerdictSpan)
	}
	span := last - first + 1
	b := make([]byte, verdictsHeaderSize+(span+verdictsPerByte-1)/verdictsPerByte)
	b[0] = verdictsVersion
	binary.LittleEndian.PutUint64(b[1:], first)
	binary.LittleEndian.PutUint16(b[9:], uint16(span))
	for i, v := range verdicts {
		if i > 0 && v.SealID <= verdicts[i-1].SealID {
			return nil, ErrVerdict.Wrapf("id %d after %d", v.SealID, verdicts[i-1].SealID)
		}
		bits := byte(verdictNo)
		if v.Valid {
			bits = verdictYes
		}
		at := v.SealID - first
		b[verdictsHeaderSize+at/verdictsPerByte] |= bits << (verdictBits * (at % verdictsPerByte))
	}
	return b, nil
}

// DecodeVerdicts reads the verdicts that b is the one binary form of. It fails with ErrVerdict.
func DecodeVerdicts(b []byte) ([]Verdict, error) {
	if len(b) == 0 {
		return nil, nil
	}
	if len(b) < verdictsHeaderSize || b[0] != verdictsVersion {
		return nil, ErrVerdict.Wrapf("%d bytes of an unknown version", len(b))
	}
	first, span := binary.LittleEndian.Uint64(b[1:]), uint64(binary.LittleEndian.Uint16(b[9:]))
	if first == 0 || span == 0 || span > MaxVerdictSpan || first > math.MaxUint64-span {
		return nil, ErrVerdict.Wrapf("%d ids from %d on", span, first)
	}
	bits := b[verdictsHeaderSize:]
	if uint64(len(bits)) != (span+verdictsPerByte-1)/verdictsPerByte {
		return nil, ErrVerdict.Wrapf("%d bytes for %d ids", len(bits), span)
	}
	verdicts := make([]Verdict, 0, span)
	for at := range uint64(len(bits)) * verdictsPerByte {
		switch bits[at/verdictsPerByte] >> (verdictBits * (at % verdictsPerByte)) & 3 {
		case verdictNone:
			if at == 0 || at == span-1 {
				return nil, ErrVerdict.Wrap("no verdict at the edge")
			}
			continue
		case verdictYes:
			verdicts = append(verdicts, Verdict{first + at, true})
		case verdictNo:
			verdicts = append(verdicts, Verdict{first + at, false})
		default:
			return nil, ErrVerdict.Wrapf("bits of id %d", first+at)
		}
		if at >= span {
			return nil, ErrVerdict.Wrap("verdict after the last id")
		}
	}
	return verdicts, nil
}
