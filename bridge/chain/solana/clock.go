package solana

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gagliardetto/solana-go"
)

const (
	clockBytes = 40
	// clockTime is where the Clock sysvar has the time, a little-endian i64 of seconds since 1970.
	clockTime = 32
	// maxSeconds keeps times in milliseconds, and as time.Time, far from overflows.
	maxSeconds = 1 << 40
)

// clockOf returns the time of the block that an account of the Clock sysvar is of.
func clockOf(a *account) (time.Time, error) {
	raw, err := a.of(solana.SysVarPubkey)
	if err != nil {
		return time.Time{}, fmt.Errorf("the Clock sysvar: %w", err)
	}
	if len(raw) != clockBytes {
		return time.Time{}, fmt.Errorf("the Clock sysvar has %d bytes, expected %d", len(raw), clockBytes)
	}
	seconds := binary.LittleEndian.Uint64(raw[clockTime:])
	if seconds == 0 || seconds > maxSeconds {
		return time.Time{}, fmt.Errorf("the Clock sysvar has a time of %d s", int64(seconds))
	}
	return time.Unix(int64(seconds), 0).UTC(), nil
}
