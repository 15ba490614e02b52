package keeper_test

import (
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/ipdm-network/ipdm/x/anchor/trie"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

func TestSetSignerKey(t *testing.T) {
	f := newChain(t, 10, 10)
	f.bond(3, 10)
	key := f.signerKey(3, 0)
	address := wire.AddressOf(&key.PublicKey)
	good, err := wire.Sign(wire.PossessionDigest(sampleChain, consensusAddress(3)), key)
	require.NoError(t, err)
	otherChain, err := wire.Sign(wire.PossessionDigest("ipdm-test-2", consensusAddress(3)), key)
	require.NoError(t, err)
	otherValidator, err := wire.Sign(wire.PossessionDigest(sampleChain, consensusAddress(1)), key)
	require.NoError(t, err)

	for name, tt := range map[string]struct {
		validator  string
		address    []byte
		possession []byte
		err        error
	}{
		"no address":        {"ipdm", address[:], good[:], types.ErrUnknownValidator},
		"unknown validator": {operator(t, 9), address[:], good[:], types.ErrUnknownValidator},
		"short address":     {operator(t, 3), address[1:], good[:], types.ErrInvalidKey},
		"zero address":      {operator(t, 3), make([]byte, 20), good[:], types.ErrInvalidKey},
		"short possession":  {operator(t, 3), address[:], good[1:], types.ErrInvalidPossession},
		"no signature":      {operator(t, 3), address[:], make([]byte, 65), types.ErrInvalidPossession},
		"another chain":     {operator(t, 3), address[:], otherChain[:], types.ErrInvalidPossession},
		"another validator": {operator(t, 3), address[:], otherValidator[:], types.ErrInvalidPossession},
		"replayed":          {operator(t, 1), address[:], good[:], types.ErrInvalidPossession},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.msgs.SetSignerKey(f.ctx, &types.MsgSetSignerKey{Validator: tt.validator, Address: tt.address, Possession: tt.possession})
			require.ErrorIs(t, err, tt.err)
		})
	}
	text, err := consensus.BytesToString(consensusAddress(3))
	require.NoError(t, err)
	_, err = f.query.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: text})
	require.Equal(t, codes.NotFound, status.Code(err))

	require.NoError(t, f.setKey(3, 0))
	require.ErrorIs(t, f.setKey(3, 0), types.ErrSameKey)
	taken := wire.AddressOf(&f.signerKey(1, 0).PublicKey)
	stolen, err := wire.Sign(wire.PossessionDigest(sampleChain, consensusAddress(3)), f.keys[taken])
	require.NoError(t, err)
	_, err = f.msgs.SetSignerKey(f.ctx, &types.MsgSetSignerKey{Validator: operator(t, 3), Address: taken[:], Possession: stolen[:]})
	require.ErrorIs(t, err, types.ErrKeyTaken)

	require.NoError(t, f.setKey(3, 1))
	got, err := f.query.Key(f.ctx, &types.QueryKeyRequest{ConsensusAddress: text})
	require.NoError(t, err)
	second := wire.AddressOf(&f.signerKey(3, 1).PublicKey)
	require.Equal(t, second.String(), got.Key.Address)
	require.NoError(t, f.CheckInvariants(f.ctx))

	require.NoError(t, f.Hooks().AfterValidatorRemoved(f.ctx, consensusAddress(3), nil))
	require.NoError(t, f.Hooks().AfterValidatorRemoved(f.ctx, consensusAddress(3), nil), "without a key")
	require.NoError(t, f.CheckInvariants(f.ctx))
	require.NoError(t, f.setKey(3, 0), "it is nobody's now")
}

func TestNoCheckpointBeforeEnoughKeys(t *testing.T) {
	f := newChain(t, 10, 10)
	f.bond(3, 10)
	f.blocks(12)
	require.True(t, f.idle(), "exactly two thirds of the power have keys")
	pending, err := f.query.Pending(f.ctx, &types.QueryPendingRequest{})
	require.NoError(t, err)
	require.Contains(t, pending.State, "validators with 20 of 30 power have one")
	_, err = f.query.Signers(f.ctx, &types.QuerySignersRequest{})
	require.Equal(t, codes.NotFound, status.Code(err))
	_, err = f.query.Checkpoint(f.ctx, &types.QueryCheckpointRequest{})
	require.Equal(t, codes.NotFound, status.Code(err))

	require.NoError(t, f.setKey(3, 0))
	content := f.untilPending(5)
	require.EqualValues(t, 15, content.Height)
	require.EqualValues(t, 1, content.Epoch)
}

