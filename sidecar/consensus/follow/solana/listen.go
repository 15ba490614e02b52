package solana

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	solanago "github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// notice is what a subscription brings.
type notice struct {
	subscribed bool // it stands now; there is no sighting
	sighting
}

// listen subscribes, again and again, and passes on what comes until ctx is done.
func (s *Source) listen(ctx context.Context, sink feed.Sink, heard chan<- notice) {
	var pause endpoint.Pause
	for {
		l := newListener(s.accounts, s.program, s.maxBytes)
		err := endpoint.Listen(ctx, s.socket, l.requests(), func(message []byte) error {
			n, err := l.read(message)
			if err != nil || n == nil {
				return err
			}
			if n.subscribed {
				pause = endpoint.Pause{}
				sink.Trouble(PartSubscription, nil)
			}
			select {
			case heard <- *n:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		if ctx.Err() != nil {
			return
		}
		sink.Trouble(PartSubscription, err)
		if endpoint.Wait(ctx, pause.After(err, 0)) != nil {
			return
		}
	}
}

// listener reads the messages of one connection.
type listener struct {
	accounts []solanago.PublicKey // none: those of program
	program  solanago.PublicKey
	maxBytes int
	standing map[uint64]int // the subscriptions that were confirmed, to their requests
}

func newListener(accounts []solanago.PublicKey, program solanago.PublicKey, maxBytes int) *listener {
	return &listener{accounts, program, maxBytes, map[uint64]int{}}
}

// requests are the subscriptions. Their ids count from 0 in the order of the accounts.
func (l *listener) requests() []any {
	request := func(id int, method string, address solanago.PublicKey) any {
		settings := map[string]any{"commitment": "finalized", "encoding": "base64"}
		return map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": []any{address, settings}}
	}
	if len(l.accounts) == 0 {
		return []any{request(0, "programSubscribe", l.program)}
	}
	out := make([]any, len(l.accounts))
	for i, address := range l.accounts {
		out[i] = request(i, "accountSubscribe", address)
	}
	return out
}

// message is any that a node sends.
type message struct {
	ID     *int    `json:"id"`
	Result *uint64 `json:"result"`
	Error  *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Params *struct {
		Subscription uint64 `json:"subscription"`
		Result       struct {
			Context answerContext   `json:"context"`
			Value   json.RawMessage `json:"value"`
		} `json:"result"`
	} `json:"params"`
}

// read returns what a message says, nil for nothing.
func (l *listener) read(raw []byte) (*notice, error) {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil {
		return nil, fmt.Errorf("failed to read a message: %w", err)
	}
	switch {
	case m.Error != nil:
		return nil, fmt.Errorf("the subscription is refused: error %d: %.300s", m.Error.Code, m.Error.Message)
	case m.Params != nil:
		request, ok := l.standing[m.Params.Subscription]
		if !ok {
			return nil, fmt.Errorf("a message is of the unknown subscription %d", m.Params.Subscription)
		}
		slot, err := m.Params.Result.Context.slot()
		if err != nil {
			return nil, err
		}
		return l.sighting(request, slot, m.Params.Result.Value)
	case m.ID == nil || m.Result == nil || *m.ID < 0 || *m.ID >= max(len(l.accounts), 1):
		return nil, errors.New("a message is neither a subscription nor a notice")
	}
	l.standing[*m.Result] = *m.ID
	if len(l.standing) == max(len(l.accounts), 1) {
		return &notice{subscribed: true}, nil
	}
	return nil, nil //nolint:nilnil // nothing to tell yet
}

// sighting reads the account of a notice.
func (l *listener) sighting(request int, slot uint64, value json.RawMessage) (*notice, error) {
	var keyed keyedAccount
	if len(l.accounts) > 0 {
		keyed.Pubkey = l.accounts[request]
		if err := json.Unmarshal(value, &keyed.Account); err != nil {
			return nil, fmt.Errorf("failed to read an account: %w", err)
		}
	} else if err := json.Unmarshal(value, &keyed); err != nil {
		return nil, fmt.Errorf("failed to read an account: %w", err)
	}
	if keyed.Account == nil {
		keyed.Account = gone()
	}
	if err := keyed.Account.check(keyed.Pubkey, l.maxBytes); err != nil {
		return nil, err
	}
	return &notice{sighting: sighting{slot, keyed.Pubkey, keyed.Account}}, nil
}
