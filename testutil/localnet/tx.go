package localnet

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/url"
	"path/filepath"
	"time"
)

// TxResult is what became of a transaction.
type TxResult struct {
	Hash   string `json:"txhash"`
	Height string `json:"height"`
	Code   uint32 `json:"code"`
	Log    string `json:"raw_log"`
	Events []struct {
		Type       string `json:"type"`
		Attributes []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"attributes"`
	} `json:"events"`
}

// Attribute returns a field of a typed event, without the quotes of its JSON; empty if there is none.
func (r TxResult) Attribute(event, key string) string {
	for _, e := range r.Events {
		for _, a := range e.Attributes {
			if e.Type != event || a.Key != key {
				continue
			}
			var text string
			if json.Unmarshal([]byte(a.Value), &text) == nil {
				return text
			}
			return a.Value
		}
	}
	return ""
}

// Tx sends a transaction of a key with `ipdmd tx`, and waits until a block has it. It fails if the chain refuses it.
func (n *Network) Tx(ctx context.Context, key KeyEndpoint, args ...string) (TxResult, error) {
	args = append(append([]string{"tx"}, args...),
		"--from", key.Name, "--keyring-dir", key.KeyringDir, "--keyring-backend", key.KeyringBackend,
		"--chain-id", n.endpoints.ChainID, "--node", n.endpoints.Nodes[0].RPC, "--gas", "3000000", "--yes", "--output", "json",
		"--home", filepath.Join(n.opts.Dir, "chain"))
	var sent TxResult
	if err := runJSON(ctx, &sent, n.Binary("ipdmd"), args...); err != nil {
		return TxResult{}, err
	}
	if sent.Code != 0 {
		return sent, fmt.Errorf("the chain refuses the transaction: %s", sent.Log)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	found := struct {
		Tx TxResult `json:"tx_response"`
	}{sent}
	err := poll(ctx, "a block with the transaction", func(ctx context.Context) error {
		return n.Get(ctx, &found, "/cosmos/tx/v1beta1/txs/"+sent.Hash)
	})
	if err == nil && found.Tx.Code != 0 {
		err = fmt.Errorf("the transaction failed: %s", found.Tx.Log)
	}
	return found.Tx, err
}

// Balance returns how much of a denomination an account has.
func (n *Network) Balance(ctx context.Context, address, denom string) (*big.Int, error) {
	var said struct {
		Balance struct {
			Amount string `json:"amount"`
		} `json:"balance"`
	}
	if err := n.Get(ctx, &said, "/cosmos/bank/v1beta1/balances/"+address+"/by_denom?denom="+url.QueryEscape(denom)); err != nil {
		return nil, err
	}
	amount, ok := new(big.Int).SetString(said.Balance.Amount, 10)
	if !ok {
		return nil, fmt.Errorf("the chain says that %s has %q", address, said.Balance.Amount)
	}
	return amount, nil
}

// NewAccount makes a key, and gives it funds of the faucet's.
func (n *Network) NewAccount(ctx context.Context, name, funds string) (KeyEndpoint, error) {
	key, err := addKey(ctx, n.opts, name, filepath.Join(n.opts.Dir, "accounts"))
	if err != nil {
		return KeyEndpoint{}, err
	}
	_, err = n.Tx(ctx, n.endpoints.FaucetKey, "bank", "send", n.endpoints.FaucetKey.Name, key.Address, funds)
	return key, err
}
