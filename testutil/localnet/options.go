package localnet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options says what network to run.
type Options struct {
	// Dir takes the network's whole state; it must not exist or be empty, or hold an earlier network that is down.
	Dir string
	// BinDir holds ipdmd and ipdm.
	BinDir string
	// Validators is the number of validators, each with a data node; 1 to 32.
	Validators int
	// Bridge starts an Ethereum and a Solana as well, with light clients of the chain and a relayer. It needs Node.js 20.
	Bridge bool
	// Geth is a geth program whose development chain is the Ethereum; anvil where it is empty.
	Geth string
	// CommitTimeout is how long validators wait after each commit, which bounds how fast blocks come; 0 for what the localnet profile has.
	CommitTimeout time.Duration
	// ChainID names the chain; empty for one made from the folder's name and the time, so that two networks differ.
	ChainID string
	// Log takes what the launcher does, a line each.
	Log io.Writer
}

// validate fills in the defaults and checks the rest.
func (o *Options) validate() error {
	if o.Validators == 0 {
		o.Validators = 4
	}
	if o.Validators < 1 || o.Validators > 32 {
		return fmt.Errorf("a localnet has 1 to 32 validators, not %d", o.Validators)
	}
	if o.Dir == "" {
		o.Dir = filepath.Join("build", "localnet")
	}
	if o.BinDir == "" {
		o.BinDir = "build"
	}
	var err error
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return fmt.Errorf("failed to resolve the network's folder: %w", err)
	}
	if o.BinDir, err = filepath.Abs(o.BinDir); err != nil {
		return fmt.Errorf("failed to resolve the binaries' folder: %w", err)
	}
	programs := []string{"ipdmd", "ipdm", "ipdm-node"}
	if o.Bridge {
		programs = append(programs, "ipdm-relayer")
	}
	for _, name := range programs {
		if _, err := os.Stat(filepath.Join(o.BinDir, name)); err != nil {
			return fmt.Errorf("%s is not in %s: run `make build` first: %w", name, o.BinDir, err)
		}
	}
	if o.ChainID == "" {
		o.ChainID = fmt.Sprintf("ipdm-local-%d", time.Now().UnixMilli())
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	return nil
}

// claimDir makes the network's folder, and refuses one that holds anything but an earlier network.
func claimDir(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return fmt.Errorf("failed to read the network's folder: %w", err)
	case len(entries) > 0:
		if _, err := os.Stat(filepath.Join(dir, marker)); err != nil {
			return fmt.Errorf("%s is neither empty nor a localnet; choose another --dir", dir)
		}
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("failed to clear the earlier network: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		return fmt.Errorf("failed to make the network's folder: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, marker), nil, 0o600); err != nil {
		return fmt.Errorf("failed to mark the network's folder: %w", err)
	}
	return nil
}

// marker is the file that tells a localnet's folder from any other.
const marker = ".ipdm-localnet"
