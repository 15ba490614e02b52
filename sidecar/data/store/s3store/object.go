package s3store

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// objectMagic and objectVersion begin every object but segments.
const (
	objectMagic   = "IPS3"
	objectVersion = 1
)

// Kinds of objects, the byte after the version.
const (
	kindStore = iota + 1
	kindLock
	kindEntry
	kindPart
	kindHead
)

// maxLease bounds how long a lock can outlive its holder.
const maxLease = time.Hour

// Limits of objects, in bytes.
const (
	maxStoreBytes = 256
	maxLockBytes  = 1 << 10
	maxEntryBytes = 96 << 20
	maxPartBytes  = 16 << 20
	maxHeadBytes  = 8 << 20
)

const sealedOverhead = len(objectMagic) + 2 + format.DigestSize

// The keys of objects, below the prefix of the store.
const (
	storeKey         = "store"
	lockKey          = "lock"
	journalFolder    = "journal/"
	checkpointFolder = "checkpoint/"
	segmentFolder    = "segments/"
	headName         = "head"
)

func entryKey(seq uint64) string   { return fmt.Sprintf("%s%016x", journalFolder, seq) }
func segmentKey(n uint64) string   { return fmt.Sprintf("%s%016x", segmentFolder, n) }
func checkpoint(seq uint64) string { return fmt.Sprintf("%s%016x/", checkpointFolder, seq) }
func headKey(seq uint64) string    { return checkpoint(seq) + headName }
func partKey(seq uint64, part uint32) string {
	return fmt.Sprintf("%s%08x", checkpoint(seq), part)
}

// numberOf reads the number in a key that begins with folder, and returns what follows it.
func numberOf(key, folder string) (number uint64, rest string, ok bool) {
	digits, found := strings.CutPrefix(key, folder)
	if !found || len(digits) < 16 {
		return 0, "", false
	}
	number, err := strconv.ParseUint(digits[:16], 16, 64)
	return number, digits[16:], err == nil
}

// begin begins an object of a kind; seal ends it.
func begin(kind byte) []byte { return append([]byte(objectMagic), objectVersion, kind) }

func seal(b []byte) []byte {
	d := format.Sum(b)
	return append(b, d[:]...)
}

// unseal checks the frame of an object and returns its payload.
func unseal(b []byte, kind byte) ([]byte, error) {
	switch {
	case len(b) < sealedOverhead || string(b[:len(objectMagic)]) != objectMagic:
		return nil, fmt.Errorf("%w: no object of a store", errMalformed)
	case b[4] != objectVersion:
		return nil, fmt.Errorf("%w: version %d is not known to this program", errMalformed, b[4])
	case b[5] != kind:
		return nil, fmt.Errorf("%w: object of kind %d, want %d", errMalformed, b[5], kind)
	}
	body, sum := b[:len(b)-format.DigestSize], b[len(b)-format.DigestSize:]
	if format.Sum(body) != format.Digest(sum) {
		return nil, fmt.Errorf("%w: digest differs", errMalformed)
	}
	return body[6:], nil
}

// identity names a store, a local folder or a session; it is random.
type identity [16]byte

func sealStore(id identity) []byte { return seal(append(begin(kindStore), id[:]...)) }

func unsealStore(b []byte) (id identity, err error) {
	body, err := unseal(b, kindStore)
	if err != nil {
		return id, err
	}
	f := fields{rest: body}
	copy(id[:], f.take(len(id)))
	return id, f.end()
}

// entry is one object of the journal: changes that are made together. In binary:
//
//	sequence number 8 | epoch 8 | count 4 | changes
type entry struct {
	seq     uint64
	epoch   uint64
	count   uint32
	changes []byte
}

func (e entry) seal() []byte {
	b := make([]byte, 0, sealedOverhead+20+len(e.changes))
	b = append(b, begin(kindEntry)...)
	b = binary.BigEndian.AppendUint64(b, e.seq)
	b = binary.BigEndian.AppendUint64(b, e.epoch)
	b = binary.BigEndian.AppendUint32(b, e.count)
	return seal(append(b, e.changes...))
}

func unsealEntry(b []byte) (entry, error) {
	body, err := unseal(b, kindEntry)
	if err != nil {
		return entry{}, err
	}
	f := fields{rest: body}
	e := entry{seq: f.uint64(), epoch: f.uint64(), count: f.uint32()}
	e.changes = f.rest
	return e, f.err
}

