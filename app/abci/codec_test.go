package abci

import (
	"bytes"
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares bytes with a file of hexadecimal text in testdata.
func golden(t *testing.T, name string, raw []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".hex")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(hex.EncodeToString(raw)+"\n"), 0o644))
	}
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.TrimSpace(string(text)), hex.EncodeToString(raw))
}

func samplePayload(t testing.TB) []byte {
	raw, err := EncodePayload([]Section{
		{KindSealVerdicts, []byte{1, 2, 3}},
		{KindBridgeSignature, bytes.Repeat([]byte{7}, 65)},
		{200, []byte("later")},
	})
	require.NoError(t, err)
	return raw
}

func sampleInjection(t testing.TB) []byte {
	raw, err := Injection{Height: 1234567, Round: 3, Entries: []Entry{
		{bytes.Repeat([]byte{1}, AddressBytes), bytes.Repeat([]byte{2}, SignatureBytes), samplePayload(t)},
		{bytes.Repeat([]byte{3}, AddressBytes), bytes.Repeat([]byte{4}, SignatureBytes), []byte{payloadVersion}},
	}}.Encode()
	require.NoError(t, err)
	return raw
}

func sampleProvenInjection(t testing.TB) []byte {
	in, err := DecodeInjection(sampleInjection(t))
	require.NoError(t, err)
	in.BeaconProof = bytes.Repeat([]byte{5}, BeaconProofBytes)
	raw, err := in.Encode()
	require.NoError(t, err)
	return raw
}

func TestGoldenVectors(t *testing.T) {
	golden(t, "payload", samplePayload(t))
	golden(t, "injection", sampleInjection(t))
	golden(t, "proven_injection", sampleProvenInjection(t))

	signBytes, err := extensionSignBytes(testChainID, 1234566, 3, samplePayload(t))
	require.NoError(t, err)
	golden(t, "sign_bytes", signBytes)
}

func TestPayloadRefusals(t *testing.T) {
	for name, raw := range map[string][]byte{
		"no bytes":             {},
		"other version":        {2},
		"truncated header":     {1, 1, 1},
		"truncated section":    {1, 1, 2, 0, 9},
		"empty section":        {1, 1, 0, 0},
		"kind twice":           {1, 1, 1, 0, 9, 1, 1, 0, 9},
		"kinds descend":        {1, 2, 1, 0, 9, 1, 1, 0, 9},
		"trailing byte":        {1, 1, 1, 0, 9, 0},
		"larger than the size": append([]byte{1, 1, 0xfe, 0x03}, make([]byte, 0x3fe)...),
	} {
		_, err := DecodePayload(raw)
		require.ErrorIs(t, err, ErrPayload, name)
	}
	for name, sections := range map[string][]Section{
		"kinds descend": {{2, []byte{1}}, {1, []byte{1}}},
		"empty section": {{1, nil}},
		"too large":     {{1, make([]byte, MaxExtensionBytes)}},
	} {
		_, err := EncodePayload(sections)
		require.ErrorIs(t, err, ErrPayload, name)
	}
}

func TestInjectionEncodeRefusals(t *testing.T) {
	good := Entry{make([]byte, AddressBytes), make([]byte, SignatureBytes), []byte{payloadVersion}}
	for name, in := range map[string]Injection{
		"negative height":  {Height: -1},
		"negative round":   {Round: -1},
		"short proof":      {BeaconProof: make([]byte, BeaconProofBytes-1)},
		"long proof":       {BeaconProof: make([]byte, BeaconProofBytes+1)},
		"short address":    {Entries: []Entry{{good.Validator[1:], good.Signature, good.Extension}}},
		"long signature":   {Entries: []Entry{{good.Validator, make([]byte, SignatureBytes+1), good.Extension}}},
		"no extension":     {Entries: []Entry{{good.Validator, good.Signature, nil}}},
		"twice":            {Entries: []Entry{good, good}},
		"too many entries": {Entries: make([]Entry, MaxInjectionEntries+1)},
	} {
		_, err := in.Encode()
		require.ErrorIs(t, err, ErrInjection, name)
	}
}

func TestInjectionDecodeRefusals(t *testing.T) {
	proven := sampleProvenInjection(t)
	const flagAt = len(injectionMagic) + 1 + 8 + 4
	with := func(at int, b byte) []byte {
		raw := bytes.Clone(proven)
		raw[at] = b
		return raw
	}
	for name, raw := range map[string][]byte{
		"no magic":        proven[1:],
		"version 1":       with(len(injectionMagic), 1),
		"flag 2":          with(flagAt, 2),
		"flag 255":        with(flagAt, 255),
		"proof unflagged": with(flagAt, 0),
		"truncated proof": proven[:flagAt+1+BeaconProofBytes-1],
		"no count":        proven[:flagAt+1+BeaconProofBytes+1],
		"height":          with(flagAt-5, 0x80),
		"round":           with(flagAt-1, 0x80),
		"more entries":    with(flagAt+1+BeaconProofBytes, 3),
		"fewer entries":   with(flagAt+1+BeaconProofBytes, 1),
		"trailing byte":   append(bytes.Clone(proven), 0),
	} {
		_, err := DecodeInjection(raw)
		require.ErrorIs(t, err, ErrInjection, name)
	}
}

func TestInjectionNeverDecodesAsATransaction(t *testing.T) {
	decode := authtx.DefaultTxDecoder(codec.NewProtoCodec(codectypes.NewInterfaceRegistry()))
	for _, raw := range [][]byte{sampleInjection(t), []byte(injectionMagic)} {
		require.True(t, IsInjection(raw))
		_, err := decode(raw)
		require.Error(t, err)
	}
}

func FuzzDecodePayload(f *testing.F) {
	f.Add(samplePayload(f))
	f.Add([]byte{payloadVersion})
	f.Add([]byte{1, 1, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		sections, err := DecodePayload(raw)
		if err != nil {
			require.ErrorIs(t, err, ErrPayload)
			return
		}
		again, err := EncodePayload(sections)
		require.NoError(t, err)
		require.Equal(t, raw, again)
	})
}

func FuzzDecodeInjection(f *testing.F) {
	f.Add(sampleInjection(f))
	f.Add(sampleProvenInjection(f))
	f.Add([]byte(injectionMagic))
	f.Add(sampleInjection(f)[:injectionHeaderBytes])
	f.Add(sampleProvenInjection(f)[:injectionHeaderBytes+BeaconProofBytes-1])
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := DecodeInjection(raw)
		if err != nil {
			require.ErrorIs(t, err, ErrInjection)
			return
		}
		require.True(t, IsInjection(raw))
		again, err := in.Encode()
		require.NoError(t, err)
		require.Equal(t, raw, again)
	})
}
