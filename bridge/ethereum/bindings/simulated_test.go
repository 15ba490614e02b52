package bindings

import (
	"context"
	"crypto/ecdsa"
	"encoding/binary"
	"errors"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient/simulated"
	"github.com/ethereum/go-ethereum/params"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/ethereum/go-ethereum/trie"
	"github.com/ethereum/go-ethereum/triedb"
	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const (
	domain  = 1
	chainID = "ipdm-simulated-1"
)

// chain is a simulated Ethereum with an account that pays for everything.
type chain struct {
	*testing.T
	backend *simulated.Backend
	account *bind.TransactOpts
}

func newChain(t *testing.T) chain {
	key, err := crypto.GenerateKey()
	require.NoError(t, err)
	account := bind.NewKeyedTransactor(key, params.AllDevChainProtocolChanges.ChainID)
	balance := new(big.Int).Mul(big.NewInt(1000), big.NewInt(params.Ether))
	backend := simulated.NewBackend(types.GenesisAlloc{account.From: {Balance: balance}})
	t.Cleanup(func() { require.NoError(t, backend.Close()) })
	return chain{t, backend, account}
}

// deploy makes a contract of its bytecode and the packed arguments of its constructor.
func (c chain) deploy(meta *bind.MetaData, arguments []byte) common.Address {
	address, tx, err := bind.DeployContract(c.account, common.FromHex(meta.Bin), c.backend.Client(), arguments)
	require.NoError(c, err)
	c.mine(tx)
	return address
}

func (c chain) mine(tx *types.Transaction) *types.Receipt {
	c.backend.Commit()
	receipt, err := c.backend.Client().TransactionReceipt(context.Background(), tx.Hash())
	require.NoError(c, err)
	require.Equal(c, types.ReceiptStatusSuccessful, receipt.Status)
	return receipt
}

// transact sends a transaction to a contract, which must succeed.
func (c chain) transact(contract *bind.BoundContract, input []byte) *types.Receipt {
	tx, err := bind.Transact(contract, c.account, input)
	require.NoError(c, err)
	return c.mine(tx)
}

func (c chain) millis() uint64 {
	head, err := c.backend.Client().HeaderByNumber(context.Background(), nil)
	require.NoError(c, err)
	return head.Time * 1000
}

// ipdm signs checkpoints over an outbox and a trie of anchored manifests.
type ipdm struct {
	*testing.T
	keys     map[wire.Address]*ecdsa.PrivateKey
	set      wire.SignerSet
	height   uint64
	outbox   *wire.Tree
	messages []wire.Message
	payloads [][]byte
	anchors  *trie.Trie
}

func newIPDM(t *testing.T, signers int) *ipdm {
	i := &ipdm{
		T: t, keys: map[wire.Address]*ecdsa.PrivateKey{}, outbox: wire.NewTree(),
		anchors: trie.NewEmpty(triedb.NewDatabase(rawdb.NewMemoryDatabase(), nil)),
	}
	var members []wire.Member
	for n := range signers {
		key, err := crypto.GenerateKey()
		require.NoError(t, err)
		address := wire.AddressOf(&key.PublicKey)
		i.keys[address] = key
		members = append(members, wire.Member{Address: address, Power: uint64(100 - n)})
	}
	set, err := wire.NewSignerSet(members)
	require.NoError(t, err)
	i.set = set
	return i
}

// send puts a message into the outbox and returns its nonce.
func (i *ipdm) send(m wire.Message, gateway common.Address, payload []byte) uint64 {
	m.Domain, m.Application, m.Nonce, m.PayloadHash = domain, party(gateway), i.outbox.Count(), wire.Sum(payload)
	i.outbox.Append(m.Leaf())
	i.messages, i.payloads = append(i.messages, m), append(i.payloads, payload)
	return m.Nonce
}

// checkpoint returns a checkpoint, the bitmap of all signers and their signatures.
func (i *ipdm) checkpoint(millis uint64) (wire.Checkpoint, *big.Int, []byte) {
	i.height++
	c := wire.Checkpoint{
		Chain: wire.ChainHash(chainID), Epoch: 1, Height: i.height, TimeMillis: millis, AnchorRoot: wire.Hash(i.anchors.Hash()),
		OutboxRoot: wire.OutboxRoot(i.outbox.Count(), i.outbox.Hash()), Set: i.set.Root(), NextSet: i.set.Root(),
	}
	bitmap, signatures := new(big.Int), []byte{}
	for n, member := range i.set {
		signature, err := wire.Sign(c.Digest(), i.keys[member.Address])
		require.NoError(i, err)
		bitmap.SetBit(bitmap, n, 1)
		signatures = append(signatures, signature[:]...)
	}
	return c, bitmap, signatures
}

// delivery packs the delivery of a message.
func (i *ipdm) delivery(c wire.Checkpoint, nonce uint64) []byte {
	hashes, err := i.outbox.Path(nonce)
	require.NoError(i, err)
	var path [][32]byte
	for _, h := range hashes {
		path = append(path, h)
	}
	return NewGateway().PackDeliver(c.Encode(), i.messages[nonce].Encode(), i.payloads[nonce], i.outbox.Count(), path)
}

func party(address common.Address) wire.Party { return wire.Party(common.LeftPadBytes(address[:], 32)) }

func encode(t *testing.T, c wire.Control) []byte {
	raw, err := c.Encode()
	require.NoError(t, err)
	return raw
}

// reverted returns the bytes with which a contract has reverted.
func reverted(t *testing.T, err error) []byte {
	var withData rpc.DataError
	require.True(t, errors.As(err, &withData), "an error with data, got %v", err)
	raw, err := hexutil.Decode(withData.ErrorData().(string))
	require.NoError(t, err)
	return raw
}

// TestThereAndBack proves an anchored manifest and moves value from IPDM to Ethereum and back, on go-ethereum's own chain,
// with formats from x/bridge/wire.
func TestThereAndBack(t *testing.T) {
	ethereum, chain := newChain(t), newIPDM(t, 4)
	client, anchor, gateway, token := NewLightClient(), NewAnchor(), NewGateway(), NewToken()
	clientAt := ethereum.deploy(&LightClientMetaData, client.PackConstructor(
		wire.ChainHash(chainID), chain.set.Root(), 1, 14*24*3600, common.Address{}, 3*24*3600))
	anchorAt := ethereum.deploy(&AnchorMetaData, anchor.PackConstructor(clientAt))
	gatewayAt := ethereum.deploy(&GatewayMetaData, gateway.PackConstructor(clientAt, domain, 3*24*3600, 7*24*3600))
	onClient := client.Instance(ethereum.backend.Client(), clientAt)
	onAnchor := anchor.Instance(ethereum.backend.Client(), anchorAt)
	onGateway := gateway.Instance(ethereum.backend.Client(), gatewayAt)

	var manifest wire.Hash
	for i := range 100 {
		manifest = wire.Sum([]byte{byte(i)})
		value := append([]byte{1, 1, 0x55}, make([]byte, 64)...)
		for _, field := range []uint64{4096, uint64(i), 1_800_000_000_000, 2} {
			value = binary.BigEndian.AppendUint64(value, field)
		}
		chain.anchors.MustUpdate(manifest[:], value)
	}
	asset := wire.AssetID(0, wire.DenomToken("aipdm"))
	alice := party(common.HexToAddress("0xa11ce"))
	register := chain.send(wire.Message{Kind: wire.KindControl}, gatewayAt, encode(t, wire.Control{
		Operation: wire.RegisterMinted, Asset: asset, Decimals: 18, Symbol: "wIPDM",
	}))
	limit := chain.send(wire.Message{Kind: wire.KindControl}, gatewayAt, encode(t, wire.Control{
		Operation: wire.SetLimit, Asset: asset, Limit: uint256.NewInt(5000), WindowSeconds: 3600,
	}))
	transfer := chain.send(wire.Message{Kind: wire.KindTransfer, Sender: alice, Recipient: party(ethereum.account.From)}, gatewayAt,
		wire.Transfer{Asset: asset, Amount: uint256.NewInt(1000)}.Encode())

	checkpoint, bitmap, signatures := chain.checkpoint(ethereum.millis())
	submit := client.PackSubmit(checkpoint.Encode(), chain.set.Encode(), bitmap, signatures)
	receipt := ethereum.transact(onClient, submit)
	accepted, err := client.UnpackCheckpointAcceptedEvent(receipt.Logs[0])
	require.NoError(t, err)
	require.Equal(t, [32]byte(checkpoint.Digest()), accepted.Digest)
	require.Equal(t, checkpoint.Height, accepted.Height)

	// A relayer that comes second learns that nothing is left to do.
	_, err = bind.Transact(onClient, ethereum.account, submit)
	reason, err := client.UnpackError(reverted(t, err))
	require.NoError(t, err)
	require.Equal(t, &LightClientAlreadyAccepted{Digest: checkpoint.Digest()}, reason)

	var proof nodes
	require.NoError(t, chain.anchors.Prove(manifest[:], &proof))
	record, err := bind.Call(onAnchor, nil, anchor.PackProve(checkpoint.Encode(), manifest, proof), anchor.UnpackProve)
	require.NoError(t, err)
	require.Equal(t, AnchorRecord{
		Superseded: true, Codec: 0x55, Size: 4096, Height: 99, Time: 1_800_000_000_000, Version: 2,
		ProvenHeight: checkpoint.Height, ProvenTime: checkpoint.TimeMillis,
	}, record)

	for n, nonce := range []uint64{register, limit, transfer} {
		receipt := ethereum.transact(onGateway, chain.delivery(checkpoint, nonce))
		event, payload := outbound(t, gatewayAt, receipt)
		require.Equal(t, uint64(n), event.Nonce)
		require.Equal(t, wire.KindDelivery, event.Kind)
		delivery, err := wire.DecodeDelivery(payload)
		require.NoError(t, err)
		require.Equal(t, wire.Delivery{Nonce: nonce, Status: wire.StatusDone}, delivery)
	}
	registered, err := bind.Call(onGateway, nil, gateway.PackAssets(asset), gateway.UnpackAssets)
	require.NoError(t, err)
	onToken := token.Instance(ethereum.backend.Client(), registered.Token)
	balance := func() uint64 {
		b, err := bind.Call(onToken, nil, token.PackBalanceOf(ethereum.account.From), token.UnpackBalanceOf)
		require.NoError(t, err)
		return b.Uint64()
	}
	require.Equal(t, uint64(1000), balance())
	_, err = bind.Transact(onGateway, ethereum.account, chain.delivery(checkpoint, transfer))
	reason, err = gateway.UnpackError(reverted(t, err))
	require.NoError(t, err)
	require.Equal(t, &GatewayAlreadyDelivered{Nonce: transfer}, reason)

	receipt = ethereum.transact(onGateway, gateway.PackSend(asset, big.NewInt(400), alice))
	require.Equal(t, uint64(600), balance())
	event, payload := outbound(t, gatewayAt, receipt)
	require.Equal(t, wire.KindTransfer, event.Kind)
	require.Equal(t, uint64(3), event.Nonce)
	require.Equal(t, party(ethereum.account.From), event.Sender)
	require.Equal(t, alice, event.Recipient)
	require.Equal(t, ethereum.millis(), event.TimeMillis)
	back, err := wire.DecodeTransfer(payload)
	require.NoError(t, err)
	require.Equal(t, wire.Transfer{Asset: asset, Amount: uint256.NewInt(400)}, back)
}

// outbound returns the one event for IPDM in a receipt, and its payload.
func outbound(t *testing.T, gatewayAt common.Address, receipt *types.Receipt) (event wire.Event, payload []byte) {
	found := 0
	for _, log := range receipt.Logs {
		out, err := NewGateway().UnpackOutboundEvent(log)
		if err != nil {
			continue // another event
		}
		found++
		require.Equal(t, gatewayAt, log.Address)
		payload = out.Payload
		event = wire.Event{
			Kind: wire.Kind(out.Kind), Domain: domain, Application: party(gatewayAt), Nonce: out.Nonce, Sender: out.Sender,
			Recipient: out.Recipient, TimeMillis: out.Time, PayloadHash: wire.Sum(payload),
		}
	}
	require.Equal(t, 1, found)
	decoded, err := wire.DecodeEvent(event.Encode())
	require.NoError(t, err)
	require.Equal(t, event, decoded)
	return event, payload
}

// nodes collects the nodes of a proof from the root down.
type nodes [][]byte

func (n *nodes) Put(_, node []byte) error { *n = append(*n, node); return nil }
func (n *nodes) Delete([]byte) error      { return nil }
