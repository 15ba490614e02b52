package proof

import (
	"bytes"
	"testing"
)

func FuzzDecodeWindowProof(f *testing.F) {
	_, _, challenges, wp := sampleProof(f)
	honest, err := wp.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(honest)
	wp.Openings[3] = nil
	partial, err := wp.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(partial)
	f.Fuzz(func(t *testing.T, b []byte) {
		wp, err := DecodeWindowProof(b)
		if err != nil {
			return
		}
		again, err := wp.MarshalBinary()
		if err != nil {
			t.Fatalf("failed to encode what was decoded: %v", err)
		}
		if !bytes.Equal(again, b) {
			t.Fatal("two binary forms of one proof")
		}
		missing, err := Verify(wp, sampleWindow, challenges)
		if err == nil && len(missing) == 0 && !bytes.Equal(b, honest) {
			t.Fatal("a proof other than the honest one verifies")
		}
	})
}

func FuzzDecodeActivationProof(f *testing.F) {
	_, tree, offsets, ap := sampleActivation(f)
	honest, err := ap.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(honest)
	f.Fuzz(func(t *testing.T, b []byte) {
		ap, err := DecodeActivationProof(b)
		if err != nil {
			return
		}
		again, err := ap.MarshalBinary()
		if err != nil {
			t.Fatalf("failed to encode what was decoded: %v", err)
		}
		if !bytes.Equal(again, b) {
			t.Fatal("two binary forms of one proof")
		}
		if VerifyActivation(ap, tree.CommD(), tree.TotalLength(), offsets) == nil && !bytes.Equal(b, honest) {
			t.Fatal("a proof other than the honest one verifies")
		}
	})
}
