package faultproxy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
)

// blockParam is where each method of Ethereum's RPC takes the block to read from.
var blockParam = map[string]int{
	"eth_getBlockByNumber":                 0,
	"eth_getBlockTransactionCountByNumber": 0,
	"eth_getBlockReceipts":                 0,
	"eth_getBalance":                       1,
	"eth_getCode":                          1,
	"eth_getTransactionCount":              1,
	"eth_call":                             1,
	"eth_estimateGas":                      1,
	"eth_feeHistory":                       1,
	"eth_getStorageAt":                     2,
	"eth_getProof":                         2,
}

var null = json.RawMessage("null")

// Lag answers as an Ethereum node does that is some blocks behind: the latest, safe and finalized blocks are that much
// older, what is in later blocks is not there yet. Methods that read no blocks, such as sending, are forwarded.
func Lag(blocks uint64) Fault {
	return func(ctx context.Context, p *Proxy, request *Request) (json.RawMessage, error) {
		head, err := p.height(ctx, "latest")
		if err != nil {
			return nil, err
		}
		lagged := &laggedRequest{Request: request, proxy: p, blocks: blocks, head: head - min(blocks, head)}
		answer, err := lagged.answer(ctx)
		if err != nil {
			return nil, fmt.Errorf("failed to answer %s as of block %d: %w", request.Method, lagged.head, err)
		}
		return answer, nil
	}
}

// laggedRequest is a request that is answered as of the block head.
type laggedRequest struct {
	*Request
	proxy  *Proxy
	blocks uint64
	head   uint64
}

func (r *laggedRequest) answer(ctx context.Context) (json.RawMessage, error) {
	switch r.Method {
	case "eth_blockNumber":
		return r.result(quantity(r.head))
	case "eth_getTransactionReceipt", "eth_getTransactionByHash":
		return r.unlessLater(ctx, "blockNumber")
	case "eth_getBlockByHash":
		return r.unlessLater(ctx, "number")
	case "eth_getLogs":
		return r.logs(ctx)
	}
	if at, ok := blockParam[r.Method]; ok {
		return r.asOf(ctx, at)
	}
	return r.proxy.Forward(ctx, r.Request)
}

// asOf forwards the request with an older block for a tag. A block that is not there yet is null.
func (r *laggedRequest) asOf(ctx context.Context, at int) (json.RawMessage, error) {
	var params []json.RawMessage
	if err := json.Unmarshal(r.Params, &params); err != nil {
		return nil, fmt.Errorf("%d params expected: %w", at+1, err)
	}
	if len(params) <= at {
		params = append(params, json.RawMessage(`"latest"`))
	}
	if len(params) <= at {
		return r.proxy.Forward(ctx, r.Request) // the node says what is missing
	}
	block, later, err := r.block(ctx, params[at])
	if err != nil {
		return nil, err
	}
	if later {
		return r.result(null)
	}
	params[at] = block
	changed := *r.Request
	if changed.Params, err = json.Marshal(params); err != nil {
		return nil, err
	}
	return r.proxy.Forward(ctx, &changed)
}

// block returns the older block for a tag, other blocks as they are, and whether the block is later than the head.
func (r *laggedRequest) block(ctx context.Context, block json.RawMessage) (json.RawMessage, bool, error) {
	var text string
	if err := json.Unmarshal(block, &text); err != nil {
		return block, false, nil //nolint:nilerr // an object names a block by its hash
	}
	switch text {
	case "latest", "pending":
		return quantity(r.head), false, nil
	case "safe", "finalized":
		number, err := r.proxy.height(ctx, text)
		return quantity(number - min(r.blocks, number)), false, err
	}
	number, err := strconv.ParseUint(text, 0, 64)
	return block, err == nil && number > r.head, nil
}

// unlessLater forwards the request; what is of a block after the head is null.
func (r *laggedRequest) unlessLater(ctx context.Context, field string) (json.RawMessage, error) {
	answer, err := r.proxy.Forward(ctx, r.Request)
	if err != nil || answer == nil {
		return nil, err
	}
	var message struct {
		Result map[string]json.RawMessage `json:"result"`
	}
	if err := json.Unmarshal(answer, &message); err != nil {
		return nil, err
	}
	var text string
	if number := message.Result[field]; number == nil || bytes.Equal(number, null) {
		return answer, nil
	} else if err := json.Unmarshal(number, &text); err != nil {
		return nil, err
	}
	number, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		return nil, err
	}
	if number > r.head {
		return r.result(null)
	}
	return answer, nil
}

// logs forwards a filter whose blocks end at the head; there are no logs where it begins after that.
func (r *laggedRequest) logs(ctx context.Context) (json.RawMessage, error) {
	var params []map[string]json.RawMessage
	if err := json.Unmarshal(r.Params, &params); err != nil || len(params) != 1 {
		return r.proxy.Forward(ctx, r.Request) // the node says what is wrong
	}
	filter := params[0]
	if _, byHash := filter["blockHash"]; byHash {
		return r.proxy.Forward(ctx, r.Request)
	}
	for _, end := range []string{"fromBlock", "toBlock"} {
		asked := filter[end]
		if asked == nil || bytes.Equal(asked, null) {
			asked = json.RawMessage(`"latest"`)
		}
		block, later, err := r.block(ctx, asked)
		if err != nil {
			return nil, err
		}
		if later && end == "fromBlock" {
			return r.result(json.RawMessage("[]"))
		}
		if later {
			block = quantity(r.head)
		}
		filter[end] = block
	}
	changed := *r.Request
	var err error
	if changed.Params, err = json.Marshal(params); err != nil {
		return nil, err
	}
	return r.proxy.Forward(ctx, &changed)
}

// height asks the node for the number of the block with a tag.
func (p *Proxy) height(ctx context.Context, tag string) (uint64, error) {
	result, err := p.Call(ctx, "eth_getBlockByNumber", tag, false)
	if err != nil {
		return 0, err
	}
	var block struct {
		Number string `json:"number"`
	}
	if err := json.Unmarshal(result, &block); err != nil {
		return 0, fmt.Errorf("%w: %w", errUpstream, err)
	}
	number, err := strconv.ParseUint(block.Number, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: the %s block has the number %q", errUpstream, tag, block.Number)
	}
	return number, nil
}

// quantity writes a number as Ethereum's RPC does.
func quantity(number uint64) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`"0x%x"`, number))
}
