package program

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	dayMillis = 86_400_000
	// MaxPause is the longest pause that a genesis may have, in milliseconds.
	MaxPause = 30 * dayMillis
	// MinRetention is the shortest retention of events that a genesis may have, in milliseconds.
	MinRetention = 7 * dayMillis
	// maxPeriod keeps sums of times from overflowing.
	maxPeriod = 1<<56 - 1
)

// ErrGenesis is what Genesis.Validate fails with.
var ErrGenesis = errors.New("the program takes no such genesis")

// Genesis is what the program begins with. Times are in milliseconds.
type Genesis struct {
	Chain         wire.Hash // wire.ChainHash of IPDM's chain id
	Domain        wire.Domain
	Epoch         uint64
	Set           wire.Hash // root of the signer set, which is put before
	TrustPeriod   uint64
	Guardian      solana.PublicKey
	RecoveryKey   solana.PublicKey
	RecoveryDelay uint64
	Pause         uint64
	Cooldown      uint64
	Retention     uint64 // of events
}

// Validate fails with ErrGenesis for what the program refuses: domain 0, no trust period, a pause that is longer than MaxPause, a cool-down
// that is shorter than the pause, so that a guardian could hold value back for more than half the time, a retention that is shorter than
// MinRetention, and times of 2^56 ms and more.
func (g Genesis) Validate() error {
	switch {
	case g.Domain == 0:
		return fmt.Errorf("%w: domain 0 is IPDM", ErrGenesis)
	case g.TrustPeriod == 0:
		return fmt.Errorf("%w: the trust period is 0", ErrGenesis)
	case g.Pause > MaxPause:
		return fmt.Errorf("%w: a pause of %d ms, of at most %d", ErrGenesis, g.Pause, MaxPause)
	case g.Cooldown < g.Pause:
		return fmt.Errorf("%w: a cool-down of %d ms after a pause of %d, of at least as long", ErrGenesis, g.Cooldown, g.Pause)
	case g.Retention < MinRetention:
		return fmt.Errorf("%w: events are kept for %d ms, of at least %d", ErrGenesis, g.Retention, MinRetention)
	case max(g.TrustPeriod, g.RecoveryDelay, g.Cooldown, g.Retention) > maxPeriod:
		return fmt.Errorf("%w: a time of more than %d ms", ErrGenesis, maxPeriod)
	}
	return nil
}

// Initialize makes client and gateway. The program's own key signs.
func (p Program) Initialize(payer solana.PublicKey, g Genesis) Instruction {
	accounts := solana.AccountMetaSlice{pays(payer), signs(p.ID), writes(p.Client()), writes(p.Gateway()), system, reads(p.Set(g.Set))}
	return p.instruction(tagInitialize, accounts, g.Chain[:], binary.BigEndian.AppendUint32(nil, uint32(g.Domain)), u64(g.Epoch), g.Set[:],
		u64(g.TrustPeriod), g.Guardian[:], g.RecoveryKey[:], u64(g.RecoveryDelay), u64(g.Pause), u64(g.Cooldown), u64(g.Retention))
}
