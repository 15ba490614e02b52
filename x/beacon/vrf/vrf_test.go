package vrf_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/beacon/vrf"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const sampleChain = "ipdm-test-1"

// sampleKey is the key of a seed that repeats one byte.
func sampleKey(t testing.TB, b byte) vrf.PrivateKey {
	t.Helper()
	key, err := vrf.NewPrivateKey(bytes.Repeat([]byte{b}, vrf.SeedSizeBytes))
	require.NoError(t, err)
	return key
}

// goldenBlock is one block of a chain in the golden file.
type goldenBlock struct {
	Height    int64  `json:"height"`
	Seed      string `json:"seed,omitempty"`
	PublicKey string `json:"public_key,omitempty"`
	Alpha     string `json:"alpha,omitempty"`
	Proof     string `json:"proof,omitempty"`
	Output    string `json:"output,omitempty"`
	Value     string `json:"value"`
}

// The golden chain: two proven blocks, one of a proposer without a key, and a proven one again.
func TestGoldenChain(t *testing.T) {
	value := vrf.Genesis(sampleChain)
	blocks := []goldenBlock{{Value: hex.EncodeToString(value[:])}}
	for i, seed := range []byte{1, 2, 0, 1} {
		height := int64(i + 1)
		block := goldenBlock{Height: height}
		if seed == 0 {
			value = vrf.Fallback(value, height)
		} else {
			key, alpha := sampleKey(t, seed), vrf.Alpha(sampleChain, value, height)
			proof, err := key.Prove(alpha)
			require.NoError(t, err)
			output, err := vrf.Verify(key.Public(), proof, alpha)
			require.NoError(t, err)
			value = vrf.Proven(value, output)
			block.Seed, block.PublicKey = hex.EncodeToString(key.Seed()), hex.EncodeToString(key.Public())
			block.Alpha, block.Proof, block.Output = hex.EncodeToString(alpha), hex.EncodeToString(proof), hex.EncodeToString(output[:])
		}
		block.Value = hex.EncodeToString(value[:])
		blocks = append(blocks, block)
	}
	raw, err := json.MarshalIndent(blocks, "", "  ")
	require.NoError(t, err)
	const file = "testdata/chain.json"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, append(raw, '\n'), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, string(want), string(raw)+"\n")
}

