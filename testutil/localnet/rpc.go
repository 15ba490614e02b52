package localnet

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRPCAnswer bounds an answer of a node's RPC.
const maxRPCAnswer = 16 << 20

// BlockTime is a block's height and header time.
type BlockTime struct {
	Height int64
	Time   time.Time
}

// Height returns the latest height that the validator at the RPC URL has committed.
func Height(ctx context.Context, rpc string) (int64, error) {
	var status struct {
		SyncInfo struct {
			LatestBlockHeight string `json:"latest_block_height"`
		} `json:"sync_info"`
	}
	if err := rpcGet(ctx, rpc+"/status", &status); err != nil {
		return 0, err
	}
	return strconv.ParseInt(status.SyncInfo.LatestBlockHeight, 10, 64)
}

// Header returns the header time of one block.
func Header(ctx context.Context, rpc string, height int64) (BlockTime, error) {
	var header struct {
		Header struct {
			Time time.Time `json:"time"`
		} `json:"header"`
	}
	if err := rpcGet(ctx, fmt.Sprintf("%s/header?height=%d", rpc, height), &header); err != nil {
		return BlockTime{}, err
	}
	return BlockTime{Height: height, Time: header.Header.Time}, nil
}

// AppHash returns the app hash in the header of one block, as hex: that of the state behind the block before.
func AppHash(ctx context.Context, rpc string, height int64) (string, error) {
	var header struct {
		Header struct {
			AppHash string `json:"app_hash"`
		} `json:"header"`
	}
	if err := rpcGet(ctx, fmt.Sprintf("%s/header?height=%d", rpc, height), &header); err != nil {
		return "", err
	}
	return "0x" + strings.ToLower(header.Header.AppHash), nil
}

// signerWindow is over how many of the latest blocks Signers looks: with a commit timeout of zero a block's commit holds
// the votes that came in time, at least two thirds, and a healthy validator may be missing from single ones.
const signerWindow = 5

// Signers returns the consensus addresses (hex) of the validators whose votes are in one of the latest commits.
func Signers(ctx context.Context, rpc string) (map[string]bool, error) {
	height, err := Height(ctx, rpc)
	if err != nil {
		return nil, err
	}
	signers := map[string]bool{}
	// The commit of the latest block itself is only what this node had seen when it went on.
	for h := max(1, height-signerWindow); h < height; h++ {
		var commit struct {
			SignedHeader struct {
				Commit struct {
					Signatures []struct {
						BlockIDFlag      int    `json:"block_id_flag"`
						ValidatorAddress string `json:"validator_address"`
					} `json:"signatures"`
				} `json:"commit"`
			} `json:"signed_header"`
		}
		if err := rpcGet(ctx, fmt.Sprintf("%s/commit?height=%d", rpc, h), &commit); err != nil {
			return nil, err
		}
		for _, signature := range commit.SignedHeader.Commit.Signatures {
			if signature.BlockIDFlag == 2 { // committed, for the block
				signers[signature.ValidatorAddress] = true
			}
		}
	}
	return signers, nil
}

// Get asks the first validator's REST API and decodes the answer, which has the fields that Query's has. It is for what is asked again and
// again: Query starts a program each time.
func (n *Network) Get(ctx context.Context, into any, path string) error {
	url := n.endpoints.Nodes[0].REST + path
	raw, status, err := get(ctx, url)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s answered with HTTP status %d: %.300s", url, status, raw)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("failed to decode the answer of %s: %w", url, err)
	}
	return nil
}

func rpcGet(ctx context.Context, url string, into any) error {
	raw, _, err := get(ctx, url)
	if err != nil {
		return err
	}
	var envelope struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Message string `json:"message"`
			Data    string `json:"data"`
		} `json:"error"`
	}
	if err := json.Unmarshal(raw, &envelope); err != nil {
		return fmt.Errorf("failed to decode the answer of %s: %w", url, err)
	}
	if envelope.Error != nil {
		return fmt.Errorf("%s answered: %s: %s", url, envelope.Error.Message, envelope.Error.Data)
	}
	if err := json.Unmarshal(envelope.Result, into); err != nil {
		return fmt.Errorf("failed to decode the answer of %s: %w", url, err)
	}
	return nil
}

// get returns the body that a URL answers with, and the HTTP status.
func get(ctx context.Context, url string) (body []byte, status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("failed to ask %s: %w", url, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("failed to ask %s: %w", url, err)
	}
	defer response.Body.Close()
	body, err = io.ReadAll(io.LimitReader(response.Body, maxRPCAnswer))
	if err != nil {
		return nil, 0, fmt.Errorf("failed to read the answer of %s: %w", url, err)
	}
	return body, response.StatusCode, nil
}
