package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	sdkmath "cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	anchortypes "github.com/ipdm-network/ipdm/x/anchor/types"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

// publicNotice is shown once, before the first deal of a home.
const publicNotice = `Note: what a deal stores is public. Everyone who knows or guesses its root CID can read it, providers see it, and it may
stay with them after the deal. Encrypt first what is not meant for everyone. (This is shown once.)
`

// order is a deal as it is asked for.
type order struct {
	replicas markettypes.Replicas
	duration time.Duration
	maxPrice string // aipdm a GiB-hour; empty for the price of the cheapest asks that suffice
	yes      bool
}

// parseOrder reads the flags of a deal.
func parseOrder(f *cli.OrderFlags) (*order, error) {
	o := &order{duration: f.Duration, yes: f.Yes}
	for _, part := range strings.Split(f.Replicas, ",") {
		class, number, ok := strings.Cut(part, ":")
		n, err := strconv.ParseUint(number, 10, 32)
		if !ok || err != nil || n == 0 {
			return nil, cli.Usagef("%q names no copies: expected a class and how many, at least one, as in open:2,sealed:2", f.Replicas)
		}
		var count *uint32
		switch class {
		case "open":
			count = &o.replicas.Open
		case "sealed":
			count = &o.replicas.Sealed
		default:
			return nil, cli.Usagef("unknown class of copies %q: open or sealed", class)
		}
		if *count != 0 {
			return nil, cli.Usagef("%q names the class %s twice", f.Replicas, class)
		}
		*count = uint32(n)
	}
	if o.duration <= 0 {
		return nil, cli.Usagef("a deal needs a duration above zero, such as --duration 24h")
	}
	if f.MaxPrice == "" {
		return o, nil
	}
	var err error
	o.maxPrice, err = cli.ParseCoin(f.MaxPrice)
	return o, err
}

func (o *order) copies() uint32 { return o.replicas.Open + o.replicas.Sealed }

// text says what is ordered, by class.
func (o *order) text() string {
	switch {
	case o.replicas.Sealed == 0:
		return copiesText(o.replicas.Open, "open")
	case o.replicas.Open == 0:
		return copiesText(o.replicas.Sealed, "sealed")
	}
	return copiesText(o.replicas.Open, "open") + " and " + copiesText(o.replicas.Sealed, "sealed")
}

func copiesText(n uint32, class string) string {
	if n == 1 {
		return "1 " + class + " copy"
	}
	return fmt.Sprintf("%d %s copies", n, class)
}

// Pay implements cli.Account: in one transaction.
func (a *account) Pay(ctx context.Context, d *client.Client, p *cli.PutFlags, result *cli.PutResult) error {
	signer, err := a.signer()
	if err != nil {
		return err
	}
	prepared, err := prepare(ctx, d, p, result)
	if err != nil {
		return err
	}
	var msgs []sdk.Msg
	if p.Anchor {
		msgs = append(msgs, anchorMsg(signer.Address(), prepared))
	}
	if p.Order.Replicas != "" {
		o, err := parseOrder(&p.Order)
		if err != nil {
			return err
		}
		msg, err := a.program.dealMsg(ctx, a.client, signer.Address(), prepared, o)
		if err != nil {
			return err
		}
		msgs = append(msgs, msg)
	}
	tx, err := signer.Submit(ctx, msgs...)
	if err != nil {
		return explainTx(err)
	}
	result.Tx = tx.Hash
	if p.Order.Replicas == "" {
		return nil
	}
	var created markettypes.MsgCreateDealResponse
	if err := tx.Response(len(msgs)-1, &created); err != nil {
		return err
	}
	result.DealID, result.Escrow = created.DealId, created.Deposited.String()
	if !p.Wait {
		return nil
	}
	deal, _, err := waitDeal(ctx, a.client, created.DealId)
	if err != nil {
		return err
	}
	result.Status = dealStatusText(deal.Status)
	return nil
}

// prepare describes what was put for the chain; a layout is made only for a deal.
func prepare(ctx context.Context, d *client.Client, p *cli.PutFlags, result *cli.PutResult) (*sidecarv1.PrepareDealResponse, error) {
	if p.Order.Replicas != "" {
		return d.Data.PrepareDeal(ctx, &sidecarv1.PrepareDealRequest{Manifest: result.Manifest})
	}
	st, err := d.Data.Stat(ctx, &sidecarv1.StatRequest{Root: result.Root})
	if err != nil {
		return nil, err
	}
	for _, pin := range st.Pins {
		if pin.Manifest == result.Manifest {
			return &sidecarv1.PrepareDealResponse{
				Root: pin.Root, Manifest: pin.Manifest, PlainSizeBytes: pin.SizeBytes, Blocks: pin.Blocks,
				Tags: pin.Tags, ContentType: pin.ContentType, Supersedes: p.Supersedes,
			}, nil
		}
	}
	return nil, fmt.Errorf("%w: manifest %s was unpinned meanwhile", chain.ErrNotFound, result.Manifest)
}

// anchorMsg records a manifest.
func anchorMsg(owner string, p *sidecarv1.PrepareDealResponse) sdk.Msg {
	return &anchortypes.MsgAnchor{Owner: owner, Entries: []anchortypes.Entry{{
		Manifest:    p.Manifest,
		Root:        p.Root,
		SizeBytes:   p.PlainSizeBytes,
		BlockCount:  p.Blocks,
		Tags:        p.Tags,
		ContentType: p.ContentType,
		Supersedes:  p.Supersedes,
	}}}
}

