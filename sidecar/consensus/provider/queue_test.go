package provider

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

// slowSender broadcasts only when it is allowed to, and writes down in which order. It is called by one goroutine.
type slowSender struct {
	allow chan struct{}
	order []string
}

func (s *slowSender) Address() string { return "" }

func (s *slowSender) Broadcast(_ context.Context, msgs ...sdk.Msg) (string, error) {
	<-s.allow
	s.order = append(s.order, sdk.MsgTypeURL(msgs[0]))
	return "", nil
}

func (s *slowSender) Wait(context.Context, string) (*chain.TxResult, error) {
	return &chain.TxResult{}, nil
}

func TestProofsOvertakeOtherTransactions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowSender{allow: make(chan struct{})}
		q := newQueue(s)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go q.run(ctx)
		send := func(lane chan *request, msg sdk.Msg) {
			go func() {
				if _, err := q.submit(ctx, lane, msg); err != nil {
					t.Errorf("submit: %v", err)
				}
			}()
			synctest.Wait()
		}
		send(q.normal, &markettypes.MsgSettle{}) // is being sent while the others come
		send(q.normal, &markettypes.MsgRefuseReplica{})
		send(q.urgent, &poreptypes.MsgSubmitWindowProof{})
		for range 3 {
			s.allow <- struct{}{}
		}
		synctest.Wait()
		require.Equal(t, []string{
			"/ipdm.market.v1.MsgSettle", "/ipdm.porep.v1.MsgSubmitWindowProof", "/ipdm.market.v1.MsgRefuseReplica",
		}, s.order)
	})
}

func TestATransactionWhoseTimeIsOverIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slowSender{allow: make(chan struct{})}
		q := newQueue(s)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go q.run(ctx)
		go func() { _, _ = q.submit(ctx, q.normal, &markettypes.MsgSettle{}) }()
		synctest.Wait()
		late, giveUp := context.WithCancel(ctx)
		failed := make(chan error, 1)
		go func() {
			_, err := q.submit(late, q.urgent, &poreptypes.MsgSubmitWindowProof{})
			failed <- err
		}()
		synctest.Wait()
		giveUp()
		require.ErrorIs(t, <-failed, context.Canceled)
		s.allow <- struct{}{}
		synctest.Wait()
		require.Equal(t, []string{"/ipdm.market.v1.MsgSettle"}, s.order)
	})
}
