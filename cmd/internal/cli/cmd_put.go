package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// PutFlags are what a put can be told.
type PutFlags struct {
	Tags        []string
	Encode      string
	ContentType string
	Supersedes  string
	Keep        string
	From        string
	Anchor      bool
	Wait        bool
	Order       OrderFlags
}

// PutResult is the result of a put as it is printed.
type PutResult struct {
	Root       string  `json:"root"`
	Manifest   string  `json:"manifest"`
	Size       uint64  `json:"size"`
	StoredSize uint64  `json:"stored_size"`
	Blocks     uint64  `json:"blocks"`
	NewBlocks  uint64  `json:"new_blocks"`
	NewSize    uint64  `json:"new_size"`
	ReusedSize uint64  `json:"reused_size"`
	AddedSize  uint64  `json:"added_size"`
	Existing   bool    `json:"existing,omitempty"`
	Files      uint64  `json:"files"`
	Seconds    float64 `json:"seconds"`
	DealID     uint64  `json:"deal_id,omitempty"`
	Escrow     string  `json:"escrow,omitempty"`
	Tx         string  `json:"tx,omitempty"`
	Status     string  `json:"status,omitempty"`
}

func (c *Call) putCommand() *cobra.Command {
	var p PutFlags
	cmd := &cobra.Command{
		Use:   "put PATH|-",
		Short: "Store a file or directory and print its root CID",
		Long: `Stores a file, a directory tree or standard input ("-"). The content is on disk when this returns; a put that fails or is
interrupted leaves nothing but garbage for ` + "`ipdm gc`" + `. Dotfiles, empty directories and the exec bit are kept; symbolic links
are stored, not followed. Storing the same again costs nothing.

--from signs the manifest with a key of the keyring; otherwise the node's own key does. --anchor records the manifest on
chain, --deal has providers keep and prove copies; both need --from, go into one transaction, and the price is shown first.`,
		Example: `  ipdm put ./photos
  ipdm put ./photos --tag album=2024 --encode dense
  tar c . | ipdm put - --content-type application/x-tar
  ipdm put ./photos --from me --anchor --deal open:3 --duration 24h --max-price 0.002IPDM --wait`,
		Args: OneArg,
	}
	f := cmd.Flags()
	f.StringVar(&p.Supersedes, "supersedes", "", "manifest CID that this one replaces; see also `ipdm update`")
	p.register(f)
	c.Chain.Register(f)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return c.put(cmd.Context(), args[0], p) }
	return cmd
}

// register adds the flags of everything that stores content, but for the manifest that is replaced.
func (p *PutFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&p.Tags, "tag", nil, "key=value to keep with the manifest (repeatable)")
	f.StringVar(&p.Encode, "encode", "", "fast, balanced or dense; otherwise as the node is set")
	f.StringVar(&p.ContentType, "content-type", "", "media type of the content")
	f.StringVar(&p.Keep, "keep", "", "how long the replaced version stays: 30d, 12h or forever; otherwise as the node is set")
	f.StringVar(&p.From, "from", "", "key that signs the manifest and pays")
	f.BoolVar(&p.Anchor, "anchor", false, "record the manifest on chain")
	f.StringVar(&p.Order.Replicas, "deal", "", "order copies by class, such as open:3 or open:2,sealed:2")
	f.BoolVar(&p.Wait, "wait", false, "wait until every copy is active")
	p.Order.Register(f)
}

// encodes are the values of --encode.
var encodes = map[string]sidecarv1.Encode{
	"":         sidecarv1.Encode_ENCODE_UNSPECIFIED,
	"fast":     sidecarv1.Encode_ENCODE_FAST,
	"balanced": sidecarv1.Encode_ENCODE_BALANCED,
	"dense":    sidecarv1.Encode_ENCODE_DENSE,
}

// check finds what cannot work before anything is stored.
func (p *PutFlags) check() error {
	if _, ok := encodes[p.Encode]; !ok {
		return Usagef("--encode must be fast, balanced or dense, not %q", p.Encode)
	}
	if p.Keep != "" {
		if p.Supersedes == "" {
			return Usagef("--keep is about the version that is replaced: name it with --supersedes, or use ipdm update")
		}
		if _, err := parseKeep(p.Keep); err != nil {
			return err
		}
	}
	if (p.Anchor || p.Order.Replicas != "") && p.From == "" {
		return Usagef("--anchor and --deal are paid for: name your key with --from KEY")
	}
	if p.Order.Replicas == "" && (p.Order.given() || p.Wait) {
		return Usagef("--duration, --max-price and --wait belong to a deal: add --deal open:3")
	}
	return nil
}

