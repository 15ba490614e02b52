package solana

import (
	"fmt"
	"strconv"
	"time"

	solanago "github.com/gagliardetto/solana-go"
)

// Options are those of a network; the zero value is one node with slots of 400 ms.
type Options struct {
	// Nodes is how many RPC nodes the network has; 0 is one, 16 are the most.
	Nodes int
	// Port is that of the first node, the others follow; 0 is any free ones.
	Port int
	// SlotTime is how long a slot takes; 0 is 400 ms.
	SlotTime time.Duration
	// Manual has slots pass by Advance only. The Clock sysvar then moves by 400 ms a slot.
	Manual bool
	// ConfirmedDepth and FinalizedDepth are the blocks below the tip at which a block is confirmed and finalized; 0 is 2 and 32.
	ConfirmedDepth, FinalizedDepth int
	// Programs are the files of programs of the upgradeable loader that are there from the start.
	Programs map[solanago.PublicKey]string
	// Balances are the lamports of accounts that are there from the start.
	Balances map[solanago.PublicKey]uint64
}

func (o Options) args() []string {
	args := []string{"--nodes", strconv.Itoa(max(o.Nodes, 1)), "--port", strconv.Itoa(o.Port)}
	if o.Manual {
		args = append(args, "--manual")
	}
	if o.SlotTime > 0 {
		args = append(args, "--slot-ms", strconv.FormatInt(max(o.SlotTime.Milliseconds(), 1), 10))
	}
	if o.ConfirmedDepth > 0 {
		args = append(args, "--confirmed-depth", strconv.Itoa(o.ConfirmedDepth))
	}
	if o.FinalizedDepth > 0 {
		args = append(args, "--finalized-depth", strconv.Itoa(o.FinalizedDepth))
	}
	for id, file := range o.Programs {
		args = append(args, "--program", fmt.Sprintf("%s=%s", id, file))
	}
	for address, lamports := range o.Balances {
		args = append(args, "--fund", fmt.Sprintf("%s=%d", address, lamports))
	}
	return args
}
