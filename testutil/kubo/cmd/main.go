// Command kubo compares an ipdm node with Kubo: see testutil/kubo. `scripts/bench data` is its front.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/ipdm-network/ipdm/testutil/kubo"
)

func main() {
	o := kubo.Options{Out: os.Stdout}
	flag.StringVar(&o.IPDM, "ipdm", "build/ipdm", "the ipdm program")
	flag.StringVar(&o.IPFS, "ipfs", "build/kubo/ipfs", "the Kubo program")
	flag.StringVar(&o.Dir, "dir", "build/bench/data", "folder for inputs and stores, deleted afterwards")
	flag.StringVar(&o.Tree, "tree", "", "folder to put")
	flag.IntVar(&o.Runs, "runs", 5, "runs of each figure, of which the median is taken")
	report := flag.String("json", "build/bench/data.json", "file for the report")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, *report); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		stop()
		os.Exit(1) //nolint:gocritic // the deferred stop was called
	}
}

func run(ctx context.Context, o kubo.Options, report string) error {
	r, err := kubo.Compare(ctx, o)
	if err != nil {
		return err
	}
	fmt.Println("report:", report)
	return r.WriteJSON(report)
}
