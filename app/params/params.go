package params

import (
	"fmt"
	"math/big"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

const (
	// AppName is the name under which the chain reports itself.
	AppName = "ipdm"

	// AccountPrefix is the human-readable part of bech32 account addresses.
	// Validator operators use ipdmvaloper and consensus keys ipdmvalcons.
	AccountPrefix = "ipdm"

	// BaseDenom is the smallest unit of the coin. All amounts in state and in
	// transactions are in it.
	BaseDenom = "aipdm"

	// DisplayDenom is the unit people read: 1 IPDM = 10^18 aipdm.
	DisplayDenom = "IPDM"

	// DenomDecimals is the number of decimals between DisplayDenom and BaseDenom.
	DenomDecimals = 18

	// CoinType is the SLIP-44 coin type of derivation paths. It is Ethereum's,
	// so that one mnemonic gives the same key in an Ethereum wallet.
	CoinType = 60

	// DefaultKeyType is the key algorithm of a new account.
	DefaultKeyType = "eth_secp256k1"

	// LegacyKeyType is the other accepted key algorithm of accounts.
	LegacyKeyType = "secp256k1"
)

// OneIPDM is 1 IPDM in aipdm. It is also the power reduction: one unit of
// consensus power stands for one staked IPDM.
func OneIPDM() sdkmath.Int {
	return sdkmath.NewIntFromBigInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(DenomDecimals), nil))
}

// IPDM returns the coin worth the given whole number of IPDM.
func IPDM(amount int64) sdk.Coin {
	return sdk.NewCoin(BaseDenom, OneIPDM().MulRaw(amount))
}

// Configure sets the process-wide SDK settings (address prefixes, coin type,
// default denomination and power reduction) to those of IPDM. It may be called
// several times; it must be called before any address is formatted or any
// default genesis made. Importing package app calls it.
func Configure() {
	sdk.DefaultBondDenom = BaseDenom
	sdk.DefaultPowerReduction = OneIPDM()

	config := sdk.GetConfig()
	if config.GetBech32AccountAddrPrefix() == AccountPrefix && config.GetCoinType() == CoinType {
		return
	}
	config.SetBech32PrefixForAccount(AccountPrefix, AccountPrefix+"pub")
	config.SetBech32PrefixForValidator(AccountPrefix+"valoper", AccountPrefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(AccountPrefix+"valcons", AccountPrefix+"valconspub")
	config.SetPurpose(44)
	config.SetCoinType(CoinType)
}

// FullHDPath is the derivation path of the account with the given index.
func FullHDPath(index uint32) string {
	return fmt.Sprintf("m/44'/%d'/0'/0/%d", CoinType, index)
}
