package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	// blocksAtOnce is of how many blocks logs are asked for at once. Many providers refuse more, some fewer: then it is halved.
	blocksAtOnce = 5_000
	// maxLogRequests bounds the requests for logs in one call. The view ends there, and the next call goes on.
	maxLogRequests = 2_000
)

// located is an event with the number of its block.
type located struct {
	wire.EventRecord
	block uint64
}

// scan goes on reading until it has so many events, which have to be there up to a final block. It returns the block up to which it has
// come, which is that one unless it takes too many requests or too long. What has been read is kept, also if it fails.
func (s *source) scan(
	ctx context.Context, p progress, final block, domain wire.Domain, count int,
) (records []located, through uint64, err error) {
	ctx, cancel := part(ctx)
	defer cancel()
	start, atOnce := p.next, s.atOnce
	for requests := 0; len(p.records) < count; requests++ {
		if p.next > final.number {
			missing := p.first + uint64(len(p.records))
			return nil, 0, fmt.Errorf("%w: event %d is missing in the logs up to block %d", errUnsound, missing, final.number)
		}
		if requests >= s.requests && p.next > start {
			return p.records, p.next - 1, nil
		}
		to := min(p.next+atOnce-1, final.number)
		logs, err := s.logs(ctx, p.next, to)
		switch {
		case err != nil && atOnce > 1 && tooMuch(err):
			atOnce /= 2
			continue
		case ctx.Err() != nil && p.next > start:
			return p.records, p.next - 1, nil
		case err != nil:
			return nil, 0, fmt.Errorf("failed to read the logs of blocks %d to %d: %w", p.next, to, err)
		}
		if err := s.add(&p, logs, to, final, domain, count); err != nil {
			return nil, 0, err
		}
		p.upon = final
		if len(p.records) == count {
			s.keep(p.before(p.records[count-1].block)) // there may be more events in it
			break
		}
		p.next = to + 1
		s.keep(p)
	}
	return p.records[:count], final.number, nil
}

// add adds the events of logs up to a block, until there are so many.
func (s *source) add(p *progress, logs []types.Log, to uint64, final block, domain wire.Domain, count int) error {
	for _, log := range logs {
		r, err := s.record(log, domain)
		switch next := p.first + uint64(len(p.records)); {
		case err != nil:
			return fmt.Errorf("%w: %w", errUnsound, err)
		case log.BlockNumber < p.next || log.BlockNumber > to || r.TimeMillis > final.millis:
			return fmt.Errorf("%w: event %d is of block %d, asked were %d to %d", errUnsound, r.Nonce, log.BlockNumber, p.next, to)
		case r.Nonce < p.first:
			continue
		case r.Nonce != next:
			return fmt.Errorf("%w: event %d is missing before event %d", errUnsound, next, r.Nonce)
		}
		if p.records = append(p.records, located{r, log.BlockNumber}); len(p.records) == count {
			return nil
		}
	}
	return nil
}

// logs reads the gateway's events of some blocks.
func (s *source) logs(ctx context.Context, from, to uint64) ([]types.Log, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	logs, err := s.FilterLogs(ctx, ethereum.FilterQuery{
		FromBlock: new(big.Int).SetUint64(from), ToBlock: new(big.Int).SetUint64(to),
		Addresses: []common.Address{s.gateway}, Topics: [][]common.Hash{{outboundTopic}},
	})
	return logs, endpoints.Plain(err)
}

// outboundTopic begins the logs of a gateway's events for IPDM.
var outboundTopic = crypto.Keccak256Hash([]byte("Outbound(uint64,uint8,bytes32,bytes32,uint64,bytes)"))

// record reads an event from a log. It fails unless it is one of the gateway's, with its payload.
func (s *source) record(log types.Log, domain wire.Domain) (wire.EventRecord, error) {
	if log.Address != s.gateway || log.Removed {
		return wire.EventRecord{}, fmt.Errorf("a log of %s, removed %t, is none of the gateway's", log.Address, log.Removed)
	}
	out, err := s.binding.UnpackOutboundEvent(&log)
	if err != nil {
		return wire.EventRecord{}, fmt.Errorf("a log of block %d is malformed: %w", log.BlockNumber, err)
	}
	r := wire.EventRecord{Payload: out.Payload, Event: wire.Event{
		Kind: wire.Kind(out.Kind), Domain: domain, Application: wire.Party(common.LeftPadBytes(s.gateway[:], 32)), Nonce: out.Nonce,
		Sender: out.Sender, Recipient: out.Recipient, TimeMillis: out.Time, PayloadHash: wire.Sum(out.Payload),
	}}
	if _, err := wire.DecodeEvent(r.Encode()); err != nil {
		return wire.EventRecord{}, err
	}
	return r, r.Validate()
}

// tooMuch tells whether a node has answered that it does not, or whether its answer was too long. Nodes have no code for this.
func tooMuch(err error) bool {
	var answer rpc.Error
	var refusal rpc.HTTPError
	return errors.As(err, &answer) || errors.Is(err, endpoints.ErrTooLong) ||
		errors.As(err, &refusal) && (refusal.StatusCode == http.StatusBadRequest || refusal.StatusCode == http.StatusRequestEntityTooLarge)
}
