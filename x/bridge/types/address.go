package types

import (
	"github.com/ethereum/go-ethereum/common"
	"github.com/mr-tron/base58"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// maxAddressBytes bounds the text of an address: base58 of 32 bytes has up to 44.
const maxAddressBytes = 44

// Parse reads an address as a chain writes it. It fails with ErrInvalidRecipient for anything else, and for zero.
func (f AddressForm) Parse(text string) (wire.Party, error) {
	var party wire.Party
	if len(text) > maxAddressBytes { // to decode base58 takes the square of its length
		return party, ErrInvalidRecipient.Wrapf("%d characters are no address", len(text))
	}
	switch f {
	case ADDRESS_FORM_ETHEREUM:
		address, err := common.NewMixedcaseAddressFromString(text)
		if err != nil || len(text) != 42 {
			return party, ErrInvalidRecipient.Wrapf("%q is no address of Ethereum: 0x and 40 hex digits are expected", text)
		}
		if hasBothCases(text[2:]) && !address.ValidChecksum() {
			return party, ErrInvalidRecipient.Wrapf("the checksum of %q is wrong: is it mistyped?", text)
		}
		copy(party[12:], address.Address().Bytes())
	case ADDRESS_FORM_SOLANA:
		raw, err := base58.Decode(text)
		if err != nil || len(raw) != len(party) {
			return party, ErrInvalidRecipient.Wrapf("%q is no address of Solana: base58 of 32 bytes is expected", text)
		}
		copy(party[:], raw)
	default:
		return party, ErrInvalidRecipient.Wrapf("addresses of form %s cannot be read", f)
	}
	if party == (wire.Party{}) {
		return party, ErrInvalidRecipient.Wrap("the address is zero")
	}
	return party, nil
}

// Format writes an address as the chain does: Ethereum's with the checksum in its letters, or all 32 bytes in hex where they are none.
func (f AddressForm) Format(party wire.Party) string {
	switch {
	case f == ADDRESS_FORM_ETHEREUM && [12]byte(party[:12]) == [12]byte{}:
		return common.BytesToAddress(party[12:]).Hex()
	case f == ADDRESS_FORM_SOLANA:
		return base58.Encode(party[:])
	}
	return party.String()
}

func hasBothCases(digits string) bool {
	upper, lower := false, false
	for _, c := range digits {
		upper = upper || c >= 'A' && c <= 'F'
		lower = lower || c >= 'a' && c <= 'f'
	}
	return upper && lower
}
