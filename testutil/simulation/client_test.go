package simulation_test

import (
	"time"

	"github.com/stretchr/testify/require"

	sdkmath "cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	govv1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/params"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
	poreptypes "github.com/ipdm-network/ipdm/x/porep/types"
)

type client struct{ *account }

// act orders what the client does in the next block.
func (c *client) act(h *history) {
	h.Helper()
	if h.one(8) {
		c.create(h)
	}
	if h.one(40) {
		c.createAbsurdly(h)
	}
	if deals := h.books.deals; len(deals) > 0 {
		if h.one(30) {
			c.cancel(h, deals[h.rng.IntN(len(deals))])
		}
		if h.one(6) {
			c.settle(h, deals)
		}
	}
	if h.one(12) {
		h.pester()
	}
	if h.one(10) {
		c.anchor(h)
	}
}

// deal is an order that is valid and affordable.
func (c *client) deal(h *history) *markettypes.MsgCreateDeal {
	commD := h.library.contents[h.rng.IntN(contentCount)]
	msg := &markettypes.MsgCreateDeal{
		Client: c.text, Root: format.NodeCID(commD).String(), Manifest: format.CBORCID(commD).String(),
		Layout: format.CBORCID(commD).String(), CommD: commD[:], SizeBytes: h.library.trees[commD].TotalLength(),
		Replicas:           markettypes.Replicas{Open: 1 + uint32(h.rng.IntN(3)), Sealed: uint32(h.rng.IntN(2))},
		Duration:           10*time.Second + time.Duration(h.rng.Int64N(int64(4*time.Minute))),
		MaxPricePerGibHour: params.OneIPDM().MulRaw(1 + int64(h.rng.IntN(1_500_000))), Source: testEndpoint(),
	}
	if h.one(10) {
		msg.SizeBytes++ // the data will not match
	}
	return msg
}

func (c *client) create(h *history) { h.order("create", c.account, c.deal(h)) }

func (c *client) createAbsurdly(h *history) {
	msg := c.deal(h)
	msg.Replicas.Sealed = 0
	outcome := markettypes.ErrInvalidDeal
	switch h.rng.IntN(9) {
	case 0:
		msg.Replicas.Open = 0
	case 1:
		msg.Replicas.Open = 1 << 31
	case 2:
		msg.Replicas.Sealed, msg.SizeBytes, outcome = 1, 1<<40, markettypes.ErrSealedSize
	case 3:
		msg.Duration = 200 * 365 * 24 * time.Hour
	case 4:
		msg.SizeBytes = 1 << 63
	case 5:
		msg.MaxPricePerGibHour, outcome = sdkmath.ZeroInt(), markettypes.ErrInvalidAmount
	case 6:
		msg.MaxPricePerGibHour, outcome = markettypes.MaxAmount.MulRaw(2), markettypes.ErrInvalidAmount
	case 7:
		msg.MaxPricePerGibHour, outcome = markettypes.MaxAmount, markettypes.ErrFunds
		msg.SizeBytes = 1 << 40
	case 8:
		msg.CommD = msg.CommD[:31]
	}
	h.order("create absurdly", c.account, msg, outcome)
}

func (c *client) cancel(h *history, deal markettypes.Deal) {
	msg := &markettypes.MsgCancelDeal{Client: c.text, DealId: deal.Id}
	switch {
	case deal.Client != c.text:
		h.order("cancel another's", c.account, msg, markettypes.ErrNotClient)
	case deal.Running():
		h.order("cancel", c.account, msg, anyOutcome, markettypes.ErrDealState)
	default:
		h.order("cancel again", c.account, msg, markettypes.ErrDealState)
	}
}

func (c *client) settle(h *history, deals []markettypes.Deal) {
	msg := &markettypes.MsgSettle{Sender: c.text}
	for range 1 + h.rng.IntN(8) {
		msg.DealIds = append(msg.DealIds, deals[h.rng.IntN(len(deals))].Id)
	}
	switch {
	case h.one(20):
		msg.DealIds[0] = 1 << 60
		h.order("settle nothing", c.account, msg, markettypes.ErrDealNotFound)
	case h.one(20):
		msg.DealIds = make([]uint64, 9)
		h.order("settle too much", c.account, msg, markettypes.ErrTooMany)
	default:
		h.order("settle", c.account, msg)
	}
}

func (c *client) anchor(h *history) {
	commD := h.library.contents[h.rng.IntN(contentCount)]
	manifest := format.CBORCID(commD).String()
	if h.one(4) {
		h.order("tombstone", c.account, &anchortypes.MsgTombstone{Owner: c.text, Manifest: manifest},
			anyOutcome, anchortypes.ErrNotFound, anchortypes.ErrOwner, anchortypes.ErrTombstoned)
		return
	}
	entry := anchortypes.Entry{
		Manifest: manifest, Root: format.NodeCID(commD).String(), SizeBytes: uint64(len(commD)), BlockCount: 1, Tags: []string{"kind=test"},
	}
	if h.one(3) {
		entry.Supersedes = format.CBORCID(h.library.contents[h.rng.IntN(contentCount)]).String()
	}
	h.order("anchor", c.account, &anchortypes.MsgAnchor{Owner: c.text, Entries: []anchortypes.Entry{entry}},
		anyOutcome, anchortypes.ErrOwner, anchortypes.ErrTombstoned, anchortypes.ErrConflict, anchortypes.ErrSuperseded, anchortypes.ErrNotFound,
		anchortypes.ErrInvalidEntry)
}

// govern proposes changes of parameters and votes for them.
func (h *history) govern() {
	h.Helper()
	if h.one(50) {
		porep, market := h.porepParams(), h.marketParams()
		msg := sdk.Msg(&poreptypes.MsgUpdateParams{Authority: app.Authority().String(), Params: porep})
		switch h.rng.IntN(5) {
		case 0, 1:
			msg = &markettypes.MsgUpdateParams{Authority: app.Authority().String(), Params: market}
		case 2:
			market.Denom = "other"
			msg = &markettypes.MsgUpdateParams{Authority: app.Authority().String(), Params: market}
		}
		proposal, err := govv1.NewMsgSubmitProposal([]sdk.Msg{msg}, sdk.NewCoins(params.IPDM(1)), h.governor.text, "", "change", "change", false)
		require.NoError(h, err)
		h.order("propose", h.governor, proposal)
	}
	err := h.app.Keepers.Gov.Proposals.Walk(h.state(), nil, func(id uint64, p govv1.Proposal) (bool, error) {
		if p.Status == govv1.StatusVotingPeriod && !h.voted[id] {
			h.voted[id] = true
			h.order("vote", h.governor, govv1.NewMsgVote(h.governor.address, id, govv1.OptionYes, ""))
		}
		return false, nil
	})
	require.NoError(h, err)
	if h.one(100) {
		h.order("usurp", h.governor, &poreptypes.MsgUpdateParams{Authority: h.governor.text, Params: h.porepParams()}, poreptypes.ErrUnauthorized)
	}
}
