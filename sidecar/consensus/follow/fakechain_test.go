package follow_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/stretchr/testify/require"
)

// contract is the one whose logs the fake chain has: two in every third block.
const contract = "0x00000000000000000000000000000000000000aa"

// fakeChain is an endpoint of an Ethereum whose blocks are finalized by command.
type fakeChain struct {
	*httptest.Server

	mu        sync.Mutex
	chainID   string // guarded by mu
	finalized uint64 // guarded by mu
	fork      uint64 // guarded by mu: blocks from here on have other hashes
	maxRange  uint64 // guarded by mu: of eth_getLogs, if not 0
	down      bool   // guarded by mu
	secret    bool   // guarded by mu: logs are refused
	asked     map[string]int
}

func newFakeChain(t testing.TB, finalized uint64) *fakeChain {
	c := &fakeChain{chainID: "0x7a69", finalized: finalized, fork: 1 << 40, asked: map[string]int{}}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	return c
}

func (c *fakeChain) set(change func(c *fakeChain)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(c)
}

type question struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
}

func (c *fakeChain) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	var raw json.RawMessage
	_ = json.NewDecoder(r.Body).Decode(&raw)
	var batch []question
	if json.Unmarshal(raw, &batch) == nil {
		answers := make([]any, len(batch))
		for i, q := range batch {
			answers[i] = c.answer(q)
		}
		_ = json.NewEncoder(w).Encode(answers)
		return
	}
	var q question
	_ = json.Unmarshal(raw, &q)
	_ = json.NewEncoder(w).Encode(c.answer(q))
}

func (c *fakeChain) answer(q question) any {
	c.asked[q.Method]++
	reply := map[string]any{"jsonrpc": "2.0", "id": q.ID}
	switch q.Method {
	case "eth_chainId":
		reply["result"] = c.chainID
	case "eth_getBlockByNumber":
		var tag string
		_ = json.Unmarshal(q.Params[0], &tag)
		number := c.finalized
		if tag != "finalized" {
			number, _ = hexutil.DecodeUint64(tag)
		}
		reply["result"] = c.block(number)
	case "eth_getLogs":
		var f struct{ FromBlock, ToBlock hexutil.Uint64 }
		_ = json.Unmarshal(q.Params[0], &f)
		if c.secret || c.maxRange > 0 && uint64(f.ToBlock-f.FromBlock) >= c.maxRange {
			reply["error"] = map[string]any{"code": -32005, "message": "the range is too large"}
			break
		}
		logs := []any{}
		for number := uint64(f.ToBlock); number >= uint64(f.FromBlock) && number > 0; number-- { // backwards: nothing promises an order
			for i := 0; number%3 == 0 && i < 2; i++ {
				logs = append(logs, map[string]any{
					"address": contract, "topics": []string{hash("topic", 1)}, "data": "0x0102", "blockNumber": hexutil.EncodeUint64(number),
					"blockHash": c.hash(number), "transactionHash": hash("tx", number), "logIndex": hexutil.EncodeUint64(uint64(i)),
				})
			}
		}
		reply["result"] = logs
	}
	return reply
}

func hash(of string, n uint64) string {
	return hexutil.Encode(crypto.Keccak256(fmt.Appendf(nil, "%s %d", of, n)))
}

func (c *fakeChain) hash(number uint64) string {
	if number >= c.fork {
		return hash("fork", number)
	}
	return hash("block", number)
}

func (c *fakeChain) block(number uint64) any {
	if number > c.finalized {
		return nil
	}
	parent := hash("nothing", 0)
	if number > 0 {
		parent = c.hash(number - 1)
	}
	return map[string]any{
		"number": hexutil.EncodeUint64(number), "hash": c.hash(number), "parentHash": parent, "timestamp": hexutil.EncodeUint64(1000 + number),
		"transactionsRoot": hash("txs", number), "stateRoot": hash("state", number), "receiptsRoot": hash("receipts", number),
		"transactions": []string{hash("tx", number)},
	}
}

func TestTheFakeChainHasTwoLogsInEveryThirdBlock(t *testing.T) {
	c := newFakeChain(t, 10)
	reply := c.answer(question{Method: "eth_getLogs", Params: []json.RawMessage{json.RawMessage(`{"fromBlock":"0x1","toBlock":"0xa"}`)}})
	require.Len(t, reply.(map[string]any)["result"], 6)
}
