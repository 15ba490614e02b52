package program

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// ErrAccount is what decoders fail with for bytes that are no account of that type.
var ErrAccount = errors.New("not an account of the program")

// Type is the first byte of an account.
type Type uint8

// The types of accounts.
const (
	TypeClient Type = iota + 1
	TypeGateway
	TypeSet
	TypeSession
	TypeBuffer
	TypeRecord
	TypeNonces
	TypeAsset
	TypeOwed
	TypeMail
	TypeEvent
)

const (
	headerBytes = 34
	// RingSize is how many of the last accepted checkpoints proofs may refer to.
	RingSize = 64
	// EventRing is how many of the last events the gateway names the accounts of.
	EventRing = 64
	// RecordBytes is the size of an anchored manifest's record.
	RecordBytes = 99
)

// fields reads an account's bytes, whose number was checked.
type fields struct{ rest []byte }

func (f *fields) take(n int) []byte {
	b := f.rest[:n]
	f.rest = f.rest[n:]
	return b
}
func (f *fields) u8() uint8             { return f.take(1)[0] }
func (f *fields) u32() uint32           { return binary.BigEndian.Uint32(f.take(4)) }
func (f *fields) u64() uint64           { return binary.BigEndian.Uint64(f.take(8)) }
func (f *fields) word() [32]byte        { return [32]byte(f.take(32)) }
func (f *fields) key() solana.PublicKey { return f.word() }

// open checks type and size, body bytes behind the header and up to more behind that, and returns the payer.
func open(raw []byte, t Type, body, more int) (payer solana.PublicKey, f fields, err error) {
	least := headerBytes + body
	if len(raw) < least || len(raw) > least+more || Type(raw[0]) != t {
		first := "none"
		if len(raw) > 0 {
			first = fmt.Sprint(raw[0])
		}
		return payer, f, fmt.Errorf("%w: expected type %d and %d to %d bytes, got type %s and %d bytes", ErrAccount, t, least, least+more, first, len(raw))
	}
	f = fields{raw[2:]}
	return f.key(), f, nil
}

// Accepted is a checkpoint that proofs may refer to.
type Accepted struct {
	Height     uint64
	AnchorRoot wire.Hash
	OutboxRoot wire.Hash
}

// Client is the light client. Times are milliseconds since 1970.
type Client struct {
	Chain         wire.Hash
	Epoch         uint64
	Set           wire.Hash
	Height        uint64
	TimeMillis    uint64
	Digest        wire.Hash
	TrustedAt     uint64
	TrustPeriod   uint64
	RecoveryKey   solana.PublicKey
	RecoveryDelay uint64
	Recovery      *Recovery  // nil where none is proposed
	Count         uint64     // of accepted checkpoints
	Accepted      []Accepted // the last ones, the newest first
}

// Recovery is a proposed signer set.
type Recovery struct {
	Epoch uint64
	Set   wire.Hash
	Due   uint64
}

// StaleAt returns the time, in milliseconds since 1970, after which the client takes no checkpoint.
func (c Client) StaleAt() uint64 { return c.TrustedAt + c.TrustPeriod }

// DecodeClient reads the client's account. It fails with ErrAccount.
func DecodeClient(raw []byte) (Client, error) {
	const entry = 72
	_, f, err := open(raw, TypeClient, 232+RingSize*entry, 0)
	if err != nil {
		return Client{}, err
	}
	c := Client{
		Chain: f.word(), Epoch: f.u64(), Set: f.word(), Height: f.u64(), TimeMillis: f.u64(), Digest: f.word(), TrustedAt: f.u64(),
		TrustPeriod: f.u64(), RecoveryKey: f.key(), RecoveryDelay: f.u64(),
	}
	if r := (Recovery{f.u64(), f.word(), f.u64()}); r.Due != 0 {
		c.Recovery = &r
	}
	c.Count = f.u64()
	for i := range min(c.Count, RingSize) {
		at := fields{f.rest[(c.Count-1-i)%RingSize*entry:]}
		c.Accepted = append(c.Accepted, Accepted{at.u64(), at.word(), at.word()})
	}
	return c, nil
}

// Gateway is the gateway's state. Times are milliseconds since 1970.
type Gateway struct {
	Domain      wire.Domain
	Guardian    solana.PublicKey
	PausedUntil uint64
	PauseFrom   uint64 // earliest time of another pause
	Events      uint64 // nonce of the next event
	Pause       uint64 // length
	Cooldown    uint64
	Retention   uint64 // of IPDM's time until an event may be closed
	Decided     uint64 // one more than the nonce of the message that named the guardian, 0 for that of genesis
	recent      [EventRing]solana.PublicKey
}

// Recent returns the account of one of the last EventRing events.
func (g Gateway) Recent(nonce uint64) solana.PublicKey { return g.recent[nonce%EventRing] }

