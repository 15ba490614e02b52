package program

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	// MaxSignatures is how many signatures fit into a transaction.
	MaxSignatures = 12
	// MaxBufferBytes bounds the arguments that go through a buffer.
	MaxBufferBytes = 8192
	// MaxCallBytes bounds the payload of a call to IPDM.
	MaxCallBytes = 1024

	fromBuffer = 0x80
)

// The instructions, by their first byte.
const (
	tagInitialize byte = iota
	tagWriteBuffer
	tagPutSet
	tagBegin
	tagAddSignatures
	tagFinalize
	tagClose
	tagProveAnchor
	tagDeliver
	tagClaim
	tagSend
	tagSendCall
	tagPause
	tagProposeRecovery
	tagCancelRecovery
	tagExecuteRecovery
)

// ErrArgument is what builders fail with for arguments that no instruction can carry.
var ErrArgument = errors.New("argument cannot be sent")

// Instruction is one of the program's. It is what solana-go takes as an instruction.
type Instruction struct {
	program  Program
	accounts solana.AccountMetaSlice
	data     []byte
}

var _ solana.Instruction = Instruction{}

// ProgramID returns the program's address.
func (i Instruction) ProgramID() solana.PublicKey { return i.program.ID }

// Accounts returns the accounts in the order that the program reads them. They are copies, as solana-go changes those that it is given when
// it makes a transaction.
func (i Instruction) Accounts() []*solana.AccountMeta {
	out := make([]*solana.AccountMeta, len(i.accounts))
	for n, a := range i.accounts {
		out[n] = solana.NewAccountMeta(a.PublicKey, a.IsWritable, a.IsSigner)
	}
	return out
}

// Data returns the instruction's first byte and its arguments.
func (i Instruction) Data() ([]byte, error) { return i.data, nil }

// Arguments returns what InBuffer leaves out: the bytes that WriteBuffer has to bring first.
func (i Instruction) Arguments() []byte { return i.data[1:] }

// InBuffer returns the instruction that takes the arguments from a buffer of payer's.
func (i Instruction) InBuffer(payer solana.PublicKey, id uint64) Instruction {
	accounts := append(solana.AccountMetaSlice{reads(i.program.Buffer(payer, id))}, i.accounts...)
	return Instruction{i.program, accounts, []byte{i.data[0] | fromBuffer}}
}

func (p Program) instruction(tag byte, accounts solana.AccountMetaSlice, arguments ...[]byte) Instruction {
	return Instruction{p, accounts, append([]byte{tag}, bytes.Join(arguments, nil)...)}
}

func reads(a solana.PublicKey) *solana.AccountMeta  { return solana.Meta(a) }
func writes(a solana.PublicKey) *solana.AccountMeta { return solana.Meta(a).WRITE() }
func signs(a solana.PublicKey) *solana.AccountMeta  { return solana.Meta(a).SIGNER() }
func pays(a solana.PublicKey) *solana.AccountMeta   { return solana.Meta(a).WRITE().SIGNER() }

var (
	system = reads(solana.SystemProgramID)
	tokens = reads(solana.TokenProgramID)
)

// WriteBuffer writes a chunk of a buffer of that size, and makes it where there is none. It fails with ErrArgument for a buffer that is too
// large or a chunk outside it.
func (p Program) WriteBuffer(payer solana.PublicKey, id uint64, size, offset int, chunk []byte) (Instruction, error) {
	if size < 0 || size > MaxBufferBytes || offset < 0 || offset > size || len(chunk) > size-offset {
		return Instruction{}, fmt.Errorf("%w: bytes %d to %d of a buffer of %d, of at most %d", ErrArgument, offset, offset+len(chunk), size, MaxBufferBytes)
	}
	sizes := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, uint16(size)), uint16(offset))
	return p.instruction(tagWriteBuffer, solana.AccountMetaSlice{pays(payer), writes(p.Buffer(payer, id)), system}, u64(id), sizes, chunk), nil
}

// PutSet stores a signer set at the address of its root.
func (p Program) PutSet(payer solana.PublicKey, s wire.SignerSet) Instruction {
	return p.instruction(tagPutSet, solana.AccountMetaSlice{pays(payer), writes(p.Set(s.Root())), system}, s.Encode())
}

// Begin opens the session of a checkpoint.
func (p Program) Begin(payer solana.PublicKey, c wire.Checkpoint) Instruction {
	return p.instruction(tagBegin, solana.AccountMetaSlice{pays(payer), reads(p.Client()), writes(p.Session(c.Digest())), system}, c.Encode())
}