// Example 19 of RFC 9381 is the first one of ECVRF-EDWARDS25519-SHA512-ELL2.
func TestRFC9381Example19(t *testing.T) {
	seed, err := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	require.NoError(t, err)
	key, err := vrf.NewPrivateKey(seed)
	require.NoError(t, err)
	require.Equal(t, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", hex.EncodeToString(key.Public()))
	proof, err := key.Prove(nil)
	require.NoError(t, err)
	require.Equal(t, "7d9c633ffeee27349264cf5c667579fc583b4bda63ab71d001f89c10003ab46f14adf9a3cd8b8412d9038531e865c341"+
		"cafa73589b023d14311c331a9ad15ff2fb37831e00f0acaa6d73bc9997b06501", hex.EncodeToString(proof))
	output, err := vrf.Verify(key.Public(), proof, nil)
	require.NoError(t, err)
	require.Equal(t, "9d574bf9b8302ec0fc1e21c3ec5368269527b87b462ce36dab2d14ccf80c53cccf6758f058c5b1c856b116388152bbe5"+
		"09ee3b9ecfe63d93c3b4346c1fbc6c54", hex.EncodeToString(output[:]))
}

func TestVerifyRefuses(t *testing.T) {
	previous := vrf.Genesis(sampleChain)
	key, alpha := sampleKey(t, 1), vrf.Alpha(sampleChain, previous, 7)
	proof, err := key.Prove(alpha)
	require.NoError(t, err)
	_, err = vrf.Verify(key.Public(), proof, alpha)
	require.NoError(t, err)

	prove := func(key vrf.PrivateKey, alpha []byte) []byte {
		proof, err := key.Prove(alpha)
		require.NoError(t, err)
		return proof
	}
	flipped := func(i int) []byte {
		raw := bytes.Clone(proof)
		raw[i] ^= 1
		return raw
	}
	// s + q names the same scalar; y + p the same point, where it fits.
	scalarPlusOrder := bytes.Clone(proof)
	order, err := hex.DecodeString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
	require.NoError(t, err)
	carry := 0
	for i, b := range order {
		sum := int(scalarPlusOrder[48+i]) + int(b) + carry
		scalarPlusOrder[48+i], carry = byte(sum), sum>>8
	}
	require.Zero(t, carry)
	nonCanonicalGamma := append(append([]byte{0xee}, bytes.Repeat([]byte{0xff}, 30)...), 0x7f) // y = p + 1
	nonCanonicalGamma = append(nonCanonicalGamma, proof[32:]...)

	for name, bad := range map[string][]byte{
		"empty":               nil,
		"short":               proof[:79],
		"long":                append(bytes.Clone(proof), 0),
		"zeros":               make([]byte, vrf.ProofSizeBytes),
		"ones":                bytes.Repeat([]byte{0xff}, vrf.ProofSizeBytes),
		"gamma changed":       flipped(0),
		"challenge changed":   flipped(33),
		"response changed":    flipped(50),
		"response plus order": scalarPlusOrder,
		"non-canonical gamma": nonCanonicalGamma,
		"another key":         prove(sampleKey(t, 2), alpha),
		"another height":      prove(key, vrf.Alpha(sampleChain, previous, 8)),
		"another value":       prove(key, vrf.Alpha(sampleChain, vrf.Fallback(previous, 6), 7)),
		"another chain":       prove(key, vrf.Alpha("other", previous, 7)),
		"possession":          prove(key, vrf.PossessionAlpha(sampleChain, make([]byte, 20))),
	} {
		_, err := vrf.Verify(key.Public(), bad, alpha)
		require.ErrorIs(t, err, vrf.ErrProof, name)
	}
}

func TestCheckPublicKeyRefuses(t *testing.T) {
	require.NoError(t, vrf.CheckPublicKey(sampleKey(t, 1).Public()))
	for name, text := range map[string]string{
		"empty":                 "",
		"short":                 "01",
		"neutral element":       "0100000000000000000000000000000000000000000000000000000000000000",
		"order 8":               "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"non-canonical neutral": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"not a point":           "0200000000000000000000000000000000000000000000000000000000000000",
		"long":                  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc0500",
	} {
		raw, err := hex.DecodeString(text)
		require.NoError(t, err)
		require.ErrorIs(t, vrf.CheckPublicKey(raw), vrf.ErrPublicKey, name)
		_, err = vrf.Verify(raw, make([]byte, vrf.ProofSizeBytes), nil)
		require.ErrorIs(t, err, vrf.ErrProof, name)
	}
}

func TestProofsAreDeterministic(t *testing.T) {
	key, alpha := sampleKey(t, 3), vrf.Alpha(sampleChain, vrf.Genesis(sampleChain), 1)
	first, err := key.Prove(alpha)
	require.NoError(t, err)
	second, err := key.Prove(alpha)
	require.NoError(t, err)
	require.Equal(t, first, second)
}

func TestEveryInputMatters(t *testing.T) {
	a, b := vrf.Genesis("a"), vrf.Genesis("b")
	var zero, one [vrf.OutputSizeBytes]byte
	one[63] = 1
	seen := map[string]string{}
	for name, raw := range map[string][]byte{
		"alpha": vrf.Alpha("a", a, 1), "alpha of another chain": vrf.Alpha("b", a, 1),
		"alpha after another value": vrf.Alpha("a", b, 1), "alpha of another height": vrf.Alpha("a", a, 2),
		"possession": vrf.PossessionAlpha("a", a[:20]), "possession of another": vrf.PossessionAlpha("a", b[:20]),
	} {
		require.Empty(t, seen[string(raw)], name)
		seen[string(raw)] = name
	}
	for name, value := range map[string][32]byte{
		"genesis a": a, "genesis b": b, "proven": vrf.Proven(a, zero), "proven after another": vrf.Proven(b, zero),
		"other output": vrf.Proven(a, one), "fallback": vrf.Fallback(a, 1), "fallback of another height": vrf.Fallback(a, 2),
		"fallback after another": vrf.Fallback(b, 1),
	} {
		require.Empty(t, seen[string(value[:])], name)
		seen[string(value[:])] = name
	}
}

func TestNewPrivateKeyRefuses(t *testing.T) {
	for _, n := range []int{0, 31, 33, 64} {
		_, err := vrf.NewPrivateKey(make([]byte, n))
		require.ErrorIs(t, err, vrf.ErrSeed, strconv.Itoa(n))
	}
	_, err := vrf.GenerateKey(bytes.NewReader(make([]byte, 31)))
	require.Error(t, err)
}

func FuzzVerify(f *testing.F) {
	key, alpha := sampleKey(f, 1), vrf.Alpha(sampleChain, vrf.Genesis(sampleChain), 1)
	proof, err := key.Prove(alpha)
	require.NoError(f, err)
	want, err := vrf.Verify(key.Public(), proof, alpha)
	require.NoError(f, err)
	f.Add(key.Public(), proof)
	f.Add(make([]byte, vrf.PublicKeySizeBytes), make([]byte, vrf.ProofSizeBytes))
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, public, proof []byte) {
		output, err := vrf.Verify(public, proof, alpha)
		if err != nil {
			require.ErrorIs(t, err, vrf.ErrProof)
			return
		}
		require.NoError(t, vrf.CheckPublicKey(public), "what verifies has a valid key")
		if bytes.Equal(public, key.Public()) {
			require.Equal(t, want, output, "an input has one output")
		}
	})
}

func BenchmarkProve(b *testing.B) {
	key, alpha := sampleKey(b, 1), vrf.Alpha(sampleChain, vrf.Genesis(sampleChain), 1)
	for b.Loop() {
		_, _ = key.Prove(alpha)
	}
}

func BenchmarkVerify(b *testing.B) {
	key, alpha := sampleKey(b, 1), vrf.Alpha(sampleChain, vrf.Genesis(sampleChain), 1)
	proof, err := key.Prove(alpha)
	require.NoError(b, err)
	for b.Loop() {
		_, _ = vrf.Verify(key.Public(), proof, alpha)
	}
}