// dealMsg asks for the price, shows it, asks for consent on a terminal and makes the message. It fails with cli.ErrRefused
// when too few providers take the deal at the price.
func (c *program) dealMsg(ctx context.Context, market *chain.Client, from string, p *sidecarv1.PrepareDealResponse, o *order) (sdk.Msg, error) {
	c.noticePublic()
	quote, err := market.Quote(ctx, &markettypes.QueryQuoteRequest{
		SizeBytes:          p.SizeBytes,
		OpenReplicas:       o.replicas.Open,
		SealedReplicas:     o.replicas.Sealed,
		Duration:           o.duration,
		MaxPricePerGibHour: o.maxPrice,
	})
	if err != nil {
		return nil, explainQuote(refused(err), o)
	}
	fmt.Fprintf(c.Stderr, "%s of %s for %s at no more than %s a GiB-hour each: at most %s go into escrow\n",
		o.text(), cli.SizeText(p.SizeBytes), o.duration, cli.CoinText(quote.MaxPricePerGibHour.String()), cli.CoinText(quote.Escrow.String()))
	if o.replicas.Sealed > 0 && !quote.Pledge.IsNil() {
		fmt.Fprintf(c.Stderr, "behind each sealed copy stands a pledge of %s, of which its provider loses more the longer it does not keep it\n",
			cli.CoinText(quote.Pledge.String()))
	}
	if quote.Providers < o.copies() {
		return nil, fmt.Errorf("%w: %d providers would take it at that price now, %d are needed (%s)",
			cli.ErrRefused, quote.Providers, o.copies(), fewProvidersHint(o))
	}
	if quote.SealedProviders < o.replicas.Sealed {
		return nil, fmt.Errorf("%w: %d providers would take a sealed copy at that price now, %d are needed (%s)",
			cli.ErrRefused, quote.SealedProviders, o.replicas.Sealed, fewProvidersHint(o))
	}
	balance, err := market.Balance(ctx, from)
	if err != nil {
		return nil, err
	}
	if balance.LT(quote.Escrow) {
		return nil, fmt.Errorf("%w: %s has %s, the deal needs %s (send it the rest, or order fewer or shorter)",
			cli.ErrRefused, from, cli.CoinText(balance.String()), cli.CoinText(quote.Escrow.String()))
	}
	if err := c.consent(o.yes); err != nil {
		return nil, err
	}
	return &markettypes.MsgCreateDeal{
		Client:             from,
		Root:               p.Root,
		Manifest:           p.Manifest,
		Layout:             p.Layout,
		CommD:              p.CommD,
		SizeBytes:          p.SizeBytes,
		Replicas:           o.replicas,
		Duration:           o.duration,
		MaxPricePerGibHour: sdkmath.NewIntFromBigInt(quote.MaxPricePerGibHour.BigInt()),
		Source:             markettypes.Endpoint{PeerId: p.PeerId, Multiaddrs: p.Multiaddrs},
	}, nil
}

// fewProvidersHint says what to do when too few providers take an order.
func fewProvidersHint(o *order) string {
	hint := "raise --max-price, order fewer copies, or see: ipdmd query market providers"
	if o.replicas.Sealed > 0 {
		hint += "; a sealed copy takes a larger pledge than an open one, and not every provider seals: --deal open:N does without"
	}
	return hint
}

// explainQuote adds what to do when the market gives no price.
func explainQuote(err error, o *order) error {
	switch text := err.Error(); {
	case strings.Contains(text, markettypes.ErrSealedSize.Error()):
		return fmt.Errorf("%w (a sealed copy lies in one sector: order open copies with --deal open:%d, or put the content in smaller parts)",
			err, o.copies())
	case strings.Contains(text, markettypes.ErrNoProvider.Error()):
		return fmt.Errorf("%w (%s)", err, fewProvidersHint(o))
	}
	return err
}

// consent asks a person; a script has consented by running the command.
func (c *program) consent(yes bool) error {
	if yes || !cli.Terminal(c.Stdin) || !cli.Terminal(c.Stderr) {
		return nil
	}
	fmt.Fprint(c.Stderr, "Pay? [y/N] ")
	answer, err := bufio.NewReader(c.Stdin).ReadString('\n')
	if err != nil {
		return fmt.Errorf("%w: no answer: %w", cli.ErrRefused, err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return fmt.Errorf("%w by you: nothing was paid", cli.ErrRefused)
}

// noticePublic tells once that deals are public.
func (c *program) noticePublic() {
	path := c.NodeHome().NoticePath()
	if _, err := os.Stat(path); err == nil {
		return
	}
	fmt.Fprint(c.Stderr, publicNotice)
	// Where the mark cannot be left the notice is shown again.
	_ = os.WriteFile(path, nil, 0o600)
}

// explainTx adds what to do about a refused transaction.
func explainTx(err error) error {
	switch {
	case errors.Is(err, chain.ErrInsufficientFunds):
		return fmt.Errorf("%w (send funds to the account)", err)
	case errors.Is(err, chain.ErrNotIncluded):
		return fmt.Errorf("%w (it may still be: look with `ipdm deal ls` before you repeat it)", err)
	}
	return err
}

// refused marks a query that the market answered with no, as opposed to a chain that does not answer.
func refused(err error) error {
	if errors.Is(err, chain.ErrUnreachable) || errors.Is(err, context.Canceled) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return fmt.Errorf("%w: %w", cli.ErrRefused, err)
}
