package index

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/query"
	"github.com/ipdm-network/ipdm/sidecar/data/skiplist"
)

// maxNames is how many names of owners are remembered.
const maxNames = 4096

// Options configure an Index.
type Options struct {
	// OwnerName gives creators the names by which they are asked for.
	OwnerName func(manifest.Creator) string
}

// Index has the pinned manifests of a node. All methods but Load may be called concurrently; queries wait for nobody.
type Index struct {
	ownerName func(manifest.Creator) string
	byTime    *skiplist.Set[*record]
	bySize    *skiplist.Set[*record]
	byText    [query.Version]*skiplist.Set[posting] // of the fields that are texts
	change    atomic.Uint64                         // number of the last change that is complete

	writing    sync.Mutex           // serialises changes
	names      map[string]string    // of creators, by their keys; guarded by writing
	successors map[string][]*record // by the manifest that they say they supersede; guarded by writing
}

// New returns an empty Index.
func New(o Options) *Index {
	x := &Index{
		ownerName:  o.OwnerName,
		byTime:     skiplist.New(compareTime),
		bySize:     skiplist.New(compareSize),
		names:      map[string]string{},
		successors: map[string][]*record{},
	}
	for _, f := range textFields {
		x.byText[f] = skiplist.New(comparePosting)
	}
	return x
}

// textFields are the fields whose values are found as texts.
var textFields = []query.Field{query.Tag, query.Type, query.Owner, query.Root, query.Manifest}

// Lister lists pins; *data.Engine does.
type Lister interface {
	List(ctx context.Context, yield func(data.Pin) error) error
}

// Load fills an empty index with all pins. Nobody may use the index before it is done.
func (x *Index) Load(ctx context.Context, pins Lister) error {
	var records []*record
	if err := pins.List(ctx, func(p data.Pin) error {
		records = append(records, x.record(p))
		return nil
	}); err != nil {
		return fmt.Errorf("failed to load the index: %w", err)
	}
	for _, r := range records {
		r.added = 1
		x.succeed(r)
	}
	for _, list := range []struct {
		set     *skiplist.Set[*record]
		compare func(a, b *record) int
	}{{x.byTime, compareTime}, {x.bySize, compareSize}} {
		slices.SortFunc(records, list.compare)
		if err := list.set.Load(records); err != nil {
			return fmt.Errorf("failed to load the index: %w", err)
		}
	}
	for _, f := range textFields {
		var postings []posting
		for _, r := range records {
			for _, t := range r.texts(f) {
				postings = append(postings, posting{t, r})
			}
		}
		slices.SortFunc(postings, comparePosting)
		if err := x.byText[f].Load(postings); err != nil {
			return fmt.Errorf("failed to load the index: %w", err)
		}
	}
	for key, by := range x.successors {
		if old := x.find(key); old != nil && supersededBy(old, by) {
			old.superseded.Store(&span{1, never})
		}
	}
	x.change.Store(1)
	return nil
}

// record makes the record of a pin.
func (x *Index) record(p data.Pin) *record {
	r := &record{Subject: SubjectOf(p, x.owner(p.Header.Creator))}
	r.removed.Store(never)
	return r
}

// SubjectOf returns what is known of a pin of a creator of that name, by itself.
func SubjectOf(p data.Pin, owner string) query.Subject {
	h := p.Header
	return query.Subject{
		Root:       p.Root,
		Manifest:   p.Manifest,
		Owner:      owner,
		Tags:       h.Tags,
		Type:       h.ContentType,
		UnixMilli:  h.UnixMilli,
		SizeBytes:  h.ContentSize,
		Supersedes: h.Supersedes,
	}
}

// owner returns the name of a creator.
func (x *Index) owner(c manifest.Creator) string {
	key := string(append([]byte{byte(c.Kind)}, c.Key...))
	name, known := x.names[key]
	if !known {
		if len(x.names) == maxNames {
			clear(x.names)
		}
		name = x.ownerName(c)
		x.names[key] = name
	}
	return name
}

// texts returns the texts by which a record is found in the list of a field.
func (r *record) texts(f query.Field) []string {
	switch f {
	case query.Tag:
		return r.Tags
	case query.Type:
		return []string{r.Type}
	case query.Owner:
		return []string{r.Owner}
	case query.Root:
		return []string{r.Root.KeyString()}
	case query.Manifest:
		return []string{r.Manifest.KeyString()}
	}
	return nil
}

// find returns the record of a manifest, or nil.
func (x *Index) find(manifestKey string) *record {
	for p := range x.byText[query.Manifest].Ascend(posting{manifestKey, first}) {
		if p.text == manifestKey {
			return p.record
		}
		break
	}
	return nil
}

// succeed takes note of what a record supersedes.
func (x *Index) succeed(r *record) {
	if r.Supersedes.Defined() {
		key := r.Supersedes.KeyString()
		x.successors[key] = append(x.successors[key], r)
	}
}

// supersededBy tells whether one of those that say they supersede a manifest may say so: its owner.
func supersededBy(old *record, by []*record) bool {
	return slices.ContainsFunc(by, func(r *record) bool { return r.Owner == old.Owner })
}

// Pinned adds a manifest.
func (x *Index) Pinned(p data.Pin) {
	x.writing.Lock()
	defer x.writing.Unlock()
	if x.find(p.Manifest.KeyString()) != nil {
		return
	}
	r, next := x.record(p), x.change.Load()+1
	r.added = next
	if supersededBy(r, x.successors[r.Manifest.KeyString()]) {
		r.superseded.Store(&span{next, never})
	}
	x.byTime.Insert(r)
	x.bySize.Insert(r)
	for _, f := range textFields {
		for _, t := range r.texts(f) {
			x.byText[f].Insert(posting{t, r})
		}
	}
	x.succeed(r)
	x.judge(r.Supersedes.KeyString(), next)
	x.change.Store(next)
}

// Unpinned removes a manifest.
func (x *Index) Unpinned(p data.Pin) {
	x.writing.Lock()
	defer x.writing.Unlock()
	r := x.find(p.Manifest.KeyString())
	if r == nil {
		return
	}
	next := x.change.Load() + 1
	r.removed.Store(next)
	if r.Supersedes.Defined() {
		key := r.Supersedes.KeyString()
		left := slices.DeleteFunc(x.successors[key], func(other *record) bool { return other == r })
		if x.successors[key] = left; len(left) == 0 {
			delete(x.successors, key)
		}
		x.judge(key, next)
	}
	x.change.Store(next)
	x.byTime.Delete(r)
	x.bySize.Delete(r)
	for _, f := range textFields {
		for _, t := range r.texts(f) {
			x.byText[f].Delete(posting{t, r})
		}
	}
}

// judge brings up to date whether a manifest, which need not be known, is superseded.
func (x *Index) judge(manifestKey string, change uint64) {
	r := x.find(manifestKey)
	if r == nil {
		return
	}
	is, at := supersededBy(r, x.successors[manifestKey]), r.superseded.Load()
	was := at != nil && at.to == never
	switch {
	case is && !was:
		r.superseded.Store(&span{change, never})
	case was && !is:
		r.superseded.Store(&span{at.from, change})
	}
}

// Len returns the number of manifests.
func (x *Index) Len() int { return x.byTime.Len() }

// Change returns the number of the last change, which tells whether there was one.
func (x *Index) Change() uint64 { return x.change.Load() }
