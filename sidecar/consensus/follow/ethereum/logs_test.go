package ethereum

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/stretchr/testify/require"
)

var (
	contract = common.HexToAddress("0xaa")
	topic    = common.HexToHash("0x01")
)

func filter() Filter {
	return Filter{Addresses: []common.Address{contract}, Topics: []*common.Hash{nil, &topic}}
}

// logJSON is a log that the filter selects.
func logJSON(block, index int) string {
	return fmt.Sprintf(`{"address":"%s","topics":["%s","%s"],"data":"0x01","blockNumber":"0x%x","blockHash":"%s","transactionHash":"%s","logIndex":"0x%x"}`,
		contract, common.HexToHash("0x09"), topic, block, hashOf(block), common.HexToHash("0x7"), index)
}

func hashOf(block int) common.Hash { return common.BytesToHash([]byte{0xff, byte(block)}) }

// lastBlock is the block with the number 9.
func lastBlock(t testing.TB) *block {
	t.Helper()
	h := hashOf(9)
	text := fmt.Sprintf(`{"number":"0x9","hash":"%s","parentHash":"%s","timestamp":"0x1","transactionsRoot":"%s","stateRoot":"%s","receiptsRoot":"%s"}`, h, h, h, h, h)
	b := new(block)
	require.NoError(t, json.Unmarshal([]byte(text), b))
	require.NoError(t, b.check())
	return b
}

func decode(t *testing.T, texts ...string) []*log {
	t.Helper()
	var found []*log
	require.NoError(t, json.Unmarshal([]byte("["+strings.Join(texts, ",")+"]"), &found))
	return found
}

func TestPagesEndWithABlock(t *testing.T) {
	pages, err := logs{filter()}.pages(decode(t, logJSON(7, 3), logJSON(5, 1), logJSON(7, 2)), 5, lastBlock(t))
	require.NoError(t, err)
	require.Len(t, pages, 3)
	require.Equal(t, uint64(6), pages[0].Cursor.Next)
	require.Equal(t, hashOf(5).Hex(), pages[0].Cursor.Hash)
	require.Len(t, pages[1].Changes, 2)
	require.Contains(t, string(pages[1].Changes[0].Line), `"log_index":2,`)
	require.Empty(t, pages[2].Changes)
	require.Equal(t, uint64(10), pages[2].Cursor.Next)

	pages, err = logs{filter()}.pages(decode(t, logJSON(9, 0)), 5, lastBlock(t))
	require.NoError(t, err)
	require.Len(t, pages, 1)
	require.Equal(t, hashOf(9).Hex(), pages[0].Cursor.Hash)
}

func TestLogsThatWereNotAskedFor(t *testing.T) {
	good := logJSON(7, 0)
	for name, texts := range map[string][]string{
		"null":            {"null"},
		"nothing":         {"{}"},
		"twice":           {good, good},
		"two blocks":      {good, strings.Replace(logJSON(7, 1), hashOf(7).Hex(), hashOf(8).Hex(), 1)},
		"before":          {logJSON(4, 0)},
		"behind":          {logJSON(10, 0)},
		"other contract":  {strings.Replace(good, "00AA", "00AB", 1)},
		"other topic":     {strings.Replace(good, topic.Hex(), common.HexToHash("0x02").Hex(), 1)},
		"one topic":       {strings.Replace(good, `,"`+topic.Hex()+`"`, "", 1)},
		"five topics":     {strings.Replace(good, topic.Hex()+`"`, topic.Hex()+strings.Repeat(`","`+topic.Hex(), 3)+`"`, 1)},
		"removed":         {strings.Replace(good, `{`, `{"removed":true,`, 1)},
		"another's block": {strings.Replace(logJSON(9, 0), hashOf(9).Hex(), hashOf(8).Hex(), 1)},
	} {
		_, err := logs{filter()}.pages(decode(t, texts...), 5, lastBlock(t))
		require.Error(t, err, name)
	}
}

func TestWhatIsNoBlock(t *testing.T) {
	for _, text := range []string{`{}`, `{"number":"0x1"}`} {
		b := new(block)
		require.NoError(t, json.Unmarshal([]byte(text), b))
		require.Error(t, b.check())
	}
	b := lastBlock(t)
	*b.Number = 1e12
	require.ErrorContains(t, b.check(), "is no block's number")
}

func TestTheQuestionForLogs(t *testing.T) {
	f := filter()
	raw, err := json.Marshal(f.question(16, 17))
	require.NoError(t, err)
	require.Equal(t, `{"address":["`+strings.ToLower(contract.Hex())+`"],"fromBlock":"0x10","toBlock":"0x11","topics":[null,"`+topic.Hex()+`"]}`, string(raw))
}

// FuzzLogs feeds the reader of logs: it never panics, and pages are in order, without repetition and within the range.
func FuzzLogs(f *testing.F) {
	f.Add([]byte("[" + logJSON(7, 0) + "," + logJSON(5, 1) + "]"))
	f.Add([]byte(`[null,{}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var found []*log
		if json.Unmarshal(raw, &found) != nil {
			return
		}
		pages, err := logs{filter()}.pages(found, 5, lastBlock(t))
		if err != nil {
			return
		}
		next, changes := uint64(5), 0
		for _, p := range pages {
			require.Greater(t, p.Cursor.Next, next)
			for _, c := range p.Changes {
				require.Equal(t, p.Cursor.Next-1, c.Position)
				require.True(t, json.Valid(c.Line))
			}
			next, changes = p.Cursor.Next, changes+len(p.Changes)
		}
		require.Equal(t, uint64(10), next)
		require.Equal(t, len(found), changes)
	})
}
