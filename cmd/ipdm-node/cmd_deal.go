package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	markettypes "github.com/ipdm-network/ipdm/x/market/types"
)

const (
	// dealPoll is the pause between looks at a deal that is waited for.
	dealPoll = 250 * time.Millisecond
	// maxListedDeals bounds a listing.
	maxListedDeals = 10_000
)

func (c *program) dealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deal",
		Short: "Order copies that providers keep and prove, and look after them",
		Long: `A deal pays providers to keep copies of a root for a time and to prove it in every window. The price goes into escrow,
providers are paid from it as they prove, and what is not earned comes back.

There are two classes of copies. Of an open copy the provider proves that it can produce the bytes: it may keep them anyhow, and serves
them at once. A sealed copy is one of its own on the provider's disk, shown to be so by a seal that validators check: it takes longer
to become active, and more pledge stands behind it. Sealed copies are served as well, from the open data that they were made of.`,
		Args: cli.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.Chain.Register(cmd.PersistentFlags())
	cmd.AddCommand(c.dealCreateCommand(), c.dealListCommand(), c.dealStatusCommand(), c.dealWaitCommand(), c.dealCancelCommand())
	return cmd
}

func (c *program) dealCreateCommand() *cobra.Command {
	var (
		flags    cli.OrderFlags
		from     string
		manifest string
		wait     bool
	)
	cmd := &cobra.Command{
		Use:     "create ROOT",
		Short:   "Order copies of a stored root",
		Example: "  ipdm deal create ROOT --from me --deal open:2,sealed:2 --duration 24h --max-price 0.002IPDM --wait",
		Args:    cli.OneArg,
	}
	f := cmd.Flags()
	f.StringVar(&flags.Replicas, "deal", "open:3", "copies by class, such as open:2,sealed:2, which suits a network with enough providers")
	f.StringVar(&flags.Replicas, "replicas", "open:3", "the same as --deal")
	f.StringVar(&from, "from", "", "key that pays")
	f.StringVar(&manifest, "manifest", "", "manifest to order, if the root has several; the newest otherwise")
	f.BoolVar(&wait, "wait", false, "wait until every copy is active")
	flags.Register(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.Changed("deal") && f.Changed("replicas") {
			return cli.Usagef("--replicas is the same as --deal: give one of them")
		}
		o, err := parseOrder(&flags)
		if err != nil {
			return err
		}
		if from == "" {
			return cli.Usagef("a deal is paid for: name your key with --from KEY")
		}
		if err := cli.CheckRoot(args[0]); err != nil {
			return err
		}
		return c.createDeal(cmd.Context(), args[0], manifest, from, o, wait)
	}
	return cmd
}

func (c *program) createDeal(ctx context.Context, root, manifest, from string, o *order, wait bool) error {
	return c.WithDaemon(ctx, func(d *client.Client) (err error) {
		a, err := c.openAccount(ctx, d, from)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		signer, err := a.signer()
		if err != nil {
			return err
		}
		if manifest == "" {
			if manifest, err = newestManifest(ctx, d, root); err != nil {
				return err
			}
		}
		prepared, err := d.Data.PrepareDeal(ctx, &sidecarv1.PrepareDealRequest{Manifest: manifest})
		if err != nil {
			return err
		}
		if prepared.Root != root {
			return cli.Usagef("manifest %s is of root %s, not %s", manifest, prepared.Root, root)
		}
		msg, err := c.dealMsg(ctx, a.client, signer.Address(), prepared, o)
		if err != nil {
			return err
		}
		tx, err := signer.Submit(ctx, msg)
		if err != nil {
			return explainTx(err)
		}
		var created markettypes.MsgCreateDealResponse
		if err := tx.Response(0, &created); err != nil {
			return err
		}
		status := ""
		if wait {
			deal, _, err := waitDeal(ctx, a.client, created.DealId)
			if err != nil {
				return err
			}
			status = dealStatusText(deal.Status)
		}
		if c.JSON {
			c.PrintJSON(struct {
				DealID uint64 `json:"deal_id"`
				Escrow string `json:"escrow"`
				Tx     string `json:"tx"`
				Status string `json:"status,omitempty"`
			}{created.DealId, created.Deposited.String(), tx.Hash, status})
			return nil
		}
		c.Printf("deal %d, %s in escrow, transaction %s %s\n", created.DealId, cli.CoinText(created.Deposited.String()), tx.Hash, status)
		return nil
	})
}