func TestCheckpointIsSigned(t *testing.T) {
	f := newChain(t, 40, 30, 20, 10)
	f.blocks(4)
	require.True(t, f.idle())
	f.anchors.root = trie.Root{7}
	f.block()
	c, content := f.pending()
	require.EqualValues(t, 1, c.Sequence)
	signers, err := f.query.Signers(f.ctx, &types.QuerySignersRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 100, signers.TotalPower)
	set, err := signers.SignerEpoch.Set()
	require.NoError(t, err)
	require.Equal(t, wire.Checkpoint{
		Chain: wire.ChainHash(sampleChain), Epoch: 1, Height: 5, TimeMillis: uint64(start.UnixMilli()) + 4_000, AnchorRoot: wire.Hash{7},
		OutboxRoot: wire.OutboxRoot(0, wire.Hash{}), Set: set.Root(), NextSet: set.Root(),
	}, content)

	f.sign(1, 3) // 40 of 100
	f.sign(1)    // again
	f.block()
	c, _ = f.pending()
	require.EqualValues(t, 40, c.Power)
	require.Len(t, c.Signatures, 2)
	pending, err := f.query.Pending(f.ctx, &types.QueryPendingRequest{})
	require.NoError(t, err)
	require.Contains(t, pending.State, "waits for signatures: 40 of 100 power")

	f.anchors.root = trie.Root{8} // the next one waits for this one
	f.blocks(20)
	c, _ = f.pending()
	require.EqualValues(t, 1, c.Sequence)
	f.sign(0)
	require.False(t, f.idle(), "others may still sign in this block")
	f.block()
	require.True(t, f.idle())
	done, err := f.query.Checkpoint(f.ctx, &types.QueryCheckpointRequest{})
	require.NoError(t, err)
	require.EqualValues(t, 1, done.Checkpoint.Sequence)
	require.Equal(t, content.Digest().String(), done.Content.Digest)
	var signatures []wire.MemberSignature
	for _, s := range done.Checkpoint.Signatures {
		signatures = append(signatures, wire.MemberSignature{Index: int(s.Index), Signature: wire.Signature(s.Signature)})
	}
	require.NoError(t, set.CheckSignatures(content.Digest(), signatures), "what clients check")

	second := f.untilPending(5)
	require.Equal(t, content.Digest(), second.Previous)
	require.Equal(t, wire.Hash{8}, second.AnchorRoot)
	f.signAll()
	f.blocks(90)
	require.True(t, f.idle(), "nothing has changed")
	third := f.untilPending(10) // but this is the heartbeat
	require.Equal(t, second.AnchorRoot, third.AnchorRoot)
}

func TestSignRefuses(t *testing.T) {
	f := newChain(t, 10, 10, 10)
	stranger := f.signerKey(9, 0)
	signed := func(digest wire.Hash) wire.Signature {
		s, err := wire.Sign(digest, f.keys[wire.AddressOf(&f.signerKey(1, 0).PublicKey)])
		require.NoError(t, err)
		return s
	}
	require.ErrorIs(t, f.Sign(f.ctx, 1, signed(wire.Hash{1})), types.ErrNotPending)
	content := f.untilPending(5)
	good := signed(content.Digest())
	byStranger, err := wire.Sign(content.Digest(), stranger)
	require.NoError(t, err)
	malleable := good
	s := new(big.Int).SetBytes(good[32:64])
	s.Sub(crypto.S256().Params().N, s).FillBytes(malleable[32:64])
	malleable[64] ^= 1
	for name, signature := range map[string]wire.Signature{
		"of a stranger": byStranger, "of something else": signed(wire.Hash{1}), "malleable": malleable, "of nobody": {},
	} {
		require.ErrorIs(t, f.Sign(f.ctx, 1, signature), types.ErrInvalidSignature, name)
	}
	require.ErrorIs(t, f.Sign(f.ctx, 2, good), types.ErrNotPending)
	require.ErrorIs(t, f.Sign(f.ctx, 0, good), types.ErrNotPending)
	_, err = f.msgs.SignCheckpoint(f.ctx, &types.MsgSignCheckpoint{Sequence: 1, Signature: good[:64]})
	require.ErrorIs(t, err, types.ErrInvalidSignature)
	c, _ := f.pending()
	require.Empty(t, c.Signatures)

	_, err = f.msgs.SignCheckpoint(f.ctx, &types.MsgSignCheckpoint{Sequence: 1, Signature: good[:]})
	require.NoError(t, err, "anybody hands it in")
	c, _ = f.pending()
	require.Len(t, c.Signatures, 1)
	f.signAll()
	require.NoError(t, f.Sign(f.ctx, 1, good), "until the next one is made")
	f.anchors.root[0]++
	f.untilPending(5)
	require.ErrorIs(t, f.Sign(f.ctx, 1, good), types.ErrNotPending)
}