// AddSignatures brings signatures of members of the checkpoint's set. It fails with ErrArgument for none, for more than MaxSignatures, and
// for an index that no set has.
func (p Program) AddSignatures(c wire.Checkpoint, signatures []wire.MemberSignature) (Instruction, error) {
	if len(signatures) == 0 || len(signatures) > MaxSignatures {
		return Instruction{}, fmt.Errorf("%w: %d signatures, a transaction takes 1 to %d", ErrArgument, len(signatures), MaxSignatures)
	}
	var raw []byte
	for _, s := range signatures {
		if s.Index < 0 || s.Index > 255 {
			return Instruction{}, fmt.Errorf("%w: member %d, a set has 256 at most", ErrArgument, s.Index)
		}
		raw = append(append(raw, byte(s.Index)), s.Signature[:]...)
	}
	return p.instruction(tagAddSignatures, solana.AccountMetaSlice{writes(p.Session(c.Digest())), reads(p.Set(c.Set))}, raw), nil
}

// Finalize makes a checkpoint that is signed the client's head.
func (p Program) Finalize(c wire.Checkpoint) Instruction {
	accounts := solana.AccountMetaSlice{writes(p.Client()), reads(p.Session(c.Digest())), reads(p.Set(c.Set))}
	if c.EndsEpoch() {
		accounts = append(accounts, reads(p.Set(c.NextSet)))
	}
	return p.instruction(tagFinalize, accounts)
}

// Close returns the rent of a session, set, buffer, record or mailbox to its payer.
func (p Program) Close(account, payer, by solana.PublicKey) Instruction {
	return p.instruction(tagClose, solana.AccountMetaSlice{writes(account), writes(payer), reads(p.Client()), signs(by)})
}

// CloseEvent returns the rent of an event's account to its payer.
func (p Program) CloseEvent(event, payer, by solana.PublicKey) Instruction {
	i := p.Close(event, payer, by)
	i.accounts = append(i.accounts, reads(p.Gateway()))
	return i
}

// ProveAnchor proves the record of a manifest at an accepted height; nodes are those of the trie from the root down.
func (p Program) ProveAnchor(height uint64, key [32]byte, nodes [][]byte) Instruction {
	return p.instruction(tagProveAnchor, solana.AccountMetaSlice{reads(p.Client())}, u64(height), key[:], []byte{0}, bytes.Join(nodes, nil))
}

// StoreAnchor does what ProveAnchor does and stores the record.
func (p Program) StoreAnchor(payer solana.PublicKey, height uint64, key [32]byte, nodes [][]byte) Instruction {
	accounts := solana.AccountMetaSlice{reads(p.Client()), pays(payer), writes(p.Record(key)), system}
	return p.instruction(tagProveAnchor, accounts, u64(height), key[:], []byte{1}, bytes.Join(nodes, nil))
}

// Delivery is a message with what proves it.
type Delivery struct {
	Message wire.Message
	Payload []byte
	Height  uint64 // of an accepted checkpoint whose outbox has the message
	Count   uint64 // of messages in that outbox
	Path    []wire.Hash
}

// Deliver brings a message. Asset is the state of the asset that a transfer is of, and nil for others. It fails with ErrArgument for a
// payload that the message cannot have, and for a transfer without its asset.
func (p Program) Deliver(payer solana.PublicKey, d Delivery, asset *Asset) (Instruction, error) {
	own, err := p.deliveryAccounts(d, asset)
	if err != nil {
		return Instruction{}, err
	}
	if len(d.Payload) > wire.MaxPayloadBytes {
		return Instruction{}, fmt.Errorf("%w: a payload of %d bytes, of at most %d", ErrArgument, len(d.Payload), wire.MaxPayloadBytes)
	}
	accounts := append(solana.AccountMetaSlice{pays(payer), reads(p.Client()), writes(p.Gateway()), writes(p.Nonces(d.Message.Nonce)), system}, own...)
	raw := append(d.Message.Encode(), u64(d.Height)...)
	raw = append(binary.BigEndian.AppendUint16(raw, uint16(len(d.Payload))), d.Payload...)
	raw = append(raw, u64(d.Count)...)
	for _, node := range d.Path {
		raw = append(raw, node[:]...)
	}
	return p.instruction(tagDeliver, append(accounts, writes(p.DeliveryEvent(d.Message.Nonce))), raw), nil
}