// newestManifest finds the manifest of a pinned root that was made last.
func newestManifest(ctx context.Context, d *client.Client, root string) (string, error) {
	manifest, newest := "", int64(-1)
	err := cli.EachListed(ctx, d, &sidecarv1.ListRequest{}, func(item *sidecarv1.ListResponse) {
		if p := item.GetPin(); p.GetRoot() == root && p.GetCreatedUnixMs() > newest {
			manifest, newest = p.Manifest, p.CreatedUnixMs
		}
	})
	if err != nil {
		return "", err
	}
	if manifest == "" {
		return "", fmt.Errorf("%w: root %s is not pinned here (put it first; `ipdm ls` lists what is)", chain.ErrNotFound, root)
	}
	return manifest, nil
}

func (c *program) dealListCommand() *cobra.Command {
	var from, root string
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List deals on chain",
		Example: "  ipdm deal ls --from me\n  ipdm deal ls --root ROOT",
		Args:    cli.NoArgs,
	}
	cmd.Flags().StringVar(&from, "from", "", "key or address of the client; all clients otherwise")
	cmd.Flags().StringVar(&root, "root", "", "deals of this root")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if from != "" && root != "" {
			return cli.Usagef("give --from or --root, not both")
		}
		return c.withChain(cmd.Context(), func(market *chain.Client) error {
			deals, err := c.listDeals(cmd.Context(), market, from, root)
			if err != nil {
				return err
			}
			if c.JSON {
				list := make([]dealJSON, 0, len(deals))
				for _, deal := range deals {
					list = append(list, dealOf(deal))
				}
				c.PrintJSON(map[string]any{"deals": list})
				return nil
			}
			for _, deal := range deals {
				c.Printf("%6d  %-9s  %10s  %d open + %d sealed  paid %s of %s  %s\n", deal.Id, dealStatusText(deal.Status), cli.SizeText(deal.SizeBytes),
					deal.Replicas.Open, deal.Replicas.Sealed, cli.CoinText(deal.Paid.String()), cli.CoinText(deal.Deposited.String()), deal.Root)
			}
			return nil
		})
	}
	return cmd
}

func (c *program) listDeals(ctx context.Context, market *chain.Client, from, root string) ([]markettypes.Deal, error) {
	if root != "" {
		if err := cli.CheckRoot(root); err != nil {
			return nil, err
		}
		return market.DealsByRoot(ctx, root, maxListedDeals)
	}
	address := from
	if from != "" {
		if _, err := chain.ParseAddress(from); err != nil {
			a, err := c.openAccountAlone(ctx, from)
			if err != nil {
				return nil, err
			}
			address, err = a.keys.Address(from)
			if err := errors.Join(err, a.Close()); err != nil {
				return nil, err
			}
		}
	}
	return market.DealsByClient(ctx, address, maxListedDeals)
}

func (c *program) dealStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status ID",
		Short: "Show a deal and its copies",
		Args:  cli.OneArg,
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseDealID(args[0])
			if err != nil {
				return err
			}
			return c.withChain(cmd.Context(), func(market *chain.Client) error {
				deal, replicas, err := market.Deal(cmd.Context(), id)
				if err != nil {
					return err
				}
				c.printDeal(deal, replicas)
				return nil
			})
		},
	}
}

func (c *program) dealWaitCommand() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "wait ID",
		Short: "Wait until every copy of a deal is active; ends with code 6 if the deal fails",
		Args:  cli.OneArg,
	}
	cmd.Flags().DurationVar(&timeout, "timeout", 0, "give up after this long; 0 waits until the deal is active or has failed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := parseDealID(args[0])
		if err != nil {
			return err
		}
		ctx := cmd.Context()
		if timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, timeout)
			defer cancel()
		}
		return c.withChain(ctx, func(market *chain.Client) error {
			deal, replicas, err := waitDeal(ctx, market, id)
			if err != nil {
				return err
			}
			c.printDeal(deal, replicas)
			return nil
		})
	}
	return cmd
}

