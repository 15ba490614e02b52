package wire

import (
	"crypto/ecdsa"
	"math/big"
	"testing"

	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"
	"github.com/stretchr/testify/require"
)

// signers returns count keys in the order of the set they make, all of equal power.
func signers(t testing.TB, count int) ([]*ecdsa.PrivateKey, SignerSet) {
	byAddress := map[Address]*ecdsa.PrivateKey{}
	var members []Member
	for i := range count {
		secret := number("signer", uint64(i))
		key, err := crypto.ToECDSA(secret[:])
		require.NoError(t, err)
		members = append(members, Member{AddressOf(&key.PublicKey), 10})
		byAddress[members[i].Address] = key
	}
	set, err := NewSignerSet(members)
	require.NoError(t, err)
	keys := make([]*ecdsa.PrivateKey, count)
	for i, m := range set {
		keys[i] = byAddress[m.Address]
	}
	return keys, set
}

func signed(t testing.TB, digest Hash, keys []*ecdsa.PrivateKey, by ...int) []MemberSignature {
	var out []MemberSignature
	for _, i := range by {
		s, err := Sign(digest, keys[i])
		require.NoError(t, err)
		out = append(out, MemberSignature{i, s})
	}
	return out
}

func TestSignerSetRefusals(t *testing.T) {
	a, b := Address{1}, Address{2}
	for name, tt := range map[string]struct {
		set  SignerSet
		says string
	}{
		"empty":                  {nil, "0 members"},
		"zero address":           {SignerSet{{Address{}, 1}}, "address of member 0 is zero"},
		"zero power":             {SignerSet{{a, 1}, {b, 0}}, "power of member 1 is zero"},
		"overflowing":            {SignerSet{{a, MaxTotalPower}, {b, 1}}, "sum to more"},
		"overflowing u64":        {SignerSet{{a, 1<<64 - 1}, {b, 1}}, "sum to more"},
		"twice":                  {SignerSet{{a, 2}, {b, 2}, {a, 1}}, "occurs twice"},
		"powers out of order":    {SignerSet{{a, 1}, {b, 2}}, "member 1 is out of order"},
		"addresses out of order": {SignerSet{{b, 1}, {a, 1}}, "member 1 is out of order"},
		"too many":               {make(SignerSet, MaxSigners+1), "257 members"},
	} {
		t.Run(name, func(t *testing.T) {
			err := tt.set.Validate()
			require.ErrorIs(t, err, ErrMalformed)
			require.ErrorContains(t, err, tt.says)
			_, err = DecodeSignerSet(tt.set.Encode())
			require.ErrorIs(t, err, ErrMalformed)
		})
	}
	whole := SignerSet{{a, 2}, {b, 1}}.Encode()
	for _, raw := range [][]byte{nil, {0}, whole[:len(whole)-1], append(whole, 0)} {
		_, err := DecodeSignerSet(raw)
		require.ErrorIs(t, err, ErrMalformed)
	}
	full, err := NewSignerSet([]Member{{b, 1}, {a, MaxTotalPower - 1}})
	require.NoError(t, err)
	require.Equal(t, a, full[0].Address)
	require.True(t, full.Suffices(MaxTotalPower))
	require.False(t, full.Suffices(MaxTotalPower/3*2))
	require.False(t, full.Suffices(1<<64-1), "more than there is")
}

func TestCheckSignatures(t *testing.T) {
	keys, set := signers(t, 6)
	digest := number("digest", 1)
	require.NoError(t, set.CheckSignatures(digest, signed(t, digest, keys, 0, 1, 2, 3, 4)))
	require.NoError(t, set.CheckSignatures(digest, signed(t, digest, keys, 0, 1, 3, 4, 5)))

	other := signed(t, number("digest", 2), keys, 0, 1, 2, 3, 4)
	high := signed(t, digest, keys, 0, 1, 2, 3, 4)
	s := new(big.Int).SetBytes(high[4].Signature[32:64])
	s.Sub(crypto.S256().Params().N, s).FillBytes(high[4].Signature[32:64])
	high[4].Signature[64] ^= 1
	late := signed(t, digest, keys, 0, 1, 2, 3, 4)
	late[2].Signature[64] += 27
	zero := signed(t, digest, keys, 0, 1, 2, 3, 4)
	zero[0].Signature = Signature{}
	for name, tt := range map[string]struct {
		signatures []MemberSignature
		err        error
		says       string
	}{
		"none":               {nil, ErrPower, "0 of 60"},
		"exactly two thirds": {signed(t, digest, keys, 0, 1, 2, 3), ErrPower, "40 of 60"},
		"one twice":          {signed(t, digest, keys, 0, 1, 2, 3, 3), ErrSignature, "member 3 of 6 after member 3"},
		"out of order":       {signed(t, digest, keys, 1, 0, 2, 3, 4), ErrSignature, "member 0 of 6 after member 1"},
		"no such member":     {[]MemberSignature{{6, Signature{}}}, ErrSignature, "member 6 of 6"},
		"another digest":     {other, ErrSignature, "signed for member 0"},
		"malleable":          {high, ErrSignature, "half the group order"},
		"v of Ethereum":      {late, ErrSignature, "recovery id"},
		"zero":               {zero, ErrSignature, "member 0"},
	} {
		t.Run(name, func(t *testing.T) {
			err := set.CheckSignatures(digest, tt.signatures)
			require.ErrorIs(t, err, tt.err)
			require.ErrorContains(t, err, tt.says)
		})
	}
}

