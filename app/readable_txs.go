package app

import (
	"github.com/cosmos/cosmos-sdk/client"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/app/abci"
)

// ReadableTxConfig is a transaction configuration for reading blocks: it decodes
// an injection as a transaction without messages, so that a search that finds
// one, such as by height, does not fail for it. It must not be used where
// transactions are judged or executed.
func ReadableTxConfig(config client.TxConfig) client.TxConfig {
	return readableTxConfig{config}
}

type readableTxConfig struct{ client.TxConfig }

// TxDecoder implements client.TxEncodingConfig.
func (c readableTxConfig) TxDecoder() sdk.TxDecoder {
	decode := c.TxConfig.TxDecoder()
	return func(raw []byte) (sdk.Tx, error) {
		if abci.IsInjection(raw) {
			return c.NewTxBuilder().GetTx(), nil
		}
		return decode(raw)
	}
}