// each calls yield for every change of an entry or part.
func eachChange(count uint32, changes []byte, yield func(change) error) error {
	for range count {
		c, rest, err := decodeChange(changes)
		if err == nil {
			err = yield(c)
		}
		if err != nil {
			return err
		}
		changes = rest
	}
	if len(changes) > 0 {
		return fmt.Errorf("%w: %d bytes too many", errMalformed, len(changes))
	}
	return nil
}

// part is one object of a checkpoint. In binary:
//
//	sequence number 8 | part number 4 | count 4 | changes
type part struct {
	seq     uint64
	number  uint32
	count   uint32
	changes []byte
}

func (p part) seal() []byte {
	b := make([]byte, 0, sealedOverhead+16+len(p.changes))
	b = append(b, begin(kindPart)...)
	b = binary.BigEndian.AppendUint64(b, p.seq)
	b = binary.BigEndian.AppendUint32(b, p.number)
	b = binary.BigEndian.AppendUint32(b, p.count)
	return seal(append(b, p.changes...))
}

func unsealPart(b []byte) (part, error) {
	body, err := unseal(b, kindPart)
	if err != nil {
		return part{}, err
	}
	f := fields{rest: body}
	p := part{seq: f.uint64(), number: f.uint32(), count: f.uint32()}
	p.changes = f.rest
	return p, f.err
}

// head makes a checkpoint complete. In binary:
//
//	sequence number 8 | epoch 8 | next encoding number 8 | count 4 | digest of each part 32
type head struct {
	seq   uint64
	epoch uint64
	next  uint64
	parts []format.Digest
}

func (h head) seal() []byte {
	b := begin(kindHead)
	b = binary.BigEndian.AppendUint64(b, h.seq)
	b = binary.BigEndian.AppendUint64(b, h.epoch)
	b = binary.BigEndian.AppendUint64(b, h.next)
	b = binary.BigEndian.AppendUint32(b, uint32(len(h.parts)))
	for _, d := range h.parts {
		b = append(b, d[:]...)
	}
	return seal(b)
}

func unsealHead(b []byte) (head, error) {
	body, err := unseal(b, kindHead)
	if err != nil {
		return head{}, err
	}
	f := fields{rest: body}
	h := head{seq: f.uint64(), epoch: f.uint64(), next: f.uint64()}
	count := f.uint32()
	if f.err == nil && uint64(len(f.rest)) != uint64(count)*format.DigestSize {
		return head{}, fmt.Errorf("%w: %d parts in %d bytes", errMalformed, count, len(f.rest))
	}
	if f.err != nil {
		return head{}, f.err
	}
	h.parts = make([]format.Digest, count)
	for i := range h.parts {
		h.parts[i] = format.Digest(f.take(format.DigestSize))
	}
	return h, nil
}

// lockObject keeps a second program out. In binary:
//
//	owner 16 | session 16 | renewals 8 | lease in milliseconds 8 | held 1 | host, UTF-8
type lockObject struct {
	owner    identity // the local folder
	session  identity // the opening
	renewals uint64
	lease    time.Duration
	held     bool
	host     string
}

func (l lockObject) seal() []byte {
	b := begin(kindLock)
	b = append(b, l.owner[:]...)
	b = append(b, l.session[:]...)
	b = binary.BigEndian.AppendUint64(b, l.renewals)
	b = binary.BigEndian.AppendUint64(b, uint64(l.lease.Milliseconds()))
	if l.held {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return seal(append(b, l.host...))
}

func unsealLock(b []byte) (l lockObject, err error) {
	body, err := unseal(b, kindLock)
	if err != nil {
		return l, err
	}
	f := fields{rest: body}
	copy(l.owner[:], f.take(len(l.owner)))
	copy(l.session[:], f.take(len(l.session)))
	l.renewals = f.uint64()
	lease := f.uint64()
	held := f.uint8()
	if f.err == nil && (held > 1 || lease > uint64(maxLease.Milliseconds()) || !utf8.Valid(f.rest)) {
		return l, fmt.Errorf("%w: lock of state %d for %d ms", errMalformed, held, lease)
	}
	l.lease = time.Duration(lease) * time.Millisecond
	l.held, l.host = held == 1, string(f.rest)
	return l, f.err
}
