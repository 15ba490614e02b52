package localnet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/gagliardetto/solana-go/rpc"

	"github.com/ipdm-network/ipdm/bridge/chain/solana/program"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// SolanaUser is somebody on the Solana beside a network, whose wallet has lamports.
type SolanaUser struct {
	Wallet solanago.PublicKey

	node    *rpc.Client
	key     solanago.PrivateKey
	program program.Program
}

// SolanaUser returns the user. Close it after use.
func (n *Network) SolanaUser() (*SolanaUser, error) {
	id, err := solanago.PublicKeyFromBase58(n.endpoints.Solana.Program)
	if err != nil {
		return nil, fmt.Errorf("failed to read the program's address: %w", err)
	}
	key, err := solanago.PrivateKeyFromSolanaKeygenFile(n.endpoints.Solana.UserKeyFile)
	if err != nil {
		return nil, fmt.Errorf("failed to read the user's key: %w", err)
	}
	return &SolanaUser{Wallet: key.PublicKey(), node: rpc.New(n.endpoints.Solana.RPC), key: key, program: program.Program{ID: id}}, nil
}

// Close ends the connection.
func (u *SolanaUser) Close() { _ = u.node.Close() } // it fails never

// Units returns how many units of an asset's token the wallet has, 0 if it has no account for it.
func (u *SolanaUser) Units(ctx context.Context, asset wire.Hash) (uint64, error) {
	holding := program.Holding(u.Wallet, u.program.Mint(asset))
	said, err := u.node.GetMultipleAccountsWithOpts(ctx, []solanago.PublicKey{holding}, &rpc.GetMultipleAccountsOpts{Commitment: rpc.CommitmentFinalized})
	if err != nil {
		return 0, fmt.Errorf("failed to read the account: %w", err)
	}
	if said.Value[0] == nil {
		return 0, nil
	}
	balance, err := u.node.GetTokenAccountBalance(ctx, holding, rpc.CommitmentFinalized)
	if err != nil {
		return 0, fmt.Errorf("failed to read the balance: %w", err)
	}
	return strconv.ParseUint(balance.Value.Amount, 10, 64)
}

// Supply returns how many units of an asset's token there are.
func (u *SolanaUser) Supply(ctx context.Context, asset wire.Hash) (uint64, error) {
	supply, err := u.node.GetTokenSupply(ctx, u.program.Mint(asset), rpc.CommitmentFinalized)
	if err != nil {
		return 0, fmt.Errorf("failed to read the supply: %w", err)
	}
	return strconv.ParseUint(supply.Value.Amount, 10, 64)
}

// LightClient returns the height of IPDM's that the light client knows at a commitment.
func (u *SolanaUser) LightClient(ctx context.Context, level rpc.CommitmentType) (height uint64, err error) {
	client, err := accountOf(ctx, u, level, u.program.Client(), program.DecodeClient)
	return client.Height, err
}

// Send sends units of an asset's token to IPDM, and returns the nonce of the event once it is confirmed.
func (u *SolanaUser) Send(ctx context.Context, asset wire.Hash, units uint64, recipient []byte) (uint64, error) {
	party, err := wire.PartyOf(recipient)
	if err != nil {
		return 0, fmt.Errorf("failed to encode the recipient: %w", err)
	}
	registered, err := accountOf(ctx, u, rpc.CommitmentConfirmed, u.program.Asset(asset), program.DecodeAsset)
	if err != nil {
		return 0, err
	}
	id := rand.Uint64()
	if err := u.transact(ctx, u.program.Send(u.Wallet, u.Wallet, registered, party, units, id)); err != nil {
		return 0, err
	}
	event, err := accountOf(ctx, u, rpc.CommitmentConfirmed, u.program.SentEvent(u.Wallet, id), program.DecodeEvent)
	return event.Event.Nonce, err
}

// Pause has the gateway release no value for its period. The gateway refuses whoever is not its guardian.
func (u *SolanaUser) Pause(ctx context.Context) error {
	return u.transact(ctx, u.program.Pause(u.Wallet))
}

// Owed returns how many units the gateway owes for a message. It fails if it owes nothing.
func (u *SolanaUser) Owed(ctx context.Context, nonce uint64) (uint64, error) {
	owed, err := accountOf(ctx, u, rpc.CommitmentConfirmed, u.program.Owed(nonce), program.DecodeOwed)
	return owed.Units, err
}

// Claim has the gateway pay out what it owes for a message.
func (u *SolanaUser) Claim(ctx context.Context, nonce uint64) error {
	owed, err := accountOf(ctx, u, rpc.CommitmentConfirmed, u.program.Owed(nonce), program.DecodeOwed)
	if err != nil {
		return err
	}
	registered, err := accountOf(ctx, u, rpc.CommitmentConfirmed, u.program.Asset(owed.Asset), program.DecodeAsset)
	if err != nil {
		return err
	}
	return u.transact(ctx, u.program.Claim(owed, registered))
}

// accountOf reads an account of the program's.
func accountOf[T any](
	ctx context.Context, u *SolanaUser, level rpc.CommitmentType, address solanago.PublicKey, decode func([]byte) (T, error),
) (T, error) {
	said, err := u.node.GetMultipleAccountsWithOpts(ctx, []solanago.PublicKey{address}, &rpc.GetMultipleAccountsOpts{Commitment: level})
	var none T
	if err != nil {
		return none, fmt.Errorf("failed to read an account: %w", err)
	}
	if said.Value[0] == nil {
		return none, fmt.Errorf("there is no account %s", address)
	}
	return decode(said.Value[0].Data.GetBinary())
}

// transact sends an instruction, and waits until it is confirmed.
func (u *SolanaUser) transact(ctx context.Context, instruction solanago.Instruction) error {
	recent, err := u.node.GetLatestBlockhash(ctx, rpc.CommitmentConfirmed)
	if err != nil {
		return fmt.Errorf("failed to read a blockhash: %w", err)
	}
	tx, err := solanago.NewTransaction([]solanago.Instruction{instruction}, recent.Value.Blockhash, solanago.TransactionPayer(u.Wallet))
	if err != nil {
		return fmt.Errorf("failed to make a transaction: %w", err)
	}
	if _, err := tx.Sign(func(solanago.PublicKey) *solanago.PrivateKey { return &u.key }); err != nil {
		return fmt.Errorf("failed to sign a transaction: %w", err)
	}
	signature, err := u.node.SendTransactionWithOpts(ctx, tx, rpc.TransactionOpts{PreflightCommitment: rpc.CommitmentConfirmed})
	if err != nil {
		return fmt.Errorf("failed to send a transaction: %w", err)
	}
	return poll(ctx, "the transaction on Solana", func(ctx context.Context) error {
		said, err := u.node.GetSignatureStatuses(ctx, false, signature)
		switch {
		case err != nil:
			return err
		case said.Value[0] == nil || said.Value[0].ConfirmationStatus == rpc.ConfirmationStatusProcessed:
			return errors.New("it is not confirmed")
		case said.Value[0].Err != nil:
			return fmt.Errorf("it failed: %v", said.Value[0].Err)
		}
		return nil
	})
}
