package proof_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/sealed"
	"github.com/ipdm-network/ipdm/x/porep/proof"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

const sealedNodes = 1 << 8

var errGone = errors.New("gone")

// sectorSource opens nodes of sectors in memory, but for those that are gone or altered.
type sectorSource struct {
	sectors map[[32]byte]*sealed.Sector
	gone    map[uint64]bool
	altered map[uint64]bool
}

func (s *sectorSource) OpenNode(ctx context.Context, c proof.SealedChallenge) (*proof.NodeOpening, error) {
	if s.gone[c.Node] {
		return nil, errGone
	}
	raw, err := s.sectors[c.CommRLast].ReplicaPath(ctx, nil, c.Node)
	if err != nil {
		return nil, err
	}
	o := &proof.NodeOpening{Node: [32]byte(raw[:32])}
	for raw = raw[32:]; len(raw) > 0; raw = raw[32:] {
		o.Path = append(o.Path, [32]byte(raw[:32]))
	}
	if s.altered[c.Node] {
		o.Node[0] ^= 1
	}
	return o, nil
}

func sealedSector(tb testing.TB, number uint64) *sealed.Sector {
	tb.Helper()
	deal, err := sealed.NewDeal(bytes.Repeat([]byte{byte(number), 7}, 1000))
	require.NoError(tb, err)
	s, err := sealed.New(sealedNodes, func(commD sdr.Hash) sdr.Hash {
		return sdr.ReplicaID("ipdm-test-1", []byte("provider"), number, [32]byte{}, commD)
	}, deal)
	require.NoError(tb, err)
	return s
}

// sealedSample returns a source of two sectors and the challenges of a window over them.
func sealedSample(tb testing.TB) (*sectorSource, []proof.SealedChallenge) {
	tb.Helper()
	source := &sectorSource{sectors: map[[32]byte]*sealed.Sector{}, gone: map[uint64]bool{}, altered: map[uint64]bool{}}
	sectors := []*sealed.Sector{sealedSector(tb, 1), sealedSector(tb, 2)}
	for _, s := range sectors {
		source.sectors[s.Statement.CommRLast] = s
	}
	var challenges []proof.SealedChallenge
	for i, offset := range proof.Offsets(proof.SealedSeed([32]byte{1}, "ipdm-test-1", []byte("provider"), 3), 16, sealedNodes*32) {
		challenges = append(challenges, proof.SealedChallenge{
			CommRLast: sectors[i%2].Statement.CommRLast, Nodes: sealedNodes, Node: offset / 32,
		})
	}
	return source, challenges
}

func TestHonestSealedWindowProof(t *testing.T) {
	source, challenges := sealedSample(t)
	wp, missing, err := proof.ProveSealed(t.Context(), 3, challenges, source)
	require.NoError(t, err)
	require.Empty(t, missing)
	b, err := wp.MarshalBinary()
	require.NoError(t, err)
	back, err := proof.DecodeSealedWindowProof(b)
	require.NoError(t, err)
	require.Equal(t, wp, back)
	declared, err := proof.VerifySealed(back, 3, challenges)
	require.NoError(t, err)
	require.Empty(t, declared)

	_, err = proof.DecodeWindowProof(b)
	require.ErrorIs(t, err, proof.ErrClassUnsupported, "a sealed proof is no open one")
}

// TestGoldenSealedWindowProof pins the bytes of a proof with two openings and two declared missing.
func TestGoldenSealedWindowProof(t *testing.T) {
	wp := &proof.SealedWindowProof{Window: 0x0102030405060708}
	for i := range byte(2) {
		o := &proof.NodeOpening{Node: [32]byte{i + 1}}
		for level := range byte(6) {
			o.Path = append(o.Path, [32]byte{0x10 + level, i})
		}
		wp.Openings = append(wp.Openings, o, nil)
	}
	b, err := wp.MarshalBinary()
	require.NoError(t, err)
	want, err := os.ReadFile(filepath.Join("testdata", "sealed.hex"))
	require.NoError(t, err)
	require.Equal(t, string(want), hex.EncodeToString(b)+"\n")
	back, err := proof.DecodeSealedWindowProof(b)
	require.NoError(t, err)
	require.Equal(t, wp, back)
}

// What is gone or damaged is declared, and nothing that does not verify is submitted.
func TestDamageIsDeclared(t *testing.T) {
	source, challenges := sealedSample(t)
	source.gone[challenges[2].Node], source.altered[challenges[9].Node] = true, true
	wp, missing, err := proof.ProveSealed(t.Context(), 3, challenges, source)
	require.NoError(t, err)
	require.Len(t, missing, 2)
	require.Equal(t, 2, missing[0].Index)
	require.ErrorIs(t, missing[0], errGone)
	require.Equal(t, 9, missing[1].Index)
	require.ErrorIs(t, missing[1], proof.ErrNode)
	declared, err := proof.VerifySealed(wp, 3, challenges)
	require.NoError(t, err)
	require.Equal(t, []int{2, 9}, declared)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = proof.ProveSealed(ctx, 3, challenges, source)
	require.ErrorIs(t, err, context.Canceled)
}

