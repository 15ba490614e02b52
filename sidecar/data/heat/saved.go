package heat

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// ErrFormat reports bytes that are no saved history.
var ErrFormat = errors.New("not a saved access history")

const (
	savedVersion  = 1
	savedHeader   = 1 + 8 + 4
	savedRecord   = format.DigestSize + 4
	minSavedHeat  = 1.0 / (1 << 20) // what is colder is not worth a record
	maxSavedHeats = 1 << 40         // more accesses than one half-life can see
)

// Save returns the hottest digests in at most maxBytes.
func (h *History) Save(maxBytes int) []byte {
	now := h.now()
	elapsed := h.elapsed(now)
	kept := h.hottest((maxBytes - savedHeader) / savedRecord)
	warm, _ := slices.BinarySearchFunc(kept, math.Log2(minSavedHeat), func(e entry, least float64) int {
		if e.score-elapsed >= least {
			return -1
		}
		return 1
	})
	kept = kept[:warm]
	slices.SortFunc(kept, func(a, b entry) int { return bytes.Compare(a.digest[:], b.digest[:]) })
	out := make([]byte, 0, savedHeader+len(kept)*savedRecord)
	out = append(out, savedVersion)
	out = binary.BigEndian.AppendUint64(out, uint64(now.UnixMilli()))
	out = binary.BigEndian.AppendUint32(out, uint32(len(kept)))
	for i := range kept {
		out = append(out, kept[i].digest[:]...)
		heat := min(math.Exp2(kept[i].score-elapsed), maxSavedHeats)
		out = binary.BigEndian.AppendUint32(out, math.Float32bits(float32(heat)))
	}
	return out
}

// Load adds a saved history to this one: what it has is worth as much less as time has gone by since. It fails with
// ErrFormat, and then changes nothing.
func (h *History) Load(data []byte) error {
	if len(data) < savedHeader || data[0] != savedVersion {
		return fmt.Errorf("%w: %d bytes of another version", ErrFormat, len(data))
	}
	saved := time.UnixMilli(int64(binary.BigEndian.Uint64(data[1:])))
	records := data[savedHeader:]
	if uint64(binary.BigEndian.Uint32(data[9:]))*savedRecord != uint64(len(records)) {
		return fmt.Errorf("%w: %d bytes of records", ErrFormat, len(records))
	}
	var before format.Digest
	for i := 0; i < len(records); i += savedRecord {
		d, heat := record(records[i:])
		if i > 0 && bytes.Compare(before[:], d[:]) >= 0 {
			return fmt.Errorf("%w: records out of order", ErrFormat)
		}
		if !validHeat(heat) {
			return fmt.Errorf("%w: heat %g", ErrFormat, heat)
		}
		before = d
	}
	elapsed := min(h.elapsed(saved), h.elapsed(h.now())) // a clock that was put back makes nothing hotter
	for i := 0; i < len(records); i += savedRecord {
		d, heat := record(records[i:])
		h.shardOf(d).add(d, math.Log2(heat)+elapsed, false)
	}
	return nil
}

// validHeat tells whether a saved heat or count can be one.
func validHeat(heat float64) bool { return heat > 0 && heat <= maxSavedHeats }

func record(data []byte) (format.Digest, float64) {
	return format.Digest(data[:format.DigestSize]), float64(math.Float32frombits(binary.BigEndian.Uint32(data[format.DigestSize:])))
}
