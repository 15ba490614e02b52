package types_test

import (
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/porep/types"
)

// sampleVerdicts are verdicts with one binary form each, which testdata/verdicts.hex holds a line each.
func sampleVerdicts() [][]types.Verdict {
	var dense []types.Verdict
	for i := range uint64(1_000) {
		dense = append(dense, types.Verdict{SealID: 5_000 + i, Valid: i%3 != 0})
	}
	return [][]types.Verdict{
		nil,
		{{SealID: 1, Valid: true}},
		{{SealID: 1, Valid: false}},
		{{SealID: 7, Valid: true}, {SealID: 8, Valid: false}, {SealID: 11, Valid: true}, {SealID: 12, Valid: true}},
		{{SealID: 3, Valid: false}, {SealID: 3 + types.MaxVerdictSpan - 1, Valid: true}},
		{{SealID: math.MaxUint64 - 1, Valid: true}},
		dense,
	}
}

func TestVerdictsRoundTrip(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "verdicts.hex"))
	require.NoError(t, err)
	golden := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	samples := sampleVerdicts()
	require.Len(t, golden, len(samples))
	for i, verdicts := range samples {
		b, err := types.EncodeVerdicts(verdicts)
		require.NoError(t, err)
		require.Equal(t, golden[i], hex.EncodeToString(b), "sample %d", i)
		decoded, err := types.DecodeVerdicts(b)
		require.NoError(t, err)
		require.Equal(t, verdicts, decoded)
		require.LessOrEqual(t, len(b), types.MaxVerdictsSize)
	}
	require.LessOrEqual(t, types.MaxVerdictsSize, 300, "a thousand verdicts leave most of a vote extension to others")
}

func TestVerdictsThatHaveNoForm(t *testing.T) {
	for name, verdicts := range map[string][]types.Verdict{
		"no id":        {{SealID: 0, Valid: true}},
		"twice":        {{SealID: 4}, {SealID: 4}},
		"out of order": {{SealID: 4}, {SealID: 6}, {SealID: 5}, {SealID: 7}},
		"backwards":    {{SealID: 4}, {SealID: 3}},
		"too far":      {{SealID: 4}, {SealID: 4 + types.MaxVerdictSpan}},
	} {
		_, err := types.EncodeVerdicts(verdicts)
		require.ErrorIs(t, err, types.ErrVerdict, name)
	}
}

func TestBytesThatAreNoVerdicts(t *testing.T) {
	good, err := types.EncodeVerdicts([]types.Verdict{{SealID: 1, Valid: true}, {SealID: 2, Valid: false}, {SealID: 5, Valid: true}})
	require.NoError(t, err)
	for name, edit := range map[string]func(b []byte) []byte{
		"short header":       func(b []byte) []byte { return b[:10] },
		"no bits":            func(b []byte) []byte { return b[:11] },
		"version":            func(b []byte) []byte { b[0] = 2; return b },
		"no first id":        func(b []byte) []byte { b[1] = 0; return b },
		"ids overflow":       func(b []byte) []byte { copy(b[1:], "\xff\xff\xff\xff\xff\xff\xff\xff"); return b },
		"no ids":             func(b []byte) []byte { b[9] = 0; return b[:11] },
		"too many ids":       func(b []byte) []byte { b[9], b[10] = 0xff, 0xff; return append(b, make([]byte, 1<<14-2)...) },
		"cut":                func(b []byte) []byte { return b[:len(b)-1] },
		"trailing":           func(b []byte) []byte { return append(b, 0) },
		"both bits":          func(b []byte) []byte { b[11] |= 3 << 2; return b },
		"nothing first":      func(b []byte) []byte { b[11] &^= 3; return b },
		"nothing last":       func(b []byte) []byte { b[12] = 0; return b },
		"bits after the end": func(b []byte) []byte { b[12] |= 1 << 4; return b },
	} {
		_, err := types.DecodeVerdicts(edit(append([]byte{}, good...)))
		require.ErrorIs(t, err, types.ErrVerdict, name)
	}
}

// Whatever bytes a validator sends, they are verdicts with exactly these bytes as their form, or refused.
func FuzzVerdicts(f *testing.F) {
	for _, verdicts := range sampleVerdicts() {
		b, err := types.EncodeVerdicts(verdicts)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		verdicts, err := types.DecodeVerdicts(b)
		if err != nil {
			require.ErrorIs(t, err, types.ErrVerdict)
			return
		}
		require.LessOrEqual(t, len(verdicts), types.MaxVerdictSpan)
		again, err := types.EncodeVerdicts(verdicts)
		require.NoError(t, err)
		require.Equal(t, len(b), len(again))
		require.Equal(t, hex.EncodeToString(b), hex.EncodeToString(again))
	})
}
