package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

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

func (c *cli) dealCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "deal",
		Short: "Order copies that providers keep and prove, and look after them",
		Long: `A deal pays providers to keep copies of a root for a time and to prove it in every window. The price goes into escrow,
providers are paid from it as they prove, and what is not earned comes back.

There are two classes of copies. Of an open copy the provider proves that it can produce the bytes: it may keep them anyhow, and serves
them at once. A sealed copy is one of its own on the provider's disk, shown to be so by a seal that validators check: it takes longer
to become active, and more pledge stands behind it. Sealed copies are served as well, from the open data that they were made of.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.chain.register(cmd.PersistentFlags())
	cmd.AddCommand(c.dealCreateCommand(), c.dealListCommand(), c.dealStatusCommand(), c.dealWaitCommand(), c.dealCancelCommand())
	return cmd
}

func (c *cli) dealCreateCommand() *cobra.Command {
	var (
		flags    orderFlags
		from     string
		manifest string
		wait     bool
	)
	cmd := &cobra.Command{
		Use:     "create ROOT",
		Short:   "Order copies of a stored root",
		Example: "  ipdm deal create ROOT --from me --deal open:2,sealed:2 --duration 24h --max-price 0.002IPDM --wait",
		Args:    oneArg,
	}
	f := cmd.Flags()
	f.StringVar(&flags.replicas, "deal", "open:3", "copies by class, such as open:2,sealed:2, which suits a network with enough providers")
	f.StringVar(&flags.replicas, "replicas", "open:3", "the same as --deal")
	f.StringVar(&from, "from", "", "key that pays")
	f.StringVar(&manifest, "manifest", "", "manifest to order, if the root has several; the newest otherwise")
	f.BoolVar(&wait, "wait", false, "wait until every copy is active")
	flags.register(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if f.Changed("deal") && f.Changed("replicas") {
			return usagef("--replicas is the same as --deal: give one of them")
		}
		o, err := flags.parse()
		if err != nil {
			return err
		}
		if from == "" {
			return usagef("a deal is paid for: name your key with --from KEY")
		}
		if err := checkRoot(args[0]); err != nil {
			return err
		}
		return c.createDeal(cmd.Context(), args[0], manifest, from, o, wait)
	}
	return cmd
}

func (c *cli) createDeal(ctx context.Context, root, manifest, from string, o *order, wait bool) error {
	return c.withDaemon(ctx, func(d *client.Client) (err error) {
		a, err := c.openAccount(ctx, d, from)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.close()) }()
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
			return usagef("manifest %s is of root %s, not %s", manifest, prepared.Root, root)
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
		if c.json {
			c.printJSON(struct {
				DealID uint64 `json:"deal_id"`
				Escrow string `json:"escrow"`
				Tx     string `json:"tx"`
				Status string `json:"status,omitempty"`
			}{created.DealId, created.Deposited.String(), tx.Hash, status})
			return nil
		}
		c.printf("deal %d, %s in escrow, transaction %s %s\n", created.DealId, coinText(created.Deposited.String()), tx.Hash, status)
		return nil
	})
}

// newestManifest finds the manifest of a pinned root that was made last.
func newestManifest(ctx context.Context, d *client.Client, root string) (string, error) {
	manifest, newest := "", int64(-1)
	err := eachListed(ctx, d, &sidecarv1.ListRequest{}, func(item *sidecarv1.ListResponse) {
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

func (c *cli) dealListCommand() *cobra.Command {
	var from, root string
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List deals on chain",
		Example: "  ipdm deal ls --from me\n  ipdm deal ls --root ROOT",
		Args:    noArgs,
	}
	cmd.Flags().StringVar(&from, "from", "", "key or address of the client; all clients otherwise")
	cmd.Flags().StringVar(&root, "root", "", "deals of this root")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if from != "" && root != "" {
			return usagef("give --from or --root, not both")
		}
		return c.withChain(cmd.Context(), func(market *chain.Client) error {
			deals, err := c.listDeals(cmd.Context(), market, from, root)
			if err != nil {
				return err
			}
			if c.json {
				list := make([]dealJSON, 0, len(deals))
				for _, deal := range deals {
					list = append(list, dealOf(deal))
				}
				c.printJSON(map[string]any{"deals": list})
				return nil
			}
			for _, deal := range deals {
				c.printf("%6d  %-9s  %10s  %d open + %d sealed  paid %s of %s  %s\n", deal.Id, dealStatusText(deal.Status), sizeText(deal.SizeBytes),
					deal.Replicas.Open, deal.Replicas.Sealed, coinText(deal.Paid.String()), coinText(deal.Deposited.String()), deal.Root)
			}
			return nil
		})
	}
	return cmd
}

func (c *cli) listDeals(ctx context.Context, market *chain.Client, from, root string) ([]markettypes.Deal, error) {
	if root != "" {
		if err := checkRoot(root); err != nil {
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
			if err := errors.Join(err, a.close()); err != nil {
				return nil, err
			}
		}
	}
	return market.DealsByClient(ctx, address, maxListedDeals)
}

func (c *cli) dealStatusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status ID",
		Short: "Show a deal and its copies",
		Args:  oneArg,
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

func (c *cli) dealWaitCommand() *cobra.Command {
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "wait ID",
		Short: "Wait until every copy of a deal is active; ends with code 6 if the deal fails",
		Args:  oneArg,
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

func (c *cli) dealCancelCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:     "cancel ID",
		Short:   "End a deal early; what is not earned goes back",
		Example: "  ipdm deal cancel 7 --from me",
		Args:    oneArg,
	}
	cmd.Flags().StringVar(&from, "from", "", "key of the client")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		id, err := parseDealID(args[0])
		if err != nil {
			return err
		}
		if from == "" {
			return usagef("only the client can cancel: name your key with --from KEY")
		}
		a, err := c.openAccountAlone(cmd.Context(), from)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, a.close()) }()
		signer, err := a.signer()
		if err != nil {
			return err
		}
		tx, err := signer.Submit(cmd.Context(), &markettypes.MsgCancelDeal{Client: signer.Address(), DealId: id})
		if err != nil {
			return explainTx(err)
		}
		if c.json {
			c.printJSON(map[string]any{"deal_id": id, "tx": tx.Hash})
			return nil
		}
		c.printf("deal %d is being cancelled, transaction %s\n", id, tx.Hash)
		return nil
	}
	return cmd
}

func parseDealID(text string) (uint64, error) {
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil || id == 0 {
		return 0, usagef("%q is not the number of a deal", text)
	}
	return id, nil
}

// maybeDaemon connects to the daemon if there is one: a command for the chain alone needs it only to learn where the
// chain is.
func (c *cli) maybeDaemon(ctx context.Context) *client.Client {
	d, err := c.dial(ctx)
	if err != nil {
		return nil
	}
	return d
}

// openAccountAlone is openAccount with or without a daemon.
func (c *cli) openAccountAlone(ctx context.Context, name string) (*account, error) {
	d := c.maybeDaemon(ctx)
	a, err := c.openAccount(ctx, d, name)
	if d != nil {
		err = errors.Join(err, d.Close())
	}
	return a, err
}

// withChain runs f with a client of the chain.
func (c *cli) withChain(ctx context.Context, f func(*chain.Client) error) error {
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

// waitDeal waits until a deal is active. It fails with errRefused if it ends otherwise; while the chain does not answer
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
	return fmt.Errorf("%w: deal %d has %s: %s", errRefused, deal.Id, endText(final), reason)
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
