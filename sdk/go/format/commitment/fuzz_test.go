package commitment

import (
	"bytes"
	"testing"
)

func FuzzDecodeOpening(f *testing.F) {
	tree, encodings := sampleTree(f, 1, 2000, 3000, 900)
	for _, offset := range []uint64{0, 1, 2100, tree.TotalLength() - 1} {
		b, err := openAt(f, tree, encodings, offset).MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte{openingVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := DecodeOpening(b)
		if err != nil {
			return
		}
		again, err := o.MarshalBinary()
		if err != nil {
			t.Fatalf("failed to encode what was decoded: %v", err)
		}
		if !bytes.Equal(again, b) {
			t.Fatal("two binary forms of one opening")
		}
		o.Data()
		for _, offset := range []uint64{0, 1, 2100, o.Leaf.Offset} {
			if Verify(tree.CommD(), tree.TotalLength(), offset, o) != nil {
				continue
			}
			leaf, chunk, err := tree.Find(offset)
			if err != nil {
				t.Fatal(err)
			}
			honest, err := Open(tree, leaf, chunk, encodings[leaf])
			if err != nil {
				t.Fatal(err)
			}
			if want, _ := honest.MarshalBinary(); !bytes.Equal(want, b) {
				t.Fatal("an opening other than the honest one verifies")
			}
		}
	})
}

func FuzzConsumeLeafProof(f *testing.F) {
	tree, _ := sampleTree(f, 1, 2000, 3000, 900)
	for i := range tree.LeafCount() {
		p, err := tree.Prove(i)
		if err != nil {
			f.Fatal(err)
		}
		b, err := p.AppendBinary(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, rest, err := ConsumeLeafProof(b)
		if err != nil {
			return
		}
		again, err := p.AppendBinary(nil)
		if err != nil {
			t.Fatalf("failed to encode what was decoded: %v", err)
		}
		if !bytes.Equal(append(again, rest...), b) {
			t.Fatal("two binary forms of one leaf proof")
		}
		_ = VerifyLast(tree.CommD(), tree.TotalLength(), p)
	})
}
