package compress

import (
	"errors"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// Effort says how hard to compress.
type Effort uint8

const (
	// Balanced is for data that are written once and read now and then: zstd at its quickest.
	Balanced Effort = iota
	// Fast favours speed: s2.
	Fast
	// Dense favours size: zstd at its default level, and larger packs.
	Dense
)

// ErrEffort reports a name that is no effort's.
var ErrEffort = errors.New("no such effort: it is fast, balanced or dense")

var effortNames = map[Effort]string{Fast: "fast", Balanced: "balanced", Dense: "dense"}

// String returns the name of the effort.
func (e Effort) String() string {
	if name, ok := effortNames[e]; ok {
		return name
	}
	return fmt.Sprintf("effort(%d)", uint8(e))
}

// Valid tells whether e is one of the efforts.
func (e Effort) Valid() bool { return e <= Dense }

// ParseEffort returns the effort with the given name. It fails with ErrEffort.
func ParseEffort(name string) (Effort, error) {
	for e := range effortNames {
		if e.String() == name {
			return e, nil
		}
	}
	return 0, fmt.Errorf("%w, not %q", ErrEffort, name)
}

// general is the method for data of no special kind.
func (e Effort) general() Method {
	switch e {
	case Fast:
		return Method{envelope.S2, envelope.LevelFastest}
	case Dense:
		return Method{envelope.Zstd, envelope.LevelDefault}
	}
	return Method{envelope.Zstd, envelope.LevelFastest}
}