func TestSignerSetsFollowValidators(t *testing.T) {
	for name, tt := range map[string]struct {
		change  func(f *fixture)
		at      int // blocks until there is another set
		members int
	}{
		"a twentieth of the power moves": {func(f *fixture) { f.bond(1, 1_300) }, 5, 4},
		"less than that moves":           {func(f *fixture) { f.bond(1, 1_250) }, 1_000, 4},
		"a validator leaves":             {func(f *fixture) { f.bond(4, 0) }, 5, 3},
		"a validator comes":              {func(f *fixture) { f.bond(5, 300); require.NoError(f, f.setKey(5, 0)) }, 5, 5},
		"one without a key comes":        {func(f *fixture) { f.bond(5, 300) }, 0, 4},
		"a key changes":                  {func(f *fixture) { require.NoError(f, f.setKey(2, 1)) }, 5, 4},
		"too few have keys":              {func(f *fixture) { f.bond(5, 4_000) }, 0, 4},
		"all grow alike": {func(f *fixture) {
			for n := byte(1); n < 5; n++ {
				f.bond(n, 2_000)
			}
		}, 0, 4},
	} {
		t.Run(name, func(t *testing.T) {
			f := newChain(t, 1_000, 1_000, 1_000, 1_000)
			f.untilPending(5)
			old, err := f.Epoch(f.ctx, 0)
			require.NoError(t, err)
			f.signAll()
			tt.change(f)
			var content wire.Checkpoint
			for waited := 0; waited < 1_200; {
				f.block()
				waited++
				if f.idle() {
					continue
				}
				if _, content = f.pending(); content.EndsEpoch() {
					require.NotZero(t, tt.at, "another set after %d blocks", waited)
					require.LessOrEqual(t, waited, tt.at+10)
					require.Greater(t, waited, tt.at-10)
					break
				}
				f.signAll() // a heartbeat
				waited++
			}
			require.Equal(t, tt.at != 0, content.EndsEpoch())
			newest, err := f.Epoch(f.ctx, 0)
			require.NoError(t, err)
			require.Len(t, newest.Signers, tt.members)
			if tt.at == 0 {
				require.Equal(t, old.Root, newest.Root)
				return
			}
			require.EqualValues(t, 1, content.Epoch)
			require.Equal(t, wire.Hash(old.Root), content.Set, "the old set hands over")
			require.Equal(t, wire.Hash(newest.Root), content.NextSet)
			f.signAll()
			f.anchors.root[0]++
			next := f.untilPending(5)
			require.EqualValues(t, 2, next.Epoch)
			require.Equal(t, wire.Hash(newest.Root), next.Set)
			f.signAll()
		})
	}
}

func TestEpochEndsAreKept(t *testing.T) {
	f := newChain(t, 10, 10, 10)
	power := int64(10)
	for i := range 40 {
		f.anchors.root[0]++
		f.untilPending(6)
		f.signAll()
		if i == 5 || i == 11 {
			power *= 2
			f.bond(1, power)
		}
	}
	gs, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.Len(t, gs.Epochs, 3)
	require.Len(t, gs.Checkpoints, 10+2)
	for _, epoch := range gs.Epochs[:2] {
		last, err := f.query.Checkpoint(f.ctx, &types.QueryCheckpointRequest{Sequence: epoch.LastSequence})
		require.NoError(t, err)
		require.NotEqual(t, last.Content.SetRoot, last.Content.NextSetRoot)
	}
	_, err = f.query.Checkpoint(f.ctx, &types.QueryCheckpointRequest{Sequence: 1})
	require.Equal(t, codes.NotFound, status.Code(err))

	fewer := testParams()
	fewer.RetainedCheckpoints = 20
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: "somebody", Params: fewer})
	require.ErrorIs(t, err, types.ErrUnauthorized)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: types.Params{}})
	require.ErrorIs(t, err, types.ErrInvalidParams)
	_, err = f.msgs.UpdateParams(f.ctx, &types.MsgUpdateParams{Authority: authority, Params: fewer})
	require.NoError(t, err)
}

