package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/holiman/uint256"
)

// MaxSymbolBytes bounds the symbol of a registered asset.
const MaxSymbolBytes = 16

// Operation is what a control message does.
type Operation uint8

// The operations of control messages.
const (
	RegisterMinted Operation = 1
	RegisterLocked Operation = 2
	SetLimit       Operation = 3
	SetGuardian    Operation = 4
	Unpause        Operation = 5
)

// Control is the payload of KindControl. Which fields count depends on the operation.
type Control struct {
	Operation     Operation
	Asset         Hash         // RegisterMinted, RegisterLocked, SetLimit
	Decimals      uint8        // RegisterMinted
	Symbol        string       // RegisterMinted, 1 to MaxSymbolBytes
	Token         Party        // RegisterLocked
	Limit         *uint256.Int // SetLimit, per window
	WindowSeconds uint32       // SetLimit
	Guardian      Party        // SetGuardian
}

// Encode returns the bytes of a control message's payload. It fails with ErrMalformed for an operation that does not exist
// and for a symbol of a wrong length.
func (c Control) Encode() ([]byte, error) {
	out := []byte{byte(c.Operation)}
	switch c.Operation {
	case RegisterMinted:
		if len(c.Symbol) == 0 || len(c.Symbol) > MaxSymbolBytes {
			return nil, fmt.Errorf("%w control: a symbol has 1 to %d bytes, not %d", ErrMalformed, MaxSymbolBytes, len(c.Symbol))
		}
		out = append(append(out, c.Asset[:]...), c.Decimals, byte(len(c.Symbol)))
		return append(out, c.Symbol...), nil
	case RegisterLocked:
		return append(append(out, c.Asset[:]...), c.Token[:]...), nil
	case SetLimit:
		limit := c.Limit.Bytes32()
		out = append(append(out, c.Asset[:]...), limit[:]...)
		return binary.BigEndian.AppendUint32(out, c.WindowSeconds), nil
	case SetGuardian:
		return append(out, c.Guardian[:]...), nil
	case Unpause:
		return out, nil
	}
	return nil, fmt.Errorf("%w control: operation %d", ErrMalformed, c.Operation)
}

// DecodeControl reads the payload of a control message. It fails with ErrMalformed if the bytes are none.
func DecodeControl(raw []byte) (Control, error) {
	if len(raw) == 0 {
		return Control{}, fmt.Errorf("%w control: no bytes", ErrMalformed)
	}
	c := Control{Operation: Operation(raw[0])}
	in := cursor(raw[1:])
	expected, known := map[Operation]int{RegisterMinted: 34, RegisterLocked: 64, SetLimit: 68, SetGuardian: 32, Unpause: 0}[c.Operation]
	symbolBytes := 0
	if c.Operation == RegisterMinted && len(in) >= expected {
		symbolBytes = int(in[33])
	}
	switch {
	case !known:
		return Control{}, fmt.Errorf("%w control: operation %d", ErrMalformed, c.Operation)
	case len(in) != expected+symbolBytes:
		return Control{}, fmt.Errorf("%w control: %d bytes for operation %d", ErrMalformed, len(raw), c.Operation)
	}
	switch c.Operation {
	case RegisterMinted:
		c.Asset, c.Decimals = in.word(), in.u8()
		if n := in.u8(); n == 0 || n > MaxSymbolBytes {
			return Control{}, fmt.Errorf("%w control: a symbol has 1 to %d bytes, not %d", ErrMalformed, MaxSymbolBytes, n)
		}
		c.Symbol = string(in)
	case RegisterLocked:
		c.Asset, c.Token = in.word(), in.word()
	case SetLimit:
		c.Asset, c.Limit, c.WindowSeconds = in.word(), new(uint256.Int).SetBytes32(in.take(32)), in.u32()
	case SetGuardian:
		c.Guardian = in.word()
	case Unpause:
	}
	return c, nil
}
