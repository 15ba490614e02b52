package chain

import (
	"fmt"
	"sync"

	addresscodec "github.com/cosmos/cosmos-sdk/codec/address"
	sdk "github.com/cosmos/cosmos-sdk/types"
)

// Constants of the network that every signer agrees on.
const (
	// AddressPrefix is the human-readable part of account addresses.
	AddressPrefix = "ipdm"
	// BaseDenom is the smallest unit of the coin; all amounts on chain are in it.
	BaseDenom = "aipdm"
	// CoinType is the SLIP-44 coin type of derivation paths, that of Ethereum.
	CoinType = 60
)

// Configure sets the SDK's process-wide address prefixes and coin type, once. It is safe for concurrent use and does nothing
// when they are set already, so it does not matter whether another part of the program did it and sealed them. Everything
// in this package calls it that needs it.
func Configure() { configureOnce() }

var configureOnce = sync.OnceFunc(func() {
	config := sdk.GetConfig()
	if config.GetBech32AccountAddrPrefix() == AddressPrefix && config.GetCoinType() == CoinType {
		return
	}
	config.SetBech32PrefixForAccount(AddressPrefix, AddressPrefix+"pub")
	config.SetBech32PrefixForValidator(AddressPrefix+"valoper", AddressPrefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(AddressPrefix+"valcons", AddressPrefix+"valconspub")
	config.SetPurpose(44)
	config.SetCoinType(CoinType)
})

// FormatAddress returns the text form of a raw account address.
func FormatAddress(raw []byte) (string, error) {
	text, err := addresscodec.NewBech32Codec(AddressPrefix).BytesToString(raw)
	if err != nil {
		return "", fmt.Errorf("failed to format address: %w", err)
	}
	return text, nil
}

// ParseAddress returns the raw form of an account address. It fails for every other prefix.
func ParseAddress(text string) ([]byte, error) {
	raw, err := addresscodec.NewBech32Codec(AddressPrefix).StringToBytes(text)
	if err != nil {
		return nil, fmt.Errorf("invalid address %q: %w", text, err)
	}
	return raw, nil
}
