package program

import (
	"encoding/binary"
	"fmt"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// noncesPerPage is how many messages an account of nonces has bits for.
const noncesPerPage = 8192

// Program is the program at an address.
type Program struct{ ID solana.PublicKey }

// Application returns the program's address as messages and events name it.
func (p Program) Application() wire.Party { return wire.Party(p.ID) }

// Client returns the address of the light client.
func (p Program) Client() solana.PublicKey { return p.derive("client") }

// Gateway returns the address of the gateway's state.
func (p Program) Gateway() solana.PublicKey { return p.derive("gateway") }

// Set returns the address of the signer set with a root.
func (p Program) Set(root wire.Hash) solana.PublicKey { return p.derive("set", root[:]) }

// Session returns the address where the signatures of the checkpoint with a digest are gathered.
func (p Program) Session(digest wire.Hash) solana.PublicKey { return p.derive("session", digest[:]) }

// Buffer returns the address of a payer's buffer.
func (p Program) Buffer(payer solana.PublicKey, id uint64) solana.PublicKey {
	return p.derive("buffer", payer[:], u64(id))
}

// Record returns the address where the record of an anchored manifest is stored; the key is its BLAKE3 digest.
func (p Program) Record(key [32]byte) solana.PublicKey { return p.derive("anchor", key[:]) }

// Nonces returns the address of the page that has the bit of a message.
func (p Program) Nonces(nonce uint64) solana.PublicKey {
	return p.derive("nonces", u64(nonce/noncesPerPage))
}

// Asset returns the address of an asset's state.
func (p Program) Asset(asset wire.Hash) solana.PublicKey { return p.derive("asset", asset[:]) }

// Mint returns the address of the mint of an asset of IPDM's.
func (p Program) Mint(asset wire.Hash) solana.PublicKey { return p.derive("mint", asset[:]) }

// Vault returns the address that holds an asset of Solana's.
func (p Program) Vault(asset wire.Hash) solana.PublicKey { return p.derive("vault", asset[:]) }

// Owed returns the address of what is owed of the transfer with a nonce.
func (p Program) Owed(nonce uint64) solana.PublicKey { return p.derive("owed", u64(nonce)) }

// Mail returns the address where the call with a nonce waits for its recipient.
func (p Program) Mail(nonce uint64) solana.PublicKey { return p.derive("mail", u64(nonce)) }

// DeliveryEvent returns the address of the event that tells of the delivery of the message with a nonce.
func (p Program) DeliveryEvent(nonce uint64) solana.PublicKey {
	return p.derive("event", u64(nonce))
}

// SentEvent returns the address of the event of what a sender has sent under an id.
func (p Program) SentEvent(sender solana.PublicKey, id uint64) solana.PublicKey {
	return p.derive("event", sender[:], u64(id))
}

// Holding returns the associated token account of a wallet, where transfers go.
func Holding(wallet, mint solana.PublicKey) solana.PublicKey {
	address, _, err := solana.FindAssociatedTokenAddress(wallet, mint)
	return must(address, err)
}

func (p Program) derive(name string, seeds ...[]byte) solana.PublicKey {
	address, _, err := solana.FindProgramAddress(append([][]byte{[]byte(name)}, seeds...), p.ID)
	return must(address, err)
}

// must takes an address that exists but for odds of 2^-256: half of all bumps give one.
func must(address solana.PublicKey, err error) solana.PublicKey {
	if err != nil {
		panic(fmt.Sprintf("no address under any of 256 bumps: %v", err))
	}
	return address
}

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