func (p Program) deliveryAccounts(d Delivery, asset *Asset) (solana.AccountMetaSlice, error) {
	switch d.Message.Kind {
	case wire.KindTransfer:
		t, err := wire.DecodeTransfer(d.Payload)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrArgument, err)
		}
		if asset == nil || asset.ID != t.Asset {
			return nil, fmt.Errorf("%w: a transfer needs the state of its asset, %s", ErrArgument, t.Asset)
		}
		holding := Holding(solana.PublicKey(d.Message.Recipient), asset.Mint)
		return append(p.assetAccounts(*asset), writes(holding), writes(p.Owed(d.Message.Nonce)), tokens), nil
	case wire.KindCall:
		return solana.AccountMetaSlice{writes(p.Mail(d.Message.Nonce))}, nil
	case wire.KindControl:
		c, err := wire.DecodeControl(d.Payload)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrArgument, err)
		}
		return p.controlAccounts(c), nil
	}
	return nil, fmt.Errorf("%w: a message of kind %d", ErrArgument, d.Message.Kind)
}

func (p Program) controlAccounts(c wire.Control) solana.AccountMetaSlice {
	switch c.Operation {
	case wire.RegisterMinted:
		return solana.AccountMetaSlice{writes(p.Asset(c.Asset)), writes(p.Mint(c.Asset)), tokens}
	case wire.RegisterLocked:
		return solana.AccountMetaSlice{writes(p.Asset(c.Asset)), writes(p.Vault(c.Asset)), reads(solana.PublicKey(c.Token)), tokens}
	case wire.SetLimit:
		return solana.AccountMetaSlice{writes(p.Asset(c.Asset))}
	case wire.SetGuardian, wire.Unpause:
	}
	return nil
}

// assetAccounts are an asset's state and its reserve.
func (p Program) assetAccounts(a Asset) solana.AccountMetaSlice {
	if a.Minted {
		return solana.AccountMetaSlice{writes(p.Asset(a.ID)), writes(a.Mint)}
	}
	return solana.AccountMetaSlice{writes(p.Asset(a.ID)), writes(p.Vault(a.ID))}
}

// Claim releases what is owed of a transfer, as far as the limit allows.
func (p Program) Claim(o Owed, a Asset) Instruction {
	accounts := append(solana.AccountMetaSlice{reads(p.Gateway()), writes(p.Owed(o.Nonce))}, p.assetAccounts(a)...)
	return p.instruction(tagClaim, append(accounts, writes(Holding(o.Recipient, a.Mint)), tokens, writes(o.Payer)))
}

// Send sends units of an asset's token, from the sender's associated account, to a recipient on IPDM. The sender chooses the id of the event
// at random: it fails where there is one already.
func (p Program) Send(payer, sender solana.PublicKey, a Asset, recipient wire.Party, units, id uint64) Instruction {
	accounts := append(solana.AccountMetaSlice{pays(payer), signs(sender), writes(p.Gateway())}, p.assetAccounts(a)...)
	accounts = append(accounts, writes(Holding(sender, a.Mint)), tokens, system, writes(p.SentEvent(sender, id)))
	return p.instruction(tagSend, accounts, u64(id), recipient[:], u64(units))
}

// SendCall sends a call to a recipient on IPDM; the id is as for Send. It fails with ErrArgument for more than MaxCallBytes.
func (p Program) SendCall(payer, sender solana.PublicKey, recipient wire.Party, payload []byte, id uint64) (Instruction, error) {
	if len(payload) > MaxCallBytes {
		return Instruction{}, fmt.Errorf("%w: a call of %d bytes, of at most %d", ErrArgument, len(payload), MaxCallBytes)
	}
	accounts := solana.AccountMetaSlice{pays(payer), signs(sender), writes(p.Gateway()), system, writes(p.SentEvent(sender, id))}
	return p.instruction(tagSendCall, accounts, u64(id), recipient[:], payload), nil
}

// Pause stops the release of value. The guardian signs.
func (p Program) Pause(guardian solana.PublicKey) Instruction {
	return p.instruction(tagPause, solana.AccountMetaSlice{writes(p.Gateway()), signs(guardian)})
}

// ProposeRecovery proposes a signer set for a stale client. The recovery key signs.
func (p Program) ProposeRecovery(key solana.PublicKey, epoch uint64, set wire.Hash) Instruction {
	return p.instruction(tagProposeRecovery, solana.AccountMetaSlice{writes(p.Client()), signs(key)}, u64(epoch), set[:])
}

// CancelRecovery drops the proposal. The guardian or the recovery key signs.
func (p Program) CancelRecovery(by solana.PublicKey) Instruction {
	return p.instruction(tagCancelRecovery, solana.AccountMetaSlice{writes(p.Client()), reads(p.Gateway()), signs(by)})
}

// ExecuteRecovery puts the proposed set in place, once the delay is over.
func (p Program) ExecuteRecovery(set wire.Hash) Instruction {
	return p.instruction(tagExecuteRecovery, solana.AccountMetaSlice{writes(p.Client()), reads(p.Set(set))})
}
