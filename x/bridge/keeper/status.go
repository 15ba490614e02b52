package keeper

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// anyone may do most things here, and a relayer does them by itself.
const (
	anyone  = "anyone"
	relayer = "any relayer; `ipdm-relayer once` does it now"
)

// status tells where a message or an event is.
func (k *Keeper) status(ctx sdk.Context, id string) (*types.QueryStatusResponse, error) {
	domain, nonce, isEvent := strings.Cut(id, "/")
	if !isEvent {
		domain, nonce = "", id
	}
	number, err := strconv.ParseUint(nonce, 10, 64)
	if err != nil {
		return nil, types.ErrUnknownMessage.Wrapf("%q: want the nonce of a message, such as 12, or DOMAIN/NONCE for an event, such as ethereum/12", id)
	}
	if !isEvent {
		return k.messageStatus(ctx, number)
	}
	d, err := k.domainCalled(ctx, domain)
	if err != nil {
		return nil, err
	}
	return k.eventStatus(ctx, d, number)
}

// messageStatus tells where a message is.
func (k *Keeper) messageStatus(ctx sdk.Context, nonce uint64) (*types.QueryStatusResponse, error) {
	m, err := k.Message(ctx, nonce)
	if err != nil {
		return nil, err
	}
	content, err := m.Decode()
	if err != nil {
		return nil, err
	}
	d, err := k.Domain(ctx, uint32(content.Domain))
	if err != nil {
		return nil, err
	}
	s := &types.QueryStatusResponse{Message: &m}
	if m.Ended() {
		return s, k.endedStatus(ctx, s, m, nonce)
	}
	now := uint64(ctx.BlockTime().UnixMilli())
	switch {
	case refundable(m, content, d) == nil:
		s.State, s.Who, s.EtaUnixMilli = "refundable", anyone, int64(now)
		s.Reason = fmt.Sprintf("it was not delivered to %s by %s", d.Config.Label(), millis(content.TimeoutMillis))
		s.NextAction = fmt.Sprintf("the chain refunds it by itself, some with each range of events; `ipdmd tx bridge refund %d --from KEY` does it now", nonce)
	case content.TimeoutMillis != 0 && now >= content.TimeoutMillis:
		s.State, s.Who = "expiring", "validators, then "+relayer
		s.EtaUnixMilli = int64(content.TimeoutMillis) + (d.Config.Finality + 2*d.Config.Interval).Milliseconds()
		s.Reason = fmt.Sprintf("its time was over at %s; the events of %s are known up to %s, and its delivery may be among those that are not%s",
			millis(content.TimeoutMillis), d.Config.Label(), millis(d.TakenUnixMilli), conflictNote(d))
		s.NextAction = "the validators attest the events up to then, and a relayer hands them in; then it is refunded"
	default:
		return s, k.underwayStatus(ctx, s, m, content, d)
	}
	return s, nil
}

// underwayStatus tells where a message is that can be delivered.
func (k *Keeper) underwayStatus(ctx sdk.Context, s *types.QueryStatusResponse, m types.OutboxMessage, content wire.Message, d types.Domain) error {
	newest, err := k.Checkpoint(ctx, 0)
	if err != nil && !types.ErrUnknownCheckpoint.Is(err) {
		return err
	}
	if newest.OutboxMessages <= content.Nonce {
		eta, err := k.nextCheckpoint(ctx)
		if err != nil {
			return err
		}
		s.State, s.Who, s.EtaUnixMilli = "signing", "validators", eta
		s.Reason = "no complete checkpoint has it yet"
		s.NextAction = "the validators sign the next checkpoint; `ipdmd query bridge pending` tells what that waits for"
		return nil
	}
	took := time.Duration(d.DeliveryMillis) * time.Millisecond
	if took == 0 {
		took = d.Config.Finality
	}
	s.State, s.Who = "deliverable", relayer
	s.EtaUnixMilli = max(time.UnixMilli(m.SentUnixMilli).Add(took).UnixMilli(), ctx.BlockTime().UnixMilli())
	s.Reason = fmt.Sprintf("checkpoint %d proves it; nothing is known of its delivery among the events of %s up to %s%s",
		newest.Sequence, d.Config.Label(), millis(d.TakenUnixMilli), conflictNote(d))
	s.NextAction = "a relayer delivers it, and tells IPDM"
	if content.TimeoutMillis != 0 {
		s.NextAction += fmt.Sprintf("; if it is not delivered by %s it is refunded", millis(content.TimeoutMillis))
	}
	return nil
}

