package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/holiman/uint256"
)

const assetTag = "IPDM/asset/v1"

// AssetID names an asset on every chain by where it comes from: a token of the chain with the domain's number. IPDM's own
// tokens are named by DenomToken.
func AssetID(d Domain, token Party) Hash {
	return Sum([]byte(assetTag), binary.BigEndian.AppendUint32(nil, uint32(d)), token[:])
}

// DenomToken returns the token that stands for a denomination of IPDM.
func DenomToken(denom string) Party { return Party(Sum([]byte(denom))) }

// Transfer is the payload of KindTransfer.
type Transfer struct {
	Asset  Hash
	Amount *uint256.Int // in the asset's smallest unit
}

// Encode returns the 64 bytes of a transfer.
func (t Transfer) Encode() []byte {
	amount := t.Amount.Bytes32()
	return append(append(make([]byte, 0, 64), t.Asset[:]...), amount[:]...)
}

// DecodeTransfer reads the payload of a transfer. It fails with ErrMalformed if the bytes are none, or the amount is zero.
func DecodeTransfer(raw []byte) (Transfer, error) {
	if len(raw) != 64 {
		return Transfer{}, fmt.Errorf("%w transfer: expected 64 bytes, got %d", ErrMalformed, len(raw))
	}
	t := Transfer{Asset: Hash(raw[:32]), Amount: new(uint256.Int).SetBytes32(raw[32:])}
	if t.Amount.IsZero() {
		return Transfer{}, fmt.Errorf("%w transfer: the amount is zero", ErrMalformed)
	}
	return t, nil
}

// Status is what became of a message.
type Status uint8

// What becomes of messages.
const (
	StatusDone    Status = 1
	StatusRefused Status = 2 // by the recipient, or because it cannot be done
)

// Delivery is the payload of KindDelivery.
type Delivery struct {
	Nonce  uint64 // of the message
	Status Status
}

// Encode returns the 9 bytes of a delivery.
func (d Delivery) Encode() []byte {
	return append(binary.BigEndian.AppendUint64(nil, d.Nonce), byte(d.Status))
}

// DecodeDelivery reads the payload of a delivery. It fails with ErrMalformed if the bytes are none.
func DecodeDelivery(raw []byte) (Delivery, error) {
	if len(raw) != 9 {
		return Delivery{}, fmt.Errorf("%w delivery: expected 9 bytes, got %d", ErrMalformed, len(raw))
	}
	d := Delivery{Nonce: binary.BigEndian.Uint64(raw), Status: Status(raw[8])}
	if d.Status != StatusDone && d.Status != StatusRefused {
		return Delivery{}, fmt.Errorf("%w delivery: status %d", ErrMalformed, d.Status)
	}
	return d, nil
}
