package wire

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite the golden vectors")

// The vectors as they are written for the tests in Solidity and C. Bytes are hex with 0x, keys secrets of test signers.
type (
	vectors struct {
		ChainID     string             `json:"chain_id"`
		ChainHash   string             `json:"chain_hash"`
		Sets        []setVector        `json:"sets"`
		Checkpoints []checkpointVector `json:"checkpoints"`
		Outbox      []outboxVector     `json:"outbox"`
		Assets      []assetVector      `json:"assets"`
		Messages    []messageVector    `json:"messages"`
		Events      []eventVector      `json:"events"`
		Range       rangeVector        `json:"range"`
	}
	setVector struct {
		Count int      `json:"count"`
		Keys  []string `json:"keys"` // in the order of the set
		Bytes string   `json:"bytes"`
		Root  string   `json:"root"`
	}
	checkpointVector struct {
		Name       string   `json:"name"`
		Set        int      `json:"set"` // place in sets
		Bytes      string   `json:"bytes"`
		Digest     string   `json:"digest"`
		Signatures []string `json:"signatures"` // of every member, in the order of the set
	}
	outboxVector struct {
		Count  uint64     `json:"count"`
		Tree   string     `json:"tree"`
		Root   string     `json:"root"`
		Proofs []pathItem `json:"proofs"`
	}
	pathItem struct {
		Index uint64   `json:"index"`
		Leaf  string   `json:"leaf"`
		Path  []string `json:"path"`
	}
	assetVector struct {
		Domain uint32 `json:"domain"`
		Token  string `json:"token"`
		Asset  string `json:"asset"`
		Denom  string `json:"denom,omitempty"`
	}
	messageVector struct {
		Name    string `json:"name"`
		Payload string `json:"payload"`
		Bytes   string `json:"bytes"`
		Leaf    string `json:"leaf"`
	}
	eventVector struct {
		Name    string `json:"name"`
		Payload string `json:"payload"`
		Bytes   string `json:"bytes"`
		Leaf    string `json:"leaf"`
	}
	rangeVector struct {
		Count int    `json:"count"` // of all events
		Root  string `json:"root"`
	}
)

func text(raw []byte) string { return "0x" + hex.EncodeToString(raw) }

func number(name string, n uint64) Hash { return Sum([]byte(fmt.Sprintf("%s %d", name, n))) }

// sampleMessages are messages with every kind of payload, with nonces from 0.
func sampleMessages(t testing.TB) (names []string, messages []Message, payloads [][]byte) {
	add := func(name string, m Message, payload []byte) {
		m.Nonce, m.PayloadHash = uint64(len(messages)), Sum(payload)
		names, messages, payloads = append(names, name), append(messages, m), append(payloads, payload)
	}
	native := AssetID(0, DenomToken("aipdm"))
	token, err := PartyOf([]byte{19: 0x77})
	require.NoError(t, err)
	gateway, err := PartyOf([]byte{19: 0x99})
	require.NoError(t, err)
	user := Party(number("user", 1))
	peer, err := PartyOf([]byte{0: 0xaa, 19: 0xbb})
	require.NoError(t, err)
	to := Message{Domain: 1, Application: gateway, Sender: user, Recipient: peer, TimeoutMillis: 1_900_000_000_000}
	transfer := to
	transfer.Kind = KindTransfer
	add("transfer", transfer, Transfer{native, uint256.NewInt(1_500_000_000_000_000_000)}.Encode())
	call := to
	call.Kind, call.TimeoutMillis = KindCall, 0
	add("call", call, []byte("hello from IPDM"))
	call.Domain = 2
	add("empty call", call, nil)
	for _, c := range []struct {
		name string
		op   Control
	}{
		{"register minted", Control{Operation: RegisterMinted, Asset: native, Decimals: 18, Symbol: "wIPDM"}},
		{"register locked", Control{Operation: RegisterLocked, Asset: AssetID(1, token), Token: token}},
		{"set limit", Control{Operation: SetLimit, Asset: native, Limit: new(uint256.Int).Lsh(uint256.NewInt(1), 80), WindowSeconds: 3600}},
		{"set guardian", Control{Operation: SetGuardian, Guardian: peer}},
		{"unpause", Control{Operation: Unpause}},
	} {
		payload, err := c.op.Encode()
		require.NoError(t, err)
		add(c.name, Message{Kind: KindControl, Domain: 1, Application: gateway}, payload)
	}
	return names, messages, payloads
}

