package main

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ipdm-network/ipdm/cmd/internal/cli"
	"github.com/ipdm-network/ipdm/x/anchor/proof"
	"github.com/ipdm-network/ipdm/x/anchor/trie"
)

func (c *program) proofCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "proof",
		Short: "Check proofs that manifests are anchored",
		Args:  cli.NoArgs,
	}
	cmd.AddCommand(c.proofVerifyCommand())
	return cmd
}

// anchorProofJSON is what a proof says, as it is printed.
type anchorProofJSON struct {
	Manifest      string    `json:"manifest"`
	ChainID       string    `json:"chain_id"`
	Height        int64     `json:"height"`
	AnchorRoot    string    `json:"anchor_root"`
	AppHashHeight int64     `json:"app_hash_height"`
	AppHash       string    `json:"app_hash"`
	AppHashKnown  bool      `json:"app_hash_compared"`
	Codec         string    `json:"root_codec"`
	RootDigest    string    `json:"root_digest"`
	Owner         string    `json:"owner"`
	Size          uint64    `json:"size"`
	AnchoredAt    time.Time `json:"anchored_at"`
	AnchorHeight  uint64    `json:"anchor_height"`
	Version       uint64    `json:"version"`
	Superseded    bool      `json:"superseded"`
	Tombstoned    bool      `json:"tombstoned"`
}

func (c *program) proofVerifyCommand() *cobra.Command {
	var appHash, anchorRoot string
	cmd := &cobra.Command{
		Use:   "verify <file>",
		Short: "Check a proof made by `ipdmd query anchor proof`, without a node",
		Long: `Checks that the manifest's record is in the trie of anchored manifests with the root that the file names, and that this root
is part of the state with the app hash that the file names. "-" reads the file from standard input.

What it does not know is whether that app hash is the chain's. Compare it with the header of that height from a node you trust,
or have it compared: --app-hash takes what the header says. --anchor-root takes the root that a bridge checkpoint says.

Ends with code 5 if the proof does not hold.`,
		Example: `  ipdmd query anchor proof bafyr4i... > proof.json
  ipdm proof verify proof.json
  ipdm proof verify proof.json --app-hash 0x12ab... --json`,
		Args: cli.OneArg,
	}
	cmd.Flags().StringVar(&appHash, "app-hash", "", "the app hash that the proof must lead to, in hex")
	cmd.Flags().StringVar(&anchorRoot, "anchor-root", "", "the root of the trie that the proof must lead to, in hex")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		raw, err := c.readProof(args[0])
		if err != nil {
			return err
		}
		file, err := proof.Decode(raw)
		if err != nil {
			return fmt.Errorf("%w: %w", cli.ErrDamaged, err)
		}
		value, err := file.Verify()
		if err != nil {
			return fmt.Errorf("%w: %w", cli.ErrDamaged, err)
		}
		for _, expected := range []struct {
			name, want string
			got        proof.Bytes
		}{{"app-hash", appHash, file.AppHash}, {"anchor-root", anchorRoot, file.AnchorRoot}} {
			if expected.want == "" {
				continue
			}
			var want proof.Bytes
			if err := want.UnmarshalText([]byte(expected.want)); err != nil {
				return cli.Usagef("--%s: %s", expected.name, err)
			}
			if string(want) != string(expected.got) {
				return fmt.Errorf("%w: the proof leads to %s %s, not to %s", cli.ErrDamaged, expected.name, hexText(expected.got), hexText(want))
			}
		}
		c.printProof(file, value, appHash != "")
		return nil
	}
	return cmd
}

// readProof reads a file, or standard input, up to what a proof may have.
func (c *program) readProof(name string) ([]byte, error) {
	in := c.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("failed to read the proof: %w", err)
		}
		defer func() { _ = file.Close() }() // only read
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, proof.MaxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("failed to read the proof: %w", err)
	}
	return raw, nil
}

func hexText(raw []byte) string { return "0x" + hex.EncodeToString(raw) }

func (c *program) printProof(f proof.File, v trie.Value, compared bool) {
	out := anchorProofJSON{
		Manifest: f.Manifest, ChainID: f.ChainID, Height: f.Height, AnchorRoot: hexText(f.AnchorRoot),
		AppHashHeight: f.AppHashHeight, AppHash: hexText(f.AppHash), AppHashKnown: compared,
		Codec: map[uint8]string{trie.Raw: "raw", trie.DagPB: "dag-pb"}[v.Codec], RootDigest: hexText(v.RootDigest[:]), Owner: hexText(v.Owner[:]),
		Size: v.SizeBytes, AnchoredAt: time.UnixMilli(int64(v.TimeMillis)).UTC(), AnchorHeight: v.Height, Version: v.VersionCount,
		Superseded: v.Superseded, Tombstoned: v.Tombstoned,
	}
	if c.JSON {
		c.PrintJSON(out)
		return
	}
	c.Printf("manifest    %s\n", out.Manifest)
	c.Printf("anchored    %s at height %d, version %d%s\n", out.AnchoredAt.Format(time.RFC3339), out.AnchorHeight, out.Version, fate(v))
	c.Printf("content     %s, root %s blake3 %s\n", cli.SizeText(out.Size), out.Codec, out.RootDigest)
	c.Printf("owner       %s\n", out.Owner)
	c.Printf("trie root   %s at height %d of %s\n", out.AnchorRoot, out.Height, out.ChainID)
	c.Printf("app hash    %s in the header of height %d\n", out.AppHash, out.AppHashHeight)
	if !compared {
		c.Printf("The proof holds if that is the app hash of the chain: compare it with a node you trust, or pass --app-hash.\n")
	}
}

func fate(v trie.Value) string {
	switch {
	case v.Tombstoned:
		return ", withdrawn by its owner"
	case v.Superseded:
		return ", superseded by a later version"
	}
	return ""
}
