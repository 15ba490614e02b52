package solana

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

func TestRefusal(t *testing.T) {
	for text, is := range map[string]error{
		`"AccountNotFound"`:                                      relayer.ErrFunds,
		`"InsufficientFundsForFee"`:                              relayer.ErrFunds,
		`{"InsufficientFundsForRent":{"account_index":0}}`:       relayer.ErrFunds,
		`{"InstructionError":[2,{"Custom":1}]}`:                  relayer.ErrFunds,
		`{"InstructionError":[2,{"Custom":7027}]}`:               relayer.ErrStale,
		`{"InstructionError":[2,{"Custom":7024}]}`:               program.CodeCheckpointHeight,
		`{"InstructionError":[2,{"Custom":12}]}`:                 program.Code(12),
		`"BlockhashNotFound"`:                                    nil,
		`{"InstructionError":[2,"ComputationalBudgetExceeded"]}`: nil,
		`{"InstructionError":[2]}`:                               nil,
		`{"InstructionError":7}`:                                 nil,
		`{"InstructionError":[2,{"Custom":-1}]}`:                 nil,
		`[]`:                                                     nil,
		`{}`:                                                     nil,
		`7`:                                                      nil,
	} {
		var decoded any
		require.NoError(t, json.Unmarshal([]byte(text), &decoded))
		err := refusal(decoded)
		require.Error(t, err, text)
		if is != nil {
			require.ErrorIs(t, err, is, text)
			continue
		}
		require.ErrorContains(t, err, text, "it says what came")
		require.NotErrorIs(t, err, relayer.ErrFunds, text)
		require.NotErrorIs(t, err, relayer.ErrStale, text)
	}
}