func TestGenesisRoundTrip(t *testing.T) {
	f := newChain(t, 10, 10, 10, 10)
	for i := range 25 {
		f.anchors.root[0]++
		f.untilPending(6)
		f.signAll()
		if i == 3 {
			f.bond(1, 20)
		}
	}
	f.anchors.root[0]++
	f.untilPending(6)
	f.sign(2)
	gs, err := f.ExportGenesis(f.ctx)
	require.NoError(t, err)
	require.NoError(t, gs.Validate())

	again := newFixture(t, gs)
	exported, err := again.ExportGenesis(again.ctx)
	require.NoError(t, err)
	require.Equal(t, gs, exported)

	again.keys, *again.staking, *again.anchors = f.keys, *f.staking, *f.anchors // and it goes on
	again.ctx = again.ctx.WithBlockHeight(f.ctx.BlockHeight()).WithBlockTime(f.ctx.BlockTime())
	waiting, _ := again.pending()
	require.Len(t, waiting.Signatures, 1)
	again.signAll()
	again.anchors.root[0]++
	again.untilPending(6)
	again.signAll()
	done, err := again.Checkpoint(again.ctx, 0)
	require.NoError(t, err)
	require.Equal(t, waiting.Sequence+1, done.Sequence)
}

func TestGenesisRefuses(t *testing.T) {
	for name, change := range map[string]func(gs *types.GenesisState){
		"parameters":               func(gs *types.GenesisState) { gs.Params.CheckpointBlocks = 0 },
		"absurd heartbeat":         func(gs *types.GenesisState) { gs.Params.Heartbeat = 1 << 62 },
		"absurd epoch":             func(gs *types.GenesisState) { gs.Params.MaxEpoch = 0 },
		"absurd rotation":          func(gs *types.GenesisState) { gs.Params.RotationBps = 5_000 },
		"too few kept":             func(gs *types.GenesisState) { gs.Params.RetainedCheckpoints = 1 },
		"keys out of order":        func(gs *types.GenesisState) { gs.Keys[0], gs.Keys[1] = gs.Keys[1], gs.Keys[0] },
		"short key":                func(gs *types.GenesisState) { gs.Keys[0].Address = gs.Keys[0].Address[1:] },
		"zero key":                 func(gs *types.GenesisState) { gs.Keys[0].Address = wire.Address{}.String() },
		"upper case":               func(gs *types.GenesisState) { gs.Keys[0].Address = strings.ToUpper(gs.Keys[0].Address) },
		"a digest is missing":      func(gs *types.GenesisState) { gs.Digests = gs.Digests[:len(gs.Digests)-1] },
		"no digests":               func(gs *types.GenesisState) { gs.Digests = nil },
		"another digest":           func(gs *types.GenesisState) { gs.Digests[len(gs.Digests)-1].Digest = make([]byte, 32) },
		"abandoned with an end":    func(gs *types.GenesisState) { gs.Epochs[0].Abandoned = true },
		"newest abandoned":         func(gs *types.GenesisState) { gs.Epochs[1].Abandoned = true },
		"absurd least epoch":       func(gs *types.GenesisState) { gs.Params.MinEpoch = gs.Params.MaxEpoch + 1 },
		"malformed signer":         func(gs *types.GenesisState) { gs.Epochs[0].Signers[0].Address = "0x" },
		"short digest":             func(gs *types.GenesisState) { gs.Digests[0].Digest = gs.Digests[0].Digest[1:] },
		"digest twice":             func(gs *types.GenesisState) { gs.Digests[1].Height = gs.Digests[0].Height },
		"absurd age of evidence":   func(gs *types.GenesisState) { gs.Params.EvidenceMaxAge = 0 },
		"absurd slash":             func(gs *types.GenesisState) { gs.Params.EquivocationSlashBps = 10_001 },
		"jail at once":             func(gs *types.GenesisState) { gs.Params.MaxMissed = 1 },
		"one key of two":           func(gs *types.GenesisState) { gs.Keys[0].Address = gs.Keys[1].Address },
		"epoch missing":            func(gs *types.GenesisState) { gs.Epochs = gs.Epochs[1:] },
		"epoch without signers":    func(gs *types.GenesisState) { gs.Epochs[1].Signers = nil },
		"signers out of order":     func(gs *types.GenesisState) { s := gs.Epochs[1].Signers; s[0], s[1] = s[1], s[0] },
		"other root":               func(gs *types.GenesisState) { gs.Epochs[1].Root[0] ^= 1 },
		"epoch without end":        func(gs *types.GenesisState) { gs.Epochs[0].LastSequence = 0 },
		"epoch with an end":        func(gs *types.GenesisState) { gs.Epochs[1].LastSequence = 9 },
		"end is missing":           func(gs *types.GenesisState) { gs.Epochs[0].LastSequence = 100 },
		"checkpoints out of order": func(gs *types.GenesisState) { c := gs.Checkpoints; c[0], c[1] = c[1], c[0] },
		"malformed checkpoint":     func(gs *types.GenesisState) { gs.Checkpoints[0].Content = gs.Checkpoints[0].Content[1:] },
		"unknown epoch":            func(gs *types.GenesisState) { edit(gs, 0, func(c *wire.Checkpoint) { c.Epoch = 7 }) },
		"other signers":            func(gs *types.GenesisState) { edit(gs, 0, func(c *wire.Checkpoint) { c.Epoch = 2 }) },
		"unsigned in between": func(gs *types.GenesisState) {
			c := &gs.Checkpoints[0]
			c.Signatures, c.Power, c.Complete = nil, 0, false
		},
		"complete by word":    func(gs *types.GenesisState) { c := &gs.Checkpoints[0]; c.Signatures = c.Signatures[:1] },
		"power by word":       func(gs *types.GenesisState) { gs.Checkpoints[0].Power++ },
		"another's signature": func(gs *types.GenesisState) { s := gs.Checkpoints[0].Signatures; s[0].Signature = s[1].Signature },
		"signature twice":     func(gs *types.GenesisState) { s := gs.Checkpoints[0].Signatures; s[1] = s[0] },
		"no such member":      func(gs *types.GenesisState) { gs.Checkpoints[0].Signatures[0].Index = 99 },
		"short signature":     func(gs *types.GenesisState) { s := &gs.Checkpoints[0].Signatures[0]; s.Signature = s.Signature[1:] },
	} {
		t.Run(name, func(t *testing.T) {
			f := newChain(t, 30, 20, 10)
			for range 4 {
				f.anchors.root[0]++
				f.untilPending(6)
				f.signAll()
				f.bond(1, 60)
			}
			gs, err := f.ExportGenesis(f.ctx)
			require.NoError(t, err)
			require.Len(t, gs.Epochs, 2)
			change(gs)
			require.Error(t, gs.Validate())
		})
	}
}

