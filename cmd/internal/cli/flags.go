package cli

import (
	"time"

	"github.com/spf13/pflag"
)

// ChainFlags say where the chain is and where keys are, if not as the home says.
type ChainFlags struct {
	GRPC           []string
	ID             string
	GasPrice       string
	KeyringDir     string
	KeyringBackend string
}

// Register adds the flags to a command's.
func (f *ChainFlags) Register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.GRPC, "chain-grpc", nil, "gRPC address of a chain node instead of those in the configuration (repeatable)")
	flags.StringVar(&f.ID, "chain-id", "", "id of the chain, instead of the one in the configuration")
	flags.StringVar(&f.GasPrice, "gas-price", "", "what to pay for a unit of gas, such as 0aipdm")
	flags.StringVar(&f.KeyringDir, "keyring-dir", "", "keyring instead of the one in the home")
	flags.StringVar(&f.KeyringBackend, "keyring-backend", "", "os, file or test")
}

// OrderFlags describe a deal.
type OrderFlags struct {
	Replicas string
	Duration time.Duration
	MaxPrice string
	Yes      bool
}

// Register adds the flags but that of the replicas.
func (f *OrderFlags) Register(flags *pflag.FlagSet) {
	flags.DurationVar(&f.Duration, "duration", 0, "how long the copies are kept, such as 24h")
	flags.StringVar(&f.MaxPrice, "max-price", "", "most to pay for a GiB-hour of one copy: aipdm, or such as 0.002IPDM; empty takes the cheapest asks that suffice")
	flags.BoolVarP(&f.Yes, "yes", "y", false, "do not ask before paying")
}

func (f *OrderFlags) given() bool { return f.Duration != 0 || f.MaxPrice != "" }