// FirstRecent returns the nonce of the first event that Recent knows; it is g.Events where there is none.
func (g Gateway) FirstRecent() uint64 { return g.Events - min(g.Events, EventRing) }

// DecodeGateway reads the gateway's account. It fails with ErrAccount.
func DecodeGateway(raw []byte) (Gateway, error) {
	_, f, err := open(raw, TypeGateway, 92+EventRing*solana.PublicKeyLength, 0)
	if err != nil {
		return Gateway{}, err
	}
	g := Gateway{
		Domain: wire.Domain(f.u32()), Guardian: f.key(), PausedUntil: f.u64(), PauseFrom: f.u64(), Events: f.u64(), Pause: f.u64(),
		Cooldown: f.u64(), Retention: f.u64(), Decided: f.u64(),
	}
	for i := range g.recent {
		g.recent[i] = f.key()
	}
	return g, nil
}

// Set is a signer set that was put.
type Set struct {
	Payer   solana.PublicKey
	Root    wire.Hash
	Total   uint64
	Members wire.SignerSet
}

// DecodeSet reads the account of a signer set. It fails with ErrAccount, also where the set is not one of that root.
func DecodeSet(raw []byte) (Set, error) {
	const member = 28
	payer, f, err := open(raw, TypeSet, 40+2+member, 255*member)
	if err != nil {
		return Set{}, err
	}
	s := Set{Payer: payer, Root: f.word(), Total: f.u64()}
	if s.Members, err = wire.DecodeSignerSet(f.rest); err != nil {
		return Set{}, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	if root := s.Members.Root(); root != s.Root {
		return Set{}, fmt.Errorf("%w: a set of root %s, expected %s", ErrAccount, root, s.Root)
	}
	return s, nil
}

// Session gathers the signatures of a checkpoint.
type Session struct {
	Payer      solana.PublicKey
	Digest     wire.Hash
	Checkpoint wire.Checkpoint
	Power      uint64 // that has signed
	signers    [32]byte
}

// HasSigned tells whether the member with an index has.
func (s Session) HasSigned(index int) bool {
	return index >= 0 && index < 256 && s.signers[index/8]>>(index%8)&1 == 1
}

// DecodeSession reads the account of a session. It fails with ErrAccount.
func DecodeSession(raw []byte) (Session, error) {
	payer, f, err := open(raw, TypeSession, 32+wire.CheckpointBytes+8+32, 0)
	if err != nil {
		return Session{}, err
	}
	s := Session{Payer: payer, Digest: f.word()}
	if s.Checkpoint, err = wire.DecodeCheckpoint(f.take(wire.CheckpointBytes)); err != nil {
		return Session{}, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	s.Power, s.signers = f.u64(), f.word()
	return s, nil
}

// Buffer carries arguments that are longer than a transaction.
type Buffer struct {
	Payer solana.PublicKey
	ID    uint64
	Body  []byte
}

// DecodeBuffer reads a buffer. It fails with ErrAccount.
func DecodeBuffer(raw []byte) (Buffer, error) {
	payer, f, err := open(raw, TypeBuffer, 8, MaxBufferBytes)
	if err != nil {
		return Buffer{}, err
	}
	return Buffer{payer, f.u64(), append([]byte(nil), f.rest...)}, nil
}

// Record is an anchored manifest that was proved.
type Record struct {
	Payer  solana.PublicKey
	Key    [32]byte
	Height uint64 // of the checkpoint that proved it
	Record [RecordBytes]byte
}

// DecodeRecord reads the account of a record. It fails with ErrAccount.
func DecodeRecord(raw []byte) (Record, error) {
	payer, f, err := open(raw, TypeRecord, 40+RecordBytes, 0)
	if err != nil {
		return Record{}, err
	}
	return Record{payer, f.word(), f.u64(), [RecordBytes]byte(f.take(RecordBytes))}, nil
}

// Nonces is a page of messages that were taken.
type Nonces struct {
	page  uint64
	taken []byte
}

// Taken tells whether the message with a nonce was; false for those of other pages.
func (n Nonces) Taken(nonce uint64) bool {
	bit := nonce % noncesPerPage
	return nonce/noncesPerPage == n.page && n.taken[bit/8]>>(bit%8)&1 == 1
}

// DecodeNonces reads the account of a page. It fails with ErrAccount.
func DecodeNonces(raw []byte) (Nonces, error) {
	_, f, err := open(raw, TypeNonces, 8+noncesPerPage/8, 0)
	if err != nil {
		return Nonces{}, err
	}
	return Nonces{f.u64(), append([]byte(nil), f.rest...)}, nil
}

// Asset is an asset's state. Amounts are in units of its token.
type Asset struct {
	ID       wire.Hash
	Minted   bool  // or else locked
	Decimals uint8 // of the asset, if minted
	Mint     solana.PublicKey
	Symbol   string
	Locked   uint64
	Limit    uint64 // that any span of a window's length may release
	Window   uint64 // seconds; 0 until a limit is set
	index    uint64
	current  uint64
	previous uint64
}

const (
	maxTokenDecimals = 9
	kindMinted       = 1
	kindLocked       = 2
)

// Scale returns how much of the asset's smallest unit makes a unit of its token.
func (a Asset) Scale() uint64 {
	scale := uint64(1)
	for d := a.Decimals; a.Minted && d > maxTokenDecimals; d-- {
		scale *= 10
	}
	return scale
}

// Available returns how many units the limit allows to release at a time, in seconds since 1970.
func (a Asset) Available(seconds uint64) uint64 {
	if a.Window == 0 {
		return 0
	}
	used := uint64(0)
	switch index := seconds / a.Window; {
	case index <= a.index:
		used = a.current + a.previous
	case index == a.index+1:
		used = a.current
	}
	if used >= a.Limit {
		return 0
	}
	return a.Limit - used
}

// DecodeAsset reads the account of an asset. It fails with ErrAccount.
func DecodeAsset(raw []byte) (Asset, error) {
	_, f, err := open(raw, TypeAsset, 139, 0)
	if err != nil {
		return Asset{}, err
	}
	a := Asset{ID: f.word()}
	kind := f.u8()
	a.Minted, a.Decimals, a.Mint = kind == kindMinted, f.u8(), f.key()
	size, symbol := f.u8(), f.take(wire.MaxSymbolBytes)
	if (kind != kindMinted && kind != kindLocked) || size > wire.MaxSymbolBytes || a.Decimals > 18 {
		return Asset{}, fmt.Errorf("%w: an asset of kind %d with %d decimals and a symbol of %d bytes", ErrAccount, kind, a.Decimals, size)
	}
	a.Symbol = string(symbol[:size])
	a.Locked, a.Limit, a.Window, a.index, a.current, a.previous = f.u64(), f.u64(), f.u64(), f.u64(), f.u64(), f.u64()
	return a, nil
}

// Owed is what is not released yet of a transfer.
type Owed struct {
	Payer     solana.PublicKey // of the rent
	Nonce     uint64
	Asset     wire.Hash
	Recipient solana.PublicKey
	Units     uint64
}

// DecodeOwed reads the account of what is owed. It fails with ErrAccount.
func DecodeOwed(raw []byte) (Owed, error) {
	payer, f, err := open(raw, TypeOwed, 80, 0)
	if err != nil {
		return Owed{}, err
	}
	return Owed{payer, f.u64(), f.word(), f.key(), f.u64()}, nil
}

// Mail is a call that waits for its recipient.
type Mail struct {
	Payer      solana.PublicKey
	TimeMillis uint64 // of its delivery, since 1970
	Message    wire.Message
	Payload    []byte
}

// MailKept is how long a mailbox is kept for its recipient, in milliseconds from its delivery: then its payer may close it.
const MailKept = 30 * dayMillis

// DecodeMail reads a mailbox. It fails with ErrAccount, also where the payload is not the message's.
func DecodeMail(raw []byte) (Mail, error) {
	payer, f, err := open(raw, TypeMail, 8+wire.MessageBytes, 256)
	if err != nil {
		return Mail{}, err
	}
	time := f.u64()
	m, err := wire.DecodeMessage(f.take(wire.MessageBytes))
	if err != nil {
		return Mail{}, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	if h := wire.Sum(f.rest); h != m.PayloadHash {
		return Mail{}, fmt.Errorf("%w: a payload of hash %s, expected %s", ErrAccount, h, m.PayloadHash)
	}
	return Mail{payer, time, m, append([]byte(nil), f.rest...)}, nil
}

// Event is what the gateway tells IPDM.
type Event struct {
	Payer   solana.PublicKey
	Before  solana.PublicKey // account of the event that is EventRing before it, zero for the first ones
	Event   wire.Event
	Payload []byte
}

// DecodeEvent reads the account of an event. It fails with ErrAccount, also where the payload is not the event's.
func DecodeEvent(raw []byte) (Event, error) {
	payer, f, err := open(raw, TypeEvent, solana.PublicKeyLength+wire.EventBytes, MaxCallBytes)
	if err != nil {
		return Event{}, err
	}
	before := f.key()
	e, err := wire.DecodeEvent(f.take(wire.EventBytes))
	if err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrAccount, err)
	}
	if h := wire.Sum(f.rest); h != e.PayloadHash {
		return Event{}, fmt.Errorf("%w: a payload of hash %s, expected %s", ErrAccount, h, e.PayloadHash)
	}
	return Event{payer, before, e, append([]byte(nil), f.rest...)}, nil
}