// TestHalfOrder derives what the constant says.
func TestHalfOrder(t *testing.T) {
	half := new(big.Int).Rsh(crypto.S256().Params().N, 1)
	require.Equal(t, half.FillBytes(make([]byte, 32)), halfOrder[:])
}

func TestPayloadRefusals(t *testing.T) {
	transfer := Transfer{number("asset", 0), uint256.NewInt(1)}.Encode()
	for name, err := range map[string]error{
		"transfer: short":      second(DecodeTransfer(transfer[:63])),
		"transfer: of nothing": second(DecodeTransfer(make([]byte, 64))),
		"delivery: long":       second(DecodeDelivery(make([]byte, 10))),
		"delivery: status":     second(DecodeDelivery([]byte{8: 3})),
		"control: empty":       second(DecodeControl(nil)),
		"control: unknown":     second(DecodeControl([]byte{6})),
		"control: no symbol":   second(DecodeControl(append([]byte{1}, make([]byte, 34)...))),
		"control: trailing":    second(DecodeControl([]byte{5, 0})),
		"control: truncated":   second(DecodeControl(append([]byte{1}, append(make([]byte, 33), 2, 'a')...))),
		"control: long symbol": second(Control{Operation: RegisterMinted, Symbol: "12345678901234567"}.Encode()),
		"message: kind":        second(DecodeMessage(Message{Kind: KindDelivery}.Encode())),
		"event: kind":          second(DecodeEvent(Event{}.Encode())),
		"message: event":       second(DecodeMessage(append(Event{Kind: KindCall}.Encode(), 0))),
		"checkpoint: short":    second(DecodeCheckpoint(Checkpoint{}.Encode()[:225])),
		"checkpoint: tag":      second(DecodeCheckpoint(make([]byte, CheckpointBytes))),
	} {
		require.ErrorIs(t, err, ErrMalformed, name)
	}
	_, err := PartyOf(make([]byte, 33))
	require.Error(t, err)
	_, err = PartyOf(nil)
	require.Error(t, err)
}

func second[T any](_ T, err error) error { return err }

// plainTreeHash is RFC 9162, 2.1.1, word by word.
func plainTreeHash(leaves []Hash) Hash {
	switch n := len(leaves); n {
	case 0:
		return Hash{}
	case 1:
		return leaves[0]
	default:
		k := 1
		for 2*k < n {
			k *= 2
		}
		return NodeHash(plainTreeHash(leaves[:k]), plainTreeHash(leaves[k:]))
	}
}

func TestTree(t *testing.T) {
	tree := NewTree()
	var leaves []Hash
	roots := []Hash{{}}
	for count := uint64(1); count <= 70; count++ {
		leaf := number("leaf", count-1)
		leaves = append(leaves, leaf)
		tree.Append(leaf)
		root := tree.Hash()
		require.Equal(t, plainTreeHash(leaves), root)
		roots = append(roots, root)
		for then := uint64(1); then <= count; then++ { // an earlier tree's hash and proofs can be had later
			old, err := TreeHash(then, tree.load)
			require.NoError(t, err)
			require.Equal(t, roots[then], old)
		}
		for index := range count {
			path, err := tree.Path(index)
			require.NoError(t, err)
			require.NoError(t, VerifyInclusion(leaves[index], index, count, path, root))
			require.ErrorIs(t, VerifyInclusion(leaves[index], (index+1)%(count+1), count, path, root), ErrProof)
			require.ErrorIs(t, VerifyInclusion(leaves[index], index, count, append(path, Hash{}), root), ErrProof)
			require.ErrorIs(t, VerifyInclusion(number("other", 0), index, count, path, root), ErrProof)
			for i := range path {
				path[i][7] ^= 1
				require.ErrorIs(t, VerifyInclusion(leaves[index], index, count, path, root), ErrProof)
				path[i][7] ^= 1
			}
			if len(path) > 0 {
				require.ErrorIs(t, VerifyInclusion(leaves[index], index, count, path[1:], root), ErrProof)
			}
		}
		_, err := tree.Path(count)
		require.Error(t, err)
	}
}

func FuzzDecoders(f *testing.F) {
	_, messages, payloads := sampleMessages(f)
	for i, m := range messages {
		f.Add(m.Encode())
		f.Add(payloads[i])
	}
	f.Add(Event{Kind: KindDelivery}.Encode())
	f.Add(Checkpoint{Epoch: 1}.Encode())
	_, set := signers(f, 3)
	f.Add(set.Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if m, err := DecodeMessage(raw); err == nil {
			require.Equal(t, raw, m.Encode())
		}
		if e, err := DecodeEvent(raw); err == nil {
			require.Equal(t, raw, e.Encode())
		}
		if c, err := DecodeCheckpoint(raw); err == nil {
			require.Equal(t, raw, c.Encode())
		}
		if s, err := DecodeSignerSet(raw); err == nil {
			require.Equal(t, raw, s.Encode())
		}
		if x, err := DecodeTransfer(raw); err == nil {
			require.Equal(t, raw, x.Encode())
		}
		if d, err := DecodeDelivery(raw); err == nil {
			require.Equal(t, raw, d.Encode())
		}
		if c, err := DecodeControl(raw); err == nil {
			again, err := c.Encode()
			require.NoError(t, err)
			require.Equal(t, raw, again)
		}
	})
}

func FuzzSignature(f *testing.F) {
	keys, _ := signers(f, 1)
	digest := number("digest", 1)
	s, err := Sign(digest, keys[0])
	require.NoError(f, err)
	f.Add(s[:])
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == len(Signature{}) {
			_, _ = Signature(raw).Signer(digest) // must not panic
		}
	})
}