func TestVerifySealedRefuses(t *testing.T) {
	source, challenges := sealedSample(t)
	wp, _, err := proof.ProveSealed(t.Context(), 3, challenges, source)
	require.NoError(t, err)
	other := slices.Clone(challenges)
	other[5].Node = (other[5].Node + 1) % sealedNodes
	elsewhere := slices.Clone(challenges)
	elsewhere[5].CommRLast = challenges[4].CommRLast
	outside := slices.Clone(challenges)
	outside[0].Node = sealedNodes
	odd := slices.Clone(challenges)
	odd[0].Nodes = sealedNodes + 1
	taller := slices.Clone(challenges)
	taller[0].Nodes = 2 * sealedNodes
	for _, tt := range []struct {
		name       string
		wp         *proof.SealedWindowProof
		window     uint64
		challenges []proof.SealedChallenge
		want       error
	}{
		{"nil", nil, 3, challenges, proof.ErrMalformed},
		{"another window", wp, 4, challenges, proof.ErrWindow},
		{"one short", wp, 3, challenges[1:], proof.ErrCount},
		{"another node", wp, 3, other, proof.ErrNode},
		{"another sector", wp, 3, elsewhere, proof.ErrNode},
		{"outside", wp, 3, outside, proof.ErrChallenge},
		{"no such sector", wp, 3, odd, proof.ErrChallenge},
		{"taller tree", wp, 3, taller, proof.ErrNode},
		{"empty", &proof.SealedWindowProof{Window: 3}, 3, nil, proof.ErrMalformed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := proof.VerifySealed(tt.wp, tt.window, tt.challenges)
			require.ErrorIs(t, err, tt.want)
		})
	}
}

func TestEveryBitOfASealedWindowProofCounts(t *testing.T) {
	source, challenges := sealedSample(t)
	challenges = challenges[:2]
	wp, _, err := proof.ProveSealed(t.Context(), 3, challenges, source)
	require.NoError(t, err)
	b, err := wp.MarshalBinary()
	require.NoError(t, err)
	check := func(b []byte) error {
		wp, err := proof.DecodeSealedWindowProof(b)
		if err != nil {
			return err
		}
		missing, err := proof.VerifySealed(wp, 3, challenges)
		if err == nil && len(missing) > 0 {
			return errGone
		}
		return err
	}
	require.NoError(t, check(b))
	for bit := range 8 * len(b) {
		b[bit/8] ^= 1 << (bit % 8)
		require.Error(t, check(b), "bit %d", bit)
		b[bit/8] ^= 1 << (bit % 8)
	}
	for n := range b {
		require.Error(t, check(b[:n]), "cut to %d bytes", n)
	}
	require.ErrorIs(t, check(append(slices.Clone(b), 0)), proof.ErrMalformed)
	require.ErrorIs(t, check(make([]byte, proof.MaxProofSize+1)), proof.ErrTooLarge)
	many := slices.Clone(b)
	binary.LittleEndian.PutUint16(many[10:], proof.MaxOpenings+1)
	require.ErrorIs(t, check(many), proof.ErrTooLarge)
}

// 16 openings of the largest sector are at most 20 KiB.
func TestSealedWindowProofIsSmall(t *testing.T) {
	wp := &proof.SealedWindowProof{Window: 1}
	for range proof.MinOpenings {
		wp.Openings = append(wp.Openings, &proof.NodeOpening{Path: make([][32]byte, sdr.Depth(sdr.MaxNodes))})
	}
	b, err := wp.MarshalBinary()
	require.NoError(t, err)
	require.LessOrEqual(t, len(b), 20<<10)
	for range proof.MaxOpenings - proof.MinOpenings {
		wp.Openings = append(wp.Openings, wp.Openings[0])
	}
	b, err = wp.MarshalBinary()
	require.NoError(t, err)
	require.LessOrEqual(t, len(b), proof.MaxProofSize)
}

func FuzzDecodeSealedWindowProof(f *testing.F) {
	source, challenges := sealedSample(f)
	wp, _, err := proof.ProveSealed(context.Background(), 3, challenges, source)
	require.NoError(f, err)
	honest, err := wp.MarshalBinary()
	require.NoError(f, err)
	f.Add(honest)
	wp.Openings[3] = nil
	partial, err := wp.MarshalBinary()
	require.NoError(f, err)
	f.Add(partial)
	f.Fuzz(func(t *testing.T, b []byte) {
		wp, err := proof.DecodeSealedWindowProof(b)
		if err != nil {
			return
		}
		again, err := wp.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, b, again, "two binary forms of one proof")
		missing, err := proof.VerifySealed(wp, 3, challenges)
		if err == nil && len(missing) == 0 && !bytes.Equal(b, honest) {
			t.Fatal("a proof other than the honest one verifies")
		}
	})
}

func BenchmarkVerifySealed(b *testing.B) {
	var challenges []proof.SealedChallenge
	wp := &proof.SealedWindowProof{Window: 1}
	for range proof.MinOpenings {
		// One path of a 1 GiB sector; the root is computed from it.
		o := &proof.NodeOpening{Path: make([][32]byte, sdr.Depth(sdr.Std1GiB.Nodes()))}
		root := o.Node
		for i := range o.Path {
			root = sdr.HashPair(&root, &o.Path[i])
		}
		wp.Openings = append(wp.Openings, o)
		challenges = append(challenges, proof.SealedChallenge{CommRLast: root, Nodes: sdr.Std1GiB.Nodes()})
	}
	encoded, err := wp.MarshalBinary()
	require.NoError(b, err)
	b.ReportAllocs()
	b.ReportMetric(float64(len(encoded)), "proof-bytes")
	for b.Loop() {
		decoded, err := proof.DecodeSealedWindowProof(encoded)
		require.NoError(b, err)
		_, err = proof.VerifySealed(decoded, 1, challenges)
		require.NoError(b, err)
	}
}