func (c *program) dealCancelCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:     "cancel ID",
		Short:   "End a deal early; what is not earned goes back",
		Example: "  ipdm deal cancel 7 --from me",
		Args:    cli.OneArg,
	}
	cmd.Flags().StringVar(&from, "from", "", "key of the client")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		id, err := parseDealID(args[0])
		if err != nil {
			return err
		}
		if from == "" {
			return cli.Usagef("only the client can cancel: name your key with --from KEY")
		}
		a, err := c.openAccountAlone(cmd.Context(), from)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.Close()) }()
		signer, err := a.signer()
		if err != nil {
			return err
		}
		tx, err := signer.Submit(cmd.Context(), &markettypes.MsgCancelDeal{Client: signer.Address(), DealId: id})
		if err != nil {
			return explainTx(err)
		}
		if c.JSON {
			c.PrintJSON(map[string]any{"deal_id": id, "tx": tx.Hash})
			return nil
		}
		c.Printf("deal %d is being cancelled, transaction %s\n", id, tx.Hash)
		return nil
	}
	return cmd
}

func parseDealID(text string) (uint64, error) {
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil || id == 0 {
		return 0, cli.Usagef("%q is not the number of a deal", text)
	}
	return id, nil
}

// maybeDaemon connects to the daemon if there is one: a command for the chain alone needs it only to learn where the
// chain is.
func (c *program) maybeDaemon(ctx context.Context) *client.Client {
	d, err := c.Dial(ctx)
	if err != nil {
		return nil
	}
	return d
}

// openAccountAlone is openAccount with or without a daemon.
func (c *program) openAccountAlone(ctx context.Context, name string) (*account, error) {
	d := c.maybeDaemon(ctx)
	a, err := c.openAccount(ctx, d, name)
	if d != nil {
		err = errors.Join(err, d.Close())
	}
	return a, err
}

// withChain runs f with a client of the chain.
func (c *program) withChain(ctx context.Context, f func(*chain.Client) error) error {
	d := c.maybeDaemon(ctx)
	market, err := c.openChain(ctx, d)
	if d != nil {
		err = errors.Join(err, d.Close())
	}
	if err != nil {
		return err
	}
	return errors.Join(f(market), market.Close())
}

// waitDeal waits until a deal is active. It fails with cli.ErrRefused if it ends otherwise; while the chain does not answer
// it goes on.
func waitDeal(ctx context.Context, market *chain.Client, id uint64) (markettypes.Deal, []markettypes.Replica, error) {
	ticker := time.NewTicker(dealPoll)
	defer ticker.Stop()
	for {
		deal, replicas, err := market.Deal(ctx, id)
		switch {
		case err != nil && ctx.Err() == nil && !errors.Is(err, chain.ErrUnreachable):
			return deal, nil, err
		case err != nil:
		case deal.Status == markettypes.DEAL_STATUS_ACTIVE:
			return deal, replicas, nil
		case deal.Status != markettypes.DEAL_STATUS_PENDING:
			return deal, nil, deadDeal(deal)
		}
		select {
		case <-ctx.Done():
			return deal, nil, fmt.Errorf("deal %d is not active yet: %w (go on with: ipdm deal wait %d)", id, ctx.Err(), id)
		case <-ticker.C:
		}
	}
}

// deadDeal says why a deal will not become active.
func deadDeal(deal markettypes.Deal) error {
	final := deal.Status
	if final == markettypes.DEAL_STATUS_CLOSING {
		final = deal.FinalStatus
	}
	reason := "what was not earned goes back"
	if final == markettypes.DEAL_STATUS_FAILED {
		reason = "no provider took every copy in time, and the escrow goes back (raise --max-price, or order fewer copies"
		if deal.Replicas.Sealed > 0 {
			reason += "; providers refuse sealed copies that they cannot seal in time: smaller ones are sealed sooner"
		}
		reason += ")"
	}
	return fmt.Errorf("%w: deal %d has %s: %s", cli.ErrRefused, deal.Id, endText(final), reason)
}

// endText is the end of a deal as the end of "the deal has ...".
func endText(final markettypes.DealStatus) string {
	if final == markettypes.DEAL_STATUS_CANCELLED {
		return "been cancelled"
	}
	return dealStatusText(final)
}

func dealStatusText(s markettypes.DealStatus) string {
	return strings.ToLower(strings.TrimPrefix(s.String(), "DEAL_STATUS_"))
}

func replicaStatusText(s markettypes.ReplicaStatus) string {
	return strings.ToLower(strings.TrimPrefix(s.String(), "REPLICA_STATUS_"))
}
