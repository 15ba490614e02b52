package index

import (
	"cmp"
	"math"
	"strings"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sidecar/data/query"
)

// never is the number of a change that does not come.
const never = math.MaxUint64

// record is a pinned manifest. Its subject does not change; Superseded is not used.
type record struct {
	query.Subject
	added      uint64 // number of the change that added it
	removed    atomic.Uint64
	superseded atomic.Pointer[span] // nil if it never was
}

// span is a range of changes, the last one excluded.
type span struct{ from, to uint64 }

// see sets s to the subject as it was after a change, and tells whether it was there.
func (r *record) see(change uint64, s *query.Subject) bool {
	if r.added > change || r.removed.Load() <= change {
		return false
	}
	*s = r.Subject
	if at := r.superseded.Load(); at != nil {
		s.Superseded = at.from <= change && change < at.to
	}
	return true
}

func compareManifest(a, b *record) int {
	return strings.Compare(a.Manifest.KeyString(), b.Manifest.KeyString())
}

func compareTime(a, b *record) int {
	return cmp.Or(cmp.Compare(a.UnixMilli, b.UnixMilli), compareManifest(a, b))
}

func compareSize(a, b *record) int {
	return cmp.Or(cmp.Compare(a.SizeBytes, b.SizeBytes), compareManifest(a, b))
}

// posting is a text by which a record is found.
type posting struct {
	text   string
	record *record
}

func comparePosting(a, b posting) int {
	return cmp.Or(strings.Compare(a.text, b.text), compareTime(a.record, b.record))
}

// first is below every record.
var first = &record{Subject: query.Subject{UnixMilli: math.MinInt64}}
