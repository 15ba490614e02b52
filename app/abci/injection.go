package abci

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

const (
	// MaxInjectionEntries is the largest number of extensions in an injection.
	MaxInjectionEntries = 1024

	// AddressBytes is the size of a consensus address.
	AddressBytes = 20
	// SignatureBytes is the size of an ed25519 signature.
	SignatureBytes = 64
	// BeaconProofBytes is the size of the proof behind a block's randomness.
	BeaconProofBytes = 80

	injectionVersion = 2
	// injectionHeaderBytes is the size of an injection without a proof and entries.
	injectionHeaderBytes = len(injectionMagic) + 1 + 8 + 4 + 1 + 2
	entryHeaderBytes     = AddressBytes + SignatureBytes + 2

	injectionMagic = "\xffIPDMVE\x00"
)

// ErrInjection is wrapped by every error about a malformed or unproven injection.
var ErrInjection = errors.New("invalid injection")

// Entry is the vote extension of one validator with what proves it.
type Entry struct {
	// Validator is the consensus address of the signer, AddressBytes long.
	Validator []byte
	// Signature is the extension signature, SignatureBytes long.
	Signature []byte
	// Extension is the payload, a valid EncodePayload result.
	Extension []byte
}

func (e Entry) sizeBytes() int { return entryHeaderBytes + len(e.Extension) }

// Injection carries what the proposer has proven for the randomness of its
// block, and the vote extensions of the height before. It is the first
// transaction of every block.
type Injection struct {
	// Height is the height of the votes, one less than that of the block.
	Height int64
	// Round is the round in which that height was committed, 0 if it was not.
	Round int32
	// BeaconProof is BeaconProofBytes long, or empty if the proposer has no key.
	BeaconProof []byte
	// Entries ascend strictly by validator address. It may be empty.
	Entries []Entry
}

// IsInjection reports whether tx starts like an injection. Such bytes never
// decode as an ordinary transaction.
func IsInjection(tx []byte) bool {
	return bytes.HasPrefix(tx, []byte(injectionMagic))
}

// Encode returns the bytes of the injection. It returns an error that wraps
// ErrInjection if a field is out of range or the entries are not in order.
func (in Injection) Encode() ([]byte, error) {
	if in.Height < 0 || in.Round < 0 {
		return nil, fmt.Errorf("%w: negative height or round", ErrInjection)
	}
	if len(in.Entries) > MaxInjectionEntries {
		return nil, fmt.Errorf("%w: %d entries, at most %d", ErrInjection, len(in.Entries), MaxInjectionEntries)
	}

	if n := len(in.BeaconProof); n != 0 && n != BeaconProofBytes {
		return nil, fmt.Errorf("%w: beacon proof of %d bytes, want %d", ErrInjection, n, BeaconProofBytes)
	}

	sizeBytes := injectionHeaderBytes + len(in.BeaconProof)
	for i, e := range in.Entries {
		if err := in.checkEntry(i); err != nil {
			return nil, err
		}
		sizeBytes += e.sizeBytes()
	}

	out := make([]byte, 0, sizeBytes)
	out = append(out, injectionMagic...)
	out = append(out, injectionVersion)
	out = binary.LittleEndian.AppendUint64(out, uint64(in.Height))
	out = binary.LittleEndian.AppendUint32(out, uint32(in.Round))
	if len(in.BeaconProof) == 0 {
		out = append(out, 0)
	} else {
		out = append(out, 1)
		out = append(out, in.BeaconProof...)
	}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(in.Entries)))
	for _, e := range in.Entries {
		out = append(out, e.Validator...)
		out = append(out, e.Signature...)
		out = binary.LittleEndian.AppendUint16(out, uint16(len(e.Extension)))
		out = append(out, e.Extension...)
	}
	return out, nil
}