// endedStatus tells what became of a message.
func (k *Keeper) endedStatus(ctx context.Context, s *types.QueryStatusResponse, m types.OutboxMessage, nonce uint64) error {
	s.State = m.Status.Word()
	switch {
	case m.Status == types.MESSAGE_STATUS_DELIVERED:
		s.Reason = "its destination has taken it; what a limit or a pause there holds back is released there as they allow"
		return nil
	case m.Status == types.MESSAGE_STATUS_REFUSED && m.Sender == "" && m.Coin == nil:
		s.Reason = "its destination refused it, and nothing was taken for it here"
		return nil
	case m.Status == types.MESSAGE_STATUS_REFUSED:
		s.Reason = "its destination refused it"
	default:
		s.Reason = "it was not delivered in time"
	}
	if m.Coin == nil {
		return nil
	}
	owed, err := k.owedFor(ctx, 0, nonce)
	switch {
	case types.ErrNothingOwed.Is(err):
		s.Reason += ": " + m.Coin.String() + " went back to " + m.Sender
		return nil
	case err != nil:
		return err
	}
	s.Owed, s.Who = &owed, anyone
	s.NextAction = fmt.Sprintf("pay it out: `ipdmd tx bridge redeem 0 %d --from KEY`", nonce)
	s.Reason += ", and " + m.Sender + " could not receive value then"
	return nil
}

// eventStatus tells where an event of another chain is.
func (k *Keeper) eventStatus(ctx sdk.Context, d types.Domain, nonce uint64) (*types.QueryStatusResponse, error) {
	s := &types.QueryStatusResponse{}
	switch {
	case nonce >= d.AttestedEvents:
		s.State, s.Who = "unattested", "validators"
		s.EtaUnixMilli = int64(d.TargetUnixMilli) + d.Config.Finality.Milliseconds()
		s.Reason = fmt.Sprintf("the validators have attested %d events of %s, up to %s%s", d.AttestedEvents, d.Config.Label(), millis(d.AttestedUnixMilli), conflictNote(d))
		s.NextAction = fmt.Sprintf("the validators attest the events up to %s once these are final for them", millis(d.TargetUnixMilli))
		return s, nil
	case nonce >= d.TakenEvents:
		s.State, s.Who, s.EtaUnixMilli = "attested", relayer, ctx.BlockTime().UnixMilli()
		s.Reason = fmt.Sprintf("it is attested, but nobody has handed it in; %d is next", d.TakenEvents)
		s.NextAction = "a relayer hands it in"
		return s, nil
	}
	owed, err := k.owedFor(ctx, d.Config.Domain, nonce)
	switch {
	case types.ErrNothingOwed.Is(err):
		s.State, s.Reason = "arrived", "it was handed in, and nothing is owed for it"
		return s, nil
	case err != nil:
		return nil, err
	}
	return s, k.owedStatus(ctx, s, owed, d)
}

// owedStatus tells what holds back what is owed.
func (k *Keeper) owedStatus(ctx sdk.Context, s *types.QueryStatusResponse, owed types.Owed, d types.Domain) error {
	l, err := k.laneOf(ctx, owed.Coin.Denom, d)
	if err != nil {
		return err
	}
	pause, err := k.Pause(ctx)
	if err != nil {
		return err
	}
	now := ctx.BlockTime()
	s.State, s.Owed, s.Who, s.EtaUnixMilli = "owed", &owed, anyone, now.UnixMilli()
	s.Reason = hereReason(now, l)
	s.NextAction = fmt.Sprintf("pay it out: `ipdmd tx bridge redeem %d %d --from KEY`", owed.Domain, owed.Nonce)
	switch at, more := l.Here.MoreAt(now); {
	case paused(pause, now):
		s.Reason, s.EtaUnixMilli = fmt.Sprintf("the release of value is paused until %s", time.UnixMilli(pause.UntilUnixMilli).UTC().Format(time.RFC3339)), pause.UntilUnixMilli
	case l.Here.Available(now).IsPositive():
	case more:
		s.EtaUnixMilli = at.UnixMilli()
	default:
		s.EtaUnixMilli, s.Who = 0, "governance, which sets the limit; then anyone"
	}
	return nil
}

func conflictNote(d types.Domain) string {
	if d.ConflictSinceUnixMilli == 0 {
		return ""
	}
	return fmt.Sprintf("; since %s validators see different events there, and nothing is attested until they agree", millis(uint64(d.ConflictSinceUnixMilli)))
}

// nextCheckpoint guesses when the next checkpoint is complete, from how fast blocks were since the newest; 0 before the first one.
func (k *Keeper) nextCheckpoint(ctx sdk.Context) (unixMilli int64, err error) {
	newest, there, err := k.Newest(ctx)
	if err != nil || !there {
		return 0, err
	}
	content, err := newest.Decode()
	if err != nil {
		return 0, err
	}
	params, err := k.Params(ctx)
	if err != nil {
		return 0, err
	}
	const untilSigned = 3 // blocks
	now, blocks := ctx.BlockTime(), ctx.BlockHeight()-int64(content.Height)
	if blocks <= 0 {
		return now.UnixMilli(), nil
	}
	left := int64(params.CheckpointBlocks) - ctx.BlockHeight()%int64(params.CheckpointBlocks) + untilSigned
	return now.UnixMilli() + left*now.Sub(content.Time()).Milliseconds()/blocks, nil
}
