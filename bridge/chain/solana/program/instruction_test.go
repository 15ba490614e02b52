package program

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

var update = flag.Bool("update", false, "write testdata/instructions.json anew")

type (
	accountVector struct {
		Address  solana.PublicKey `json:"address"`
		Signer   bool             `json:"signer"`
		Writable bool             `json:"writable"`
	}
	instructionVector struct {
		Name     string           `json:"name"`
		Program  solana.PublicKey `json:"program"`
		Data     string           `json:"data"`
		Accounts []accountVector  `json:"accounts"`
	}
)

func key(name string) solana.PublicKey { return solana.PublicKey(wire.Sum([]byte(name))) }
func hash(name string) wire.Hash       { return wire.Sum([]byte(name)) }

func TestAccountsAreCopies(t *testing.T) {
	p := Program{key("program")}
	for range 2 {
		i := p.Begin(key("payer"), wire.Checkpoint{})
		for range 2 {
			system := i.Accounts()[3]
			require.False(t, system.IsWritable || system.IsSigner, "as no transaction before has changed it")
			system.WRITE().SIGNER()
		}
	}
}

// instructions are one of each, with the arguments that client_go.test.mjs has.
func instructions(t *testing.T) []instructionVector {
	p := Program{key("program")}
	address := func(name string) wire.Address { h := hash(name); return wire.Address(h[12:]) }
	set, err := wire.NewSignerSet([]wire.Member{{Address: address("a"), Power: 3}, {Address: address("b"), Power: 2}})
	require.NoError(t, err)
	checkpoint := wire.Checkpoint{
		Chain: hash("chain"), Epoch: 5, Height: 77, TimeMillis: 1_800_000_000_123, AnchorRoot: hash("anchors"), OutboxRoot: hash("outbox"),
		Set: set.Root(), NextSet: set.Root(), Previous: hash("previous"),
	}
	last := checkpoint
	last.NextSet = hash("next")
	signature := func(index int, r, s string, v byte) wire.MemberSignature {
		out := wire.MemberSignature{Index: index}
		rh, sh := hash(r), hash(s)
		copy(out.Signature[:], append(append(rh[:], sh[:]...), v))
		return out
	}
	payer, user := key("payer"), key("user")
	minted := Asset{ID: hash("asset"), Minted: true, Decimals: 18, Mint: p.Mint(hash("asset"))}
	locked := Asset{ID: hash("asset"), Mint: key("token")}
	const id = 0x4142434445464748

	var out []instructionVector
	add := func(name string, i Instruction) {
		raw, err := i.Data()
		require.NoError(t, err)
		v := instructionVector{Name: name, Program: i.ProgramID(), Data: hex.EncodeToString(raw), Accounts: []accountVector{}}
		for _, a := range i.Accounts() {
			v.Accounts = append(v.Accounts, accountVector{a.PublicKey, a.IsSigner, a.IsWritable})
		}
		out = append(out, v)
	}
	deliver := func(name string, kind wire.Kind, nonce uint64, payload []byte, asset *Asset) {
		m := wire.Message{
			Kind: kind, Domain: 2, Application: p.Application(), Nonce: nonce, Sender: wire.Party(hash("sender")), Recipient: wire.Party(user),
			TimeoutMillis: 1_900_000_000_000, PayloadHash: wire.Sum(payload),
		}
		if kind == wire.KindControl {
			m.Sender = wire.Party{}
		}
		i, err := p.Deliver(payer, Delivery{m, payload, 77, 3, []wire.Hash{hash("left"), hash("right")}}, asset)
		require.NoError(t, err)
		add("deliver "+name, i)
	}
	control := func(name string, nonce uint64, c wire.Control) {
		payload, err := c.Encode()
		require.NoError(t, err)
		deliver(name, wire.KindControl, nonce, payload, nil)
	}

	add("initialize", p.Initialize(payer, Genesis{
		Chain: hash("chain"), Domain: 2, Epoch: 5, Set: set.Root(), TrustPeriod: 1000, Guardian: key("guardian"), RecoveryKey: key("recovery"),
		RecoveryDelay: 2000, Pause: 3000, Cooldown: 4000, Retention: 5000,
	}))
	chunk, err := p.WriteBuffer(payer, 9, 600, 500, []byte("chunk"))
	require.NoError(t, err)
	add("write buffer", chunk)
	put := p.PutSet(payer, set)
	require.Equal(t, set.Encode(), put.Arguments())
	add("put set", put)
	add("put set from a buffer", put.InBuffer(payer, 9))
	add("begin", p.Begin(payer, checkpoint))
	signatures, err := p.AddSignatures(checkpoint, []wire.MemberSignature{signature(0, "r", "s", 1), signature(1, "r2", "s2", 0)})
	require.NoError(t, err)
	add("add signatures", signatures)
	add("finalize", p.Finalize(checkpoint))
	add("finalize the last of an epoch", p.Finalize(last))
	add("close", p.Close(p.Session(checkpoint.Digest()), payer, user))
	add("close event", p.CloseEvent(p.SentEvent(user, id), payer, user))
	nodes := [][]byte{[]byte("node one"), []byte("node two")}
	add("prove anchor", p.ProveAnchor(77, hash("key"), nodes))
	add("store anchor", p.StoreAnchor(payer, 77, hash("key"), nodes))
	transfer := wire.Transfer{Asset: hash("asset"), Amount: uint256.NewInt(12345)}.Encode()
	deliver("minted transfer", wire.KindTransfer, 8200, transfer, &minted)
	deliver("locked transfer", wire.KindTransfer, 1, transfer, &locked)
	deliver("call", wire.KindCall, 2, []byte("hello"), nil)
	control("register minted", 3, wire.Control{Operation: wire.RegisterMinted, Asset: hash("asset"), Decimals: 18, Symbol: "wIPDM"})
	control("register locked", 4, wire.Control{Operation: wire.RegisterLocked, Asset: hash("asset"), Token: wire.Party(hash("token"))})
	control("limit", 5, wire.Control{Operation: wire.SetLimit, Asset: hash("asset"), Limit: uint256.NewInt(1000), WindowSeconds: 60})
	control("guardian", 6, wire.Control{Operation: wire.SetGuardian, Guardian: wire.Party(hash("guardian"))})
	control("unpause", 7, wire.Control{Operation: wire.Unpause})
	add("claim", p.Claim(Owed{Payer: payer, Nonce: 8200, Asset: minted.ID, Recipient: user}, minted))
	add("send minted", p.Send(payer, user, minted, wire.Party(hash("to")), 55, id))
	add("send locked", p.Send(payer, user, locked, wire.Party(hash("to")), 55, id))
	call, err := p.SendCall(payer, user, wire.Party(hash("to")), []byte("hello"), id)
	require.NoError(t, err)
	add("send call", call)
	add("pause", p.Pause(key("guardian")))
	add("propose recovery", p.ProposeRecovery(key("recovery"), 6, hash("next")))
	add("cancel recovery", p.CancelRecovery(key("guardian")))
	add("execute recovery", p.ExecuteRecovery(hash("next")))
	return out
}

