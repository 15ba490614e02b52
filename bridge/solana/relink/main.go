// Command relink turns the object that clang makes of a Solana program into shared objects that the Solana runtime loads.
//
//	relink -version 3 -o program.so program.o
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/ipdm-network/ipdm/bridge/solana/relink/sbpf"
)

func main() {
	version := flag.Int("version", 3, "sBPF version of the image: 3 (static) or 0 (dynamic)")
	out := flag.String("o", "", "file to write")
	flag.Parse()
	if err := run(sbpf.Version(*version), flag.Arg(0), *out); err != nil {
		fmt.Fprintln(os.Stderr, "relink:", err)
		os.Exit(1)
	}
}

func run(version sbpf.Version, in, out string) error {
	if in == "" || out == "" {
		return fmt.Errorf("usage: relink -version 3|0 -o image.so object.o")
	}
	raw, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	object, err := sbpf.Parse(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	image, err := object.Link(version)
	if err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	return os.WriteFile(out, image, 0o644)
}