// edit changes what a checkpoint says, and leaves its signatures.
func edit(gs *types.GenesisState, i int, change func(c *wire.Checkpoint)) {
	content, _ := gs.Checkpoints[i].Decode()
	change(&content)
	gs.Checkpoints[i].Content = content.Encode()
}

// TestInvariantsHoldWhateverHappens has validators come, go and change keys at random, and sign when they like.
func TestInvariantsHoldWhateverHappens(t *testing.T) {
	for seed := range uint64(5) {
		f := newChain(t, 50, 40, 30, 20, 10)
		random := rand.New(rand.NewPCG(seed, 1))
		completed := uint64(0)
		for range 1_500 {
			switch random.IntN(12) {
			case 0:
				f.anchors.root[random.IntN(32)]++
			case 1:
				f.bond(byte(1+random.IntN(8)), int64(random.IntN(60)))
			case 2:
				n := byte(1 + random.IntN(8))
				if _, known := f.staking.validators[n]; known {
					_ = f.setKey(n, random.IntN(3)) // it may have it already
				}
			case 3, 4, 5, 6:
				if c, waits, err := f.Newest(f.ctx); err == nil && waits {
					content, err := c.Decode()
					require.NoError(t, err)
					epoch, err := f.Epoch(f.ctx, content.Epoch)
					require.NoError(t, err)
					f.signNewest(random.IntN(len(epoch.Signers)))
				}
			default:
				f.block()
			}
			if c, err := f.Checkpoint(f.ctx, 0); err == nil {
				require.GreaterOrEqual(t, c.Sequence, completed)
				completed = c.Sequence
			}
		}
		require.NoError(t, f.CheckInvariants(f.ctx))
		require.Greater(t, completed, uint64(10), "seed %d", seed)
	}
}