func makeVectors(t testing.TB) vectors {
	v := vectors{ChainID: "ipdm-vectors-1", ChainHash: ChainHash("ipdm-vectors-1").String()}
	var sets []SignerSet
	keys := map[Address]string{}
	for _, count := range []int{1, 4, 20, 67} {
		var members []Member
		for i := range count {
			secret := number("signer", uint64(i))
			key, err := crypto.ToECDSA(secret[:])
			require.NoError(t, err)
			m := Member{AddressOf(&key.PublicKey), uint64(1000 - i/2*7)} // some of equal power
			members, keys[m.Address] = append(members, m), text(secret[:])
		}
		set, err := NewSignerSet(members)
		require.NoError(t, err)
		sv := setVector{Count: count, Bytes: text(set.Encode()), Root: set.Root().String()}
		for _, m := range set {
			sv.Keys = append(sv.Keys, keys[m.Address])
		}
		sets, v.Sets = append(sets, set), append(v.Sets, sv)
	}

	names, messages, payloads := sampleMessages(t)
	tree := NewTree()
	for i, m := range messages {
		tree.Append(m.Leaf())
		v.Messages = append(v.Messages, messageVector{names[i], text(payloads[i]), text(m.Encode()), m.Leaf().String()})
	}
	outbox := OutboxRoot(tree.Count(), tree.Hash())

	var previous Hash
	for i, set := range sets {
		for _, rotates := range []bool{false, true} {
			c := Checkpoint{
				Chain: ChainHash(v.ChainID), Epoch: uint64(i + 1), Height: uint64(100*i + 100), TimeMillis: uint64(1_800_000_000_000 + 1000*i),
				AnchorRoot: number("anchors", uint64(i)), OutboxRoot: outbox, Set: set.Root(), NextSet: set.Root(), Previous: previous,
			}
			name := fmt.Sprintf("%d signers", len(set))
			if rotates {
				c.Height, c.TimeMillis, c.NextSet = c.Height+50, c.TimeMillis+500, sets[(i+1)%len(sets)].Root()
				name += ", the last of its epoch"
			}
			cv := checkpointVector{Name: name, Set: i, Bytes: text(c.Encode()), Digest: c.Digest().String()}
			for _, m := range set {
				key, err := crypto.HexToECDSA(keys[m.Address][2:])
				require.NoError(t, err)
				sig, err := Sign(c.Digest(), key)
				require.NoError(t, err)
				cv.Signatures = append(cv.Signatures, text(sig[:]))
			}
			v.Checkpoints, previous = append(v.Checkpoints, cv), c.Digest()
		}
	}

	counts := []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 100, 1000}
	grown := NewTree()
	for _, count := range counts {
		for grown.Count() < count {
			grown.Append(number("leaf", grown.Count()))
		}
		ov := outboxVector{Count: count, Tree: grown.Hash().String(), Root: OutboxRoot(count, grown.Hash()).String()}
		for _, index := range []uint64{0, 1, 2, count / 2, count - 1} {
			if index >= count || (len(ov.Proofs) > 0 && index <= ov.Proofs[len(ov.Proofs)-1].Index) {
				continue
			}
			path, err := grown.Path(index)
			require.NoError(t, err)
			item := pathItem{Index: index, Leaf: number("leaf", index).String(), Path: []string{}}
			for _, p := range path {
				item.Path = append(item.Path, p.String())
			}
			ov.Proofs = append(ov.Proofs, item)
		}
		v.Outbox = append(v.Outbox, ov)
	}

	for _, denom := range []string{"aipdm"} {
		token := DenomToken(denom)
		v.Assets = append(v.Assets, assetVector{0, text(token[:]), AssetID(0, token).String(), denom})
	}
	for d := Domain(1); d <= 2; d++ {
		token := Party(number("token", uint64(d)))
		v.Assets = append(v.Assets, assetVector{Domain: uint32(d), Token: text(token[:]), Asset: AssetID(d, token).String()})
	}

	events := NewTree()
	for i, e := range []struct {
		name    string
		kind    Kind
		payload []byte
	}{
		{"transfer", KindTransfer, payloads[0]},
		{"call", KindCall, []byte("hello IPDM")},
		{"done", KindDelivery, Delivery{0, StatusDone}.Encode()},
		{"refused", KindDelivery, Delivery{1, StatusRefused}.Encode()},
	} {
		event := Event{
			Kind: e.kind, Domain: 1, Application: messages[0].Application, Nonce: uint64(i), Sender: messages[0].Recipient,
			Recipient: messages[0].Sender, TimeMillis: 1_800_000_001_000, PayloadHash: Sum(e.payload),
		}
		events.Append(event.Leaf())
		v.Events = append(v.Events, eventVector{e.name, text(e.payload), text(event.Encode()), event.Leaf().String()})
	}
	v.Range = rangeVector{len(v.Events), events.Hash().String()}
	return v
}

// TestGoldenVectors compares with what the tests in Solidity and C read.
func TestGoldenVectors(t *testing.T) {
	made, err := json.MarshalIndent(makeVectors(t), "", " ")
	require.NoError(t, err)
	file := filepath.Join("testdata", "vectors.json")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, append(made, '\n'), 0o644))
	}
	committed, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(committed)), string(made))
}