// DecodeInjection is the inverse of Encode: it accepts exactly the bytes that
// Encode makes. Proof and entries share memory with raw. All errors wrap
// ErrInjection.
func DecodeInjection(raw []byte) (Injection, error) {
	if !IsInjection(raw) {
		return Injection{}, fmt.Errorf("%w: no magic", ErrInjection)
	}
	if len(raw) < injectionHeaderBytes {
		return Injection{}, fmt.Errorf("%w: truncated header", ErrInjection)
	}

	rest := raw[len(injectionMagic):]
	if rest[0] != injectionVersion {
		return Injection{}, fmt.Errorf("%w: version %d, expected %d", ErrInjection, rest[0], injectionVersion)
	}
	height := binary.LittleEndian.Uint64(rest[1:])
	round := binary.LittleEndian.Uint32(rest[9:])
	flag := rest[13]
	rest = rest[14:]

	if height > math.MaxInt64 || round > math.MaxInt32 {
		return Injection{}, fmt.Errorf("%w: height or round out of range", ErrInjection)
	}
	in := Injection{Height: int64(height), Round: int32(round)}
	switch {
	case flag > 1:
		return Injection{}, fmt.Errorf("%w: beacon proof flag %d", ErrInjection, flag)
	case flag == 1 && len(rest) < BeaconProofBytes+2:
		return Injection{}, fmt.Errorf("%w: truncated beacon proof", ErrInjection)
	case flag == 1:
		in.BeaconProof = rest[:BeaconProofBytes:BeaconProofBytes]
		rest = rest[BeaconProofBytes:]
	}
	count := int(binary.LittleEndian.Uint16(rest))
	rest = rest[2:]

	switch {
	case count > MaxInjectionEntries:
		return Injection{}, fmt.Errorf("%w: %d entries, at most %d", ErrInjection, count, MaxInjectionEntries)
	case count*(entryHeaderBytes+1) > len(rest):
		return Injection{}, fmt.Errorf("%w: %d entries in %d bytes", ErrInjection, count, len(rest))
	}

	if count > 0 {
		in.Entries = make([]Entry, 0, count)
	}
	for i := range count {
		if len(rest) < entryHeaderBytes {
			return Injection{}, fmt.Errorf("%w: entry %d is truncated", ErrInjection, i)
		}
		sizeBytes := int(binary.LittleEndian.Uint16(rest[AddressBytes+SignatureBytes:]))
		if sizeBytes > len(rest)-entryHeaderBytes {
			return Injection{}, fmt.Errorf("%w: entry %d is truncated", ErrInjection, i)
		}
		in.Entries = append(in.Entries, Entry{
			Validator: rest[:AddressBytes:AddressBytes],
			Signature: rest[AddressBytes : AddressBytes+SignatureBytes : AddressBytes+SignatureBytes],
			Extension: rest[entryHeaderBytes : entryHeaderBytes+sizeBytes : entryHeaderBytes+sizeBytes],
		})
		if err := in.checkEntry(i); err != nil {
			return Injection{}, err
		}
		rest = rest[entryHeaderBytes+sizeBytes:]
	}
	if len(rest) > 0 {
		return Injection{}, fmt.Errorf("%w: %d bytes after the last entry", ErrInjection, len(rest))
	}
	return in, nil
}

// checkEntry checks the form of entry i and its place after entry i-1.
func (in Injection) checkEntry(i int) error {
	e := in.Entries[i]
	if len(e.Validator) != AddressBytes {
		return fmt.Errorf("%w: entry %d has an address of %d bytes", ErrInjection, i, len(e.Validator))
	}
	if len(e.Signature) != SignatureBytes {
		return fmt.Errorf("%w: entry %d has a signature of %d bytes", ErrInjection, i, len(e.Signature))
	}
	if i > 0 && bytes.Compare(e.Validator, in.Entries[i-1].Validator) <= 0 {
		return fmt.Errorf("%w: entry %d is out of order or twice", ErrInjection, i)
	}
	if _, err := DecodePayload(e.Extension); err != nil {
		return fmt.Errorf("%w: entry %d: %w", ErrInjection, i, err)
	}
	return nil
}