// The file is read by the program's tests as well, whose own client must build the same.
func TestInstructions(t *testing.T) {
	const path = "testdata/instructions.json"
	built := instructions(t)
	if *update {
		raw, err := json.MarshalIndent(built, "", " ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(raw, '\n'), 0o644))
	}
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var golden []instructionVector
	require.NoError(t, json.Unmarshal(raw, &golden))
	require.Equal(t, golden, built)
}

func TestBuildersRefuse(t *testing.T) {
	p := Program{key("program")}
	payer := key("payer")
	transfer := wire.Transfer{Asset: hash("asset"), Amount: uint256.NewInt(1)}.Encode()
	message := func(kind wire.Kind) wire.Message { return wire.Message{Kind: kind} }
	cases := map[string]func() (Instruction, error){
		"a buffer of 8193 bytes":    func() (Instruction, error) { return p.WriteBuffer(payer, 0, 8193, 0, nil) },
		"a chunk past its buffer":   func() (Instruction, error) { return p.WriteBuffer(payer, 0, 10, 8, make([]byte, 3)) },
		"a chunk before its buffer": func() (Instruction, error) { return p.WriteBuffer(payer, 0, 10, -1, nil) },
		"no signatures":             func() (Instruction, error) { return p.AddSignatures(wire.Checkpoint{}, nil) },
		"13 signatures": func() (Instruction, error) {
			return p.AddSignatures(wire.Checkpoint{}, make([]wire.MemberSignature, 13))
		},
		"a member 256": func() (Instruction, error) {
			return p.AddSignatures(wire.Checkpoint{}, []wire.MemberSignature{{Index: 256}})
		},
		"a transfer of no asset": func() (Instruction, error) {
			return p.Deliver(payer, Delivery{Message: message(wire.KindTransfer), Payload: transfer}, nil)
		},
		"a transfer of another": func() (Instruction, error) {
			return p.Deliver(payer, Delivery{Message: message(wire.KindTransfer), Payload: transfer}, &Asset{})
		},
		"a transfer that is none": func() (Instruction, error) {
			return p.Deliver(payer, Delivery{Message: message(wire.KindTransfer)}, &Asset{})
		},
		"a control that is none": func() (Instruction, error) {
			return p.Deliver(payer, Delivery{Message: message(wire.KindControl)}, nil)
		},
		"a delivery as a message": func() (Instruction, error) {
			return p.Deliver(payer, Delivery{Message: message(wire.KindDelivery)}, nil)
		},
		"a message of 1025 bytes": func() (Instruction, error) {
			return p.Deliver(payer, Delivery{Message: message(wire.KindCall), Payload: make([]byte, 1025)}, nil)
		},
		"a call of 1025 bytes": func() (Instruction, error) { return p.SendCall(payer, payer, wire.Party{}, make([]byte, 1025), 0) },
	}
	for name, build := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := build()
			require.ErrorIs(t, err, ErrArgument)
		})
	}
}
