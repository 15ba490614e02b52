package solana

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	solanago "github.com/gagliardetto/solana-go"
)

const maxAnswer = 16 << 20 // bytes

// A State is where a network stands.
type State struct {
	// Frozen says that no slots pass by themselves.
	Frozen bool `json:"frozen"`
	// Slot is the last slot that has passed, with or without a block.
	Slot uint64 `json:"slot"`
	// Nodes says for each node which blocks it shows.
	Nodes []Levels `json:"nodes"`
}

// Levels are the latest blocks of each commitment level.
type Levels struct {
	Processed Block `json:"processed"`
	Confirmed Block `json:"confirmed"`
	Finalized Block `json:"finalized"`
}

// A Block is what identifies a block.
type Block struct {
	Slot   uint64        `json:"slot"`
	Height uint64        `json:"height"`
	Hash   solanago.Hash `json:"hash"`
	Time   int64         `json:"time"` // seconds since 1970
}

// State returns where the network stands.
func (n *Network) State(ctx context.Context) (*State, error) {
	return n.control.do(ctx, http.MethodGet, "state", nil)
}

// Advance makes that many blocks, one a slot. Waiting transactions are in the first of them.
func (n *Network) Advance(ctx context.Context, slots int) error {
	return n.control.post(ctx, "advance", values{"slots": slots})
}

// Skip lets that many slots pass without a block.
func (n *Network) Skip(ctx context.Context, slots int) error {
	return n.control.post(ctx, "skip", values{"slots": slots})
}

// Rollback drops that many of the latest blocks, as those of a fork that lost: their transactions are gone, accounts are as
// before, their blockhashes are unknown, slots go on. It fails if one of them is finalized.
func (n *Network) Rollback(ctx context.Context, blocks int) error {
	return n.control.post(ctx, "rollback", values{"blocks": blocks})
}

// SetTime makes a block at that time, in whole seconds; time goes on from there. It fails if time would go back.
func (n *Network) SetTime(ctx context.Context, to time.Time) error {
	return n.control.post(ctx, "time", values{"unix": to.Unix()})
}

// Freeze stops slots from passing by themselves.
func (n *Network) Freeze(ctx context.Context) error { return n.control.post(ctx, "freeze", nil) }

// Resume lets slots pass by themselves again.
func (n *Network) Resume(ctx context.Context) error { return n.control.post(ctx, "resume", nil) }

// values are the parameters of a command.
type values map[string]any

// control is a client of the control port.
type control struct {
	url    string
	client *http.Client
}

func (c control) post(ctx context.Context, path string, body values) error {
	_, err := c.do(ctx, http.MethodPost, path, body)
	return err
}

func (c control) do(ctx context.Context, method, path string, body values) (*State, error) {
	var content io.Reader
	if method == http.MethodPost {
		encoded, err := json.Marshal(body)
		if body == nil {
			encoded = []byte("{}")
		}
		if err != nil {
			return nil, fmt.Errorf("failed to encode the command %s: %w", path, err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.url+"/"+path, content)
	if err != nil {
		return nil, fmt.Errorf("failed to send the command %s: %w", path, err)
	}
	reply, err := c.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("failed to send the command %s: %w", path, err)
	}
	defer reply.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(reply.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("failed to read the answer to the command %s: %w", path, err)
	}
	if reply.StatusCode != http.StatusOK {
		var refusal struct {
			Error string `json:"error"`
		}
		_ = json.Unmarshal(answer, &refusal) // what is no JSON has no words
		return nil, fmt.Errorf("the network refused the command %s: %s %s", path, reply.Status, refusal.Error)
	}
	state := new(State)
	if err := json.Unmarshal(answer, state); err != nil {
		return nil, fmt.Errorf("failed to read the answer to the command %s: %w", path, err)
	}
	return state, nil
}
