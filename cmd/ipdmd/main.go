package main

import (
	"fmt"
	"os"

	servercmd "github.com/cosmos/cosmos-sdk/server/cmd"
)

func main() {
	root, err := newRootCmd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "failed to assemble the command line:", err)
		os.Exit(1)
	}
	if err := servercmd.Execute(root, envPrefix, defaultHome()); err != nil {
		// The error has been printed by the command.
		os.Exit(1)
	}
}
