package prefetch

import (
	"container/list"
	"context"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/manifest"
)

const (
	// maxKnown bounds the entries of sequences in memory, some 150 bytes each, and maxPages the pages they are in. One page
	// is kept however large it is.
	maxKnown = 1 << 16
	maxPages = 1 << 10
)

// sequence is content in the order in which it is read: that of a manifest, or of the links of one node.
type sequence struct {
	start   format.Digest // of the root, or of the node
	root    bool          // it is a manifest's
	encoded bool          // its entries are encodings, by their own digests
	load    func(ctx context.Context, page int) ([]manifest.Entry, error)
	pages   map[int]*page
	streams []*stream
}

// page is a part of a sequence, of manifest.EntriesPerPage entries unless it is the last or only one.
type page struct {
	sequence *sequence
	number   int
	entries  []manifest.Entry
	at       *list.Element // in the order of use
}

// place is where a block lies in a sequence.
type place struct {
	page   *page
	offset int
}

func (p place) position() int { return p.page.number*manifest.EntriesPerPage + p.offset }

func (p place) entry() manifest.Entry { return p.page.entries[p.offset] }

// known are the sequences opened lately. It is used by one goroutine.
type known struct {
	sequences map[format.Digest]*sequence // by start
	places    map[format.Digest]place     // where a block was seen last
	order     list.List                   // of *page, the one used last in front
	entries   int
}

func newKnown() *known {
	return &known{sequences: map[format.Digest]*sequence{}, places: map[format.Digest]place{}}
}

// find returns where a block lies.
func (k *known) find(d format.Digest) (place, bool) {
	p, ok := k.places[d]
	if ok {
		k.order.MoveToFront(p.page.at)
	}
	return p, ok
}

// add makes a sequence known by its first page. One of the same start is forgotten.
func (k *known) add(s *sequence, first []manifest.Entry) {
	if old := k.sequences[s.start]; old != nil {
		for _, p := range old.pages {
			k.forget(p)
		}
	}
	s.pages = map[int]*page{}
	k.sequences[s.start] = s
	k.addPage(s, 0, first)
}

// addPage takes a page in, and forgets the ones not used for longest beyond the bounds.
func (k *known) addPage(s *sequence, number int, entries []manifest.Entry) *page {
	p := &page{sequence: s, number: number, entries: entries}
	p.at = k.order.PushFront(p)
	s.pages[number] = p
	k.entries += len(entries)
	for i := range entries {
		if _, ok := k.places[entries[i].Digest]; ok && !s.root {
			continue // it stays where a manifest has it, and a node where it was found
		}
		k.places[entries[i].Digest] = place{p, i}
	}
	for k.order.Len() > 1 && (k.entries > maxKnown || k.order.Len() > maxPages) {
		k.forget(k.order.Back().Value.(*page))
	}
	return p
}

// forget drops a page, and with the last one its sequence.
func (k *known) forget(p *page) {
	for i := range p.entries {
		if d := p.entries[i].Digest; k.places[d].page == p {
			delete(k.places, d)
		}
	}
	k.order.Remove(p.at)
	k.entries -= len(p.entries)
	s := p.sequence
	delete(s.pages, p.number)
	if len(s.pages) == 0 && k.sequences[s.start] == s {
		delete(k.sequences, s.start)
	}
}

// entry returns an entry of a sequence, whose page is loaded if need be. There is none behind the end, or if the page
// cannot be read.
func (k *known) entry(ctx context.Context, s *sequence, position int) (manifest.Entry, bool) {
	number, offset := position/manifest.EntriesPerPage, position%manifest.EntriesPerPage
	if s.load == nil {
		number, offset = 0, position
	}
	p := s.pages[number]
	if p == nil {
		if s.load == nil {
			return manifest.Entry{}, false
		}
		entries, err := s.load(ctx, number)
		if err != nil {
			return manifest.Entry{}, false
		}
		p = k.addPage(s, number, entries)
	}
	if offset >= len(p.entries) {
		return manifest.Entry{}, false
	}
	return p.entries[offset], true
}