// header is what the put begins with, of flags that were checked.
func (p *PutFlags) header() *sidecarv1.PutHeader {
	h := &sidecarv1.PutHeader{Tags: p.Tags, Encode: encodes[p.Encode], ContentType: p.ContentType, Supersedes: p.Supersedes}
	if p.Keep != "" {
		h.KeepSupersededMs, _ = parseKeep(p.Keep)
	}
	return h
}

// parseKeep reads how long a version is kept, in milliseconds as the API has it.
func parseKeep(text string) (int64, error) {
	if text == "forever" {
		return -1, nil
	}
	keep, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		keep = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || keep < 0 {
		return 0, Usagef("--keep must be a time such as 30d or 12h, or forever, not %q", text)
	}
	return max(keep.Milliseconds(), 1), nil // 0 stands for the node's default
}

func (c *Call) put(ctx context.Context, path string, p PutFlags) error {
	if err := c.checkPut(path, &p); err != nil {
		return err
	}
	return c.WithDaemon(ctx, func(d *client.Client) error { return c.putTo(ctx, d, path, p) })
}

// checkPut finds what cannot work before the daemon is called.
func (c *Call) checkPut(path string, p *PutFlags) error {
	if err := p.check(); err != nil {
		return err
	}
	if p.From != "" && c.OpenAccount == nil {
		return ErrElsewhere
	}
	if path != "-" {
		if _, err := os.Lstat(path); err != nil {
			return fmt.Errorf("failed to read: %w", err)
		}
	}
	return nil
}

// putTo stores with flags that were checked.
func (c *Call) putTo(ctx context.Context, d *client.Client, path string, p PutFlags) (err error) {
	opts := client.PutOptions{Header: p.header()}
	var account Account
	if p.From != "" {
		if account, err = c.OpenAccount(ctx, d, &p); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, account.Close()) }()
		if opts.Header.Creator, err = account.Creator(); err != nil {
			return err
		}
		opts.Sign = account.Sign
	}
	result, err := c.send(ctx, d, path, opts)
	if err != nil {
		return err
	}
	if p.Anchor || p.Order.Replicas != "" {
		if err := account.Pay(ctx, d, &p, result); err != nil {
			// The put itself is done: say so, that the caller need not repeat it.
			return fmt.Errorf("stored as root %s, manifest %s, but: %w", result.Root, result.Manifest, err)
		}
	}
	c.printPut(result)
	return nil
}

// send stores the content and shows how far it is.
func (c *Call) send(ctx context.Context, d *client.Client, path string, opts client.PutOptions) (*PutResult, error) {
	began := time.Now()
	var total int64
	if path != "-" && Terminal(c.Stderr) && !c.JSON {
		total = client.TreeBytes(path)
	}
	bar := c.NewBar("put", total)
	defer bar.End()
	opts.Progress = bar.Add
	var stored *sidecarv1.PutResult
	var err error
	if path == "-" {
		stored, err = d.PutReader(ctx, c.Stdin, opts)
	} else {
		stored, err = d.PutPath(ctx, path, opts)
	}
	if err != nil {
		return nil, err
	}
	return &PutResult{
		Root:       stored.Root,
		Manifest:   stored.Manifest,
		Size:       stored.SizeBytes,
		StoredSize: stored.StoredBytes,
		Blocks:     stored.Blocks,
		NewBlocks:  stored.NewBlocks,
		NewSize:    stored.NewBytes,
		ReusedSize: stored.SizeBytes - min(stored.NewBytes, stored.SizeBytes),
		AddedSize:  stored.NewStoredBytes,
		Existing:   stored.Existing,
		Files:      stored.Files,
		Seconds:    time.Since(began).Seconds(),
	}, nil
}

func (c *Call) printPut(r *PutResult) {
	if c.JSON {
		c.PrintJSON(r)
		return
	}
	if !Terminal(c.Stdout) {
		c.Printf("%s\n", r.Root)
	} else {
		rate := SizeText(uint64(float64(r.Size) / max(r.Seconds, 1e-9)))
		c.Printf("root      %s\nmanifest  %s\n", r.Root, r.Manifest)
		c.Printf("%d files, %s, stored in %s; %d of %d blocks are new and added %s; %.1fs (%s/s)\n",
			r.Files, SizeText(r.Size), SizeText(r.StoredSize), r.NewBlocks, r.Blocks, SizeText(r.AddedSize), r.Seconds, rate)
	}
	if r.Tx != "" {
		fmt.Fprintf(c.Stderr, "transaction %s\n", r.Tx)
	}
	if r.DealID != 0 {
		fmt.Fprintf(c.Stderr, "deal %d", r.DealID)
		if r.Status != "" {
			fmt.Fprintf(c.Stderr, " is %s", r.Status)
		}
		_, _ = io.WriteString(c.Stderr, "\n")
	}
}
