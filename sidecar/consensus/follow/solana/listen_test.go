package solana

import (
	"encoding/json"
	"fmt"
	"testing"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"
)

const (
	accountJSON = `{"lamports":7,"owner":"BPFLoaderUpgradeab1e11111111111111111111111","data":["AQI=","base64"],"executable":false,"rentEpoch":1,"space":2}`
	accountNote = `{"jsonrpc":"2.0","method":"accountNotification","params":{"result":{"context":{"slot":9},"value":` + accountJSON + `},"subscription":42}}`
	programNote = `{"jsonrpc":"2.0","method":"programNotification","params":{"result":{"context":{"slot":9},"value":{"pubkey":` +
		`"SysvarC1ock11111111111111111111111111111111","account":` + accountJSON + `}},"subscription":42}}`
)

func confirmed(id, subscription int) string {
	return fmt.Sprintf(`{"jsonrpc":"2.0","result":%d,"id":%d}`, subscription, id)
}

func TestASubscriptionStandsWhenAllAreConfirmed(t *testing.T) {
	l := newListener([]solanago.PublicKey{other, one}, solanago.PublicKey{}, 10)
	raw, err := json.Marshal(l.requests())
	require.NoError(t, err)
	require.Equal(t, `[{"id":0,"jsonrpc":"2.0","method":"accountSubscribe","params":["SysvarRent111111111111111111111111111111111",`+
		`{"commitment":"finalized","encoding":"base64"}]},{"id":1,"jsonrpc":"2.0","method":"accountSubscribe","params":[`+
		`"SysvarC1ock11111111111111111111111111111111",{"commitment":"finalized","encoding":"base64"}]}]`, string(raw))
	n, err := l.read([]byte(confirmed(1, 42)))
	require.NoError(t, err)
	require.Nil(t, n)
	n, err = l.read([]byte(accountNote))
	require.NoError(t, err)
	require.Equal(t, sighting{9, one, n.state}, n.sighting)
	require.Equal(t, uint64(7), n.state.Lamports)
	n, err = l.read([]byte(confirmed(0, 43)))
	require.NoError(t, err)
	require.True(t, n.subscribed)
}

func TestNoticesOfAProgram(t *testing.T) {
	l := newListener(nil, owner, 10)
	n, err := l.read([]byte(confirmed(0, 42)))
	require.NoError(t, err)
	require.True(t, n.subscribed)
	n, err = l.read([]byte(programNote))
	require.NoError(t, err)
	require.Equal(t, one, n.address)
	require.Equal(t, uint64(9), n.slot)
}

func TestMessagesThatSayNothing(t *testing.T) {
	for _, text := range []string{
		``, `{}`, `[]`, `null`, `{"id":1,"result":5}`, `{"id":-1,"result":5}`, `{"id":0,"result":"x"}`, accountNote, `{"params":{}}`,
		`{"id":0,"error":{"code":-32000,"message":"Subscription refused"}}`,
	} {
		_, err := newListener(nil, owner, 10).read([]byte(text))
		require.Error(t, err, text)
	}
	for _, result := range []string{
		`{}`, `{"context":{"slot":1}}`, `{"context":{"slot":1},"value":{}}`, `{"context":{"slot":1},"value":` + accountJSON + `}`,
		`{"context":{"slot":1000000000000},"value":{"pubkey":"SysvarC1ock11111111111111111111111111111111","account":` + accountJSON + `}}`,
	} {
		l := newListener(nil, owner, 1)
		_, err := l.read([]byte(confirmed(0, 42)))
		require.NoError(t, err)
		_, err = l.read([]byte(`{"params":{"subscription":42,"result":` + result + `}}`))
		if err == nil {
			continue // of an account that is not there
		}
		require.NotContains(t, err.Error(), "unknown subscription", result)
	}
}

// FuzzListener feeds the reader of messages: it never panics, and what it accepts is an account within the bounds.
func FuzzListener(f *testing.F) {
	for _, text := range []string{accountNote, programNote, confirmed(0, 42), `{"id":0,"error":{}}`, `{"params":{"result":{"context":{"slot":1}},"subscription":42}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, l := range []*listener{newListener(nil, owner, 10), newListener([]solanago.PublicKey{one}, owner, 10)} {
			l.standing[42] = 0
			n, err := l.read(raw)
			if err != nil || n == nil || n.subscribed {
				continue
			}
			require.NoError(t, n.state.check(n.address, 10))
			_, err = n.state.change(n.address, n.slot)
			require.NoError(t, err)
			require.NotEmpty(t, n.state.digest())
		}
	})
}
