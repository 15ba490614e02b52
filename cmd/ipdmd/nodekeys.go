package main

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/cosmos/cosmos-sdk/server"

	"github.com/ipdm-network/ipdm/app/beaconkey"
	"github.com/ipdm-network/ipdm/app/bridgesign"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// savable is the keys of a file.
type savable interface{ Save(path string) error }

// keyKind is a kind of keys that a node has in a file of its own.
type keyKind[R savable] struct {
	name, command string // for people, and of the commands about it
	path          func(home string) string
	load          func(path string) (R, error)
	generate      func(ring R) (R, error) // adds a key
	newest        func(ring R) string     // the public half of the newest key in text
}

var (
	beaconKind = keyKind[*beaconkey.Ring]{
		name: "VRF key", command: "beacon", path: beaconkey.Path, load: beaconkey.Load, generate: (*beaconkey.Ring).Generate,
		newest: func(r *beaconkey.Ring) string { return hex.EncodeToString(r.Newest().Public()) },
	}
	bridgeKind = keyKind[*bridgesign.Ring]{
		name: "bridge key", command: "bridge", path: bridgesign.Path, load: bridgesign.Load, generate: (*bridgesign.Ring).Generate,
		newest: func(r *bridgesign.Ring) string { return wire.AddressOf(&r.Newest().PublicKey).String() },
	}
)

// add makes another key in the file of a home, and the file if there is none.
func (k keyKind[R]) add(home string) (R, error) {
	path := k.path(home)
	ring, err := k.load(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return ring, err
	}
	if ring, err = k.generate(ring); err != nil {
		return ring, err
	}
	return ring, ring.Save(path)
}

// ensure makes the key of a home that has none, and tells what to do with it.
func (k keyKind[R]) ensure(home string, out io.Writer) error {
	path := k.path(home)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	ring, err := k.add(home)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "made the %s %s in %s: if this node is a validator, register it with the command that "+
		"`ipdmd %s register-command` prints\n", k.name, k.newest(ring), path, k.command)
	return err
}

// ensureKeys makes what keys a home lacks.
func ensureKeys(home string, out io.Writer) error {
	return errors.Join(beaconKind.ensure(home, out), bridgeKind.ensure(home, out))
}

// genKeyCommand makes the command that adds a key.
func (k keyKind[R]) genKeyCommand(short, long string) *cobra.Command {
	return &cobra.Command{
		Use:     "gen-key",
		Short:   short,
		Long:    long,
		Example: "ipdmd " + k.command + " gen-key",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ring, err := k.add(server.GetServerContextFromCmd(cmd).Config.RootDir)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), k.newest(ring))
			return err
		},
	}
}

// printJSON prints a value for people and programs.
func printJSON(cmd *cobra.Command, value any) error {
	out := json.NewEncoder(cmd.OutOrStdout())
	out.SetIndent("", "  ")
	return out.Encode(value)
}
