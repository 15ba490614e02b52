package localnet

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// EthereumUser is somebody on the Ethereum beside a network, whose account has funds.
type EthereumUser struct {
	Address common.Address

	node    *ethclient.Client
	key     *ecdsa.PrivateKey
	chain   *big.Int
	gateway common.Address
	client  common.Address
}

// EthereumUser returns the user of an account, counted from 1. Close it after use.
func (n *Network) EthereumUser(ctx context.Context, number int) (*EthereumUser, error) {
	node, err := ethclient.DialContext(ctx, n.endpoints.Ethereum.RPC)
	if err != nil {
		return nil, fmt.Errorf("failed to reach Ethereum: %w", err)
	}
	account := n.bridge.Ethereum.Account(number)
	return &EthereumUser{
		Address: account.Address, node: node, key: account.Key, chain: n.bridge.Ethereum.ChainID(),
		gateway: common.HexToAddress(n.endpoints.Ethereum.Gateway), client: common.HexToAddress(n.endpoints.Ethereum.LightClient),
	}, nil
}

// Close ends the connection.
func (u *EthereumUser) Close() { u.node.Close() }

// Token returns the token of an asset, zero while it is not registered.
func (u *EthereumUser) Token(ctx context.Context, asset wire.Hash) (common.Address, error) {
	contract := bindings.NewGateway()
	registered, err := bind.Call(contract.Instance(u.node, u.gateway), &bind.CallOpts{Context: ctx}, contract.PackAssets(asset), contract.UnpackAssets)
	if err != nil {
		return common.Address{}, fmt.Errorf("failed to read the asset: %w", err)
	}
	return registered.Token, nil
}

// Balance returns how much of a token an account has.
func (u *EthereumUser) Balance(ctx context.Context, token, account common.Address) (*big.Int, error) {
	contract := bindings.NewToken()
	balance, err := bind.Call(contract.Instance(u.node, token), &bind.CallOpts{Context: ctx}, contract.PackBalanceOf(account), contract.UnpackBalanceOf)
	if err != nil {
		return nil, fmt.Errorf("failed to read a balance: %w", err)
	}
	return balance, nil
}

// Supply returns how much of a token there is.
func (u *EthereumUser) Supply(ctx context.Context, token common.Address) (*big.Int, error) {
	contract := bindings.NewToken()
	supply, err := bind.Call(contract.Instance(u.node, token), &bind.CallOpts{Context: ctx}, contract.PackTotalSupply(), contract.UnpackTotalSupply)
	if err != nil {
		return nil, fmt.Errorf("failed to read a supply: %w", err)
	}
	return supply, nil
}

// Owed returns what the gateway owes for a message.
func (u *EthereumUser) Owed(ctx context.Context, nonce uint64) (*big.Int, error) {
	contract := bindings.NewGateway()
	owed, err := bind.Call(contract.Instance(u.node, u.gateway), &bind.CallOpts{Context: ctx}, contract.PackOwed(nonce), contract.UnpackOwed)
	if err != nil {
		return nil, fmt.Errorf("failed to read what is owed: %w", err)
	}
	return owed.Amount, nil
}

// LightClient returns the height of IPDM's that the light client knows in the latest block, and the number of that block.
func (u *EthereumUser) LightClient(ctx context.Context) (height, block uint64, err error) {
	header, err := u.node.HeaderByNumber(ctx, nil)
	if err != nil {
		return 0, 0, fmt.Errorf("failed to read the latest block: %w", err)
	}
	contract := bindings.NewLightClient()
	head, err := bind.Call(contract.Instance(u.node, u.client), &bind.CallOpts{Context: ctx, BlockNumber: header.Number}, contract.PackHead(), contract.UnpackHead)
	if err != nil {
		return 0, 0, fmt.Errorf("failed to read the light client: %w", err)
	}
	return head.Height, header.Number.Uint64(), nil
}

// Send sends value to IPDM, and returns the nonce of the event.
func (u *EthereumUser) Send(ctx context.Context, asset wire.Hash, amount *big.Int, recipient []byte) (uint64, error) {
	party, err := wire.PartyOf(recipient)
	if err != nil {
		return 0, fmt.Errorf("failed to encode the recipient: %w", err)
	}
	contract := bindings.NewGateway()
	receipt, err := u.transact(ctx, u.gateway, contract.PackSend(asset, amount, party))
	if err != nil {
		return 0, err
	}
	for _, log := range receipt.Logs {
		if event, err := contract.UnpackOutboundEvent(log); err == nil {
			return event.Nonce, nil
		}
	}
	return 0, errors.New("the gateway tells of no event")
}

// Claim has the gateway pay out what it owes for a message.
func (u *EthereumUser) Claim(ctx context.Context, nonce uint64) error {
	_, err := u.transact(ctx, u.gateway, bindings.NewGateway().PackClaim(nonce))
	return err
}

// Pause has the gateway release no value for its period. The gateway refuses whoever is not its guardian.
func (u *EthereumUser) Pause(ctx context.Context) error {
	_, err := u.transact(ctx, u.gateway, bindings.NewGateway().PackPause())
	return err
}

// Mint makes a token of the user's own, who gets an amount of it, and approves the gateway to take it.
func (u *EthereumUser) Mint(ctx context.Context, symbol string, decimals uint8, amount *big.Int) (common.Address, error) {
	contract := bindings.NewToken()
	account := u.transactor(ctx)
	token, tx, err := bind.DeployContract(account, common.FromHex(bindings.TokenMetaData.Bin), u.node, contract.PackConstructor(symbol, decimals))
	if err == nil {
		_, err = bind.WaitDeployed(ctx, u.node, tx.Hash())
	}
	if err != nil {
		return common.Address{}, fmt.Errorf("failed to make a token: %w", err)
	}
	if _, err := u.transact(ctx, token, contract.PackMint(u.Address, amount)); err != nil {
		return common.Address{}, err
	}
	_, err = u.transact(ctx, token, contract.PackApprove(u.gateway, amount))
	return token, err
}

func (u *EthereumUser) transactor(ctx context.Context) *bind.TransactOpts {
	account := bind.NewKeyedTransactor(u.key, u.chain)
	account.Context = ctx
	return account
}

// transact calls a contract, and waits until a block has it.
func (u *EthereumUser) transact(ctx context.Context, contract common.Address, input []byte) (*types.Receipt, error) {
	tx, err := bind.Transact(bindings.NewGateway().Instance(u.node, contract), u.transactor(ctx), input)
	if err != nil {
		return nil, fmt.Errorf("failed to call %s: %w", contract, err)
	}
	receipt, err := bind.WaitMined(ctx, u.node, tx.Hash())
	if err != nil {
		return nil, fmt.Errorf("failed to wait for a block with %s: %w", tx.Hash(), err)
	}
	if receipt.Status != types.ReceiptStatusSuccessful {
		return nil, fmt.Errorf("the call of %s was reverted", contract)
	}
	return receipt, nil
}
