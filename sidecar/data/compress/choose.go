package compress

import (
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/bitpack"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sdk/go/format/rle"
)

// Method is how an encoding is compressed.
type Method struct {
	Algorithm envelope.Algorithm
	Params    int // as envelope.Encode takes them
}

const (
	// pieceBytes is the length of the pieces that are looked at for integers and runs, a multiple of eight.
	pieceBytes = 512
	// pieceCount is how many there are.
	pieceCount = 4
	// partBytes is the length of the part that the general compressor is tried on.
	partBytes = 16 << 10
	// smallPartBytes is the length of the part of it that suffices to tell integers from other bytes.
	smallPartBytes = 4 << 10
	// minBytes is the plain size below which there is nothing to choose.
	minBytes = 1 << 10
	// promising is the share of its size that packing must leave of the pieces to be considered.
	promising = 0.8
	// clearly is the share of a part by which two methods must differ on it for anything to follow for the rest.
	clearly = 0.002
	// muchLess is the share of what a quick general compressor leaves below which a thorough one hardly comes.
	muchLess = 0.75
	// logs is the share that is left of logs by a general compressor, at most.
	logs = 0.2
	// mostlyRuns is the share that counting runs leaves of pieces in which there is little else.
	mostlyRuns = 0.3
)

// sample is what Choose looks at.
type sample struct {
	pieces [pieceCount][pieceBytes]byte
	part   [partBytes]byte
	made   []byte
}

var samples = sync.Pool{New: func() any { return &sample{made: make([]byte, 0, 2*partBytes)} }}

// Choose returns the method for an encoding of the blocks, in this order.
func Choose(blocks []format.Block, e Effort) Method {
	general := e.general()
	size := 0
	for i := range blocks {
		size += len(blocks[i].Data)
	}
	if size < minBytes {
		return general
	}
	s := samples.Get().(*sample)
	defer samples.Put(s)
	part := s.part[:read(s.part[:], blocks, max(0, size-partBytes)/2)]
	pieces := s.read(blocks, size)
	special, share := Method{envelope.RLE, 0}, runs(pieces)
	if share > mostlyRuns { // otherwise the pieces show too little of what is between the runs
		shape, bitsPerByte := bitpack.Detect(8*min(share, promising), pieces[:]...)
		if left := bitsPerByte / 8; left < min(share, promising) {
			special, share = Method{envelope.Bitpack, int(shape.Params())}, left
		}
		if share > promising {
			return s.settle(part, e)
		}
	}
	tried := part[:min(len(part), smallPartBytes)]
	if special.Algorithm == envelope.RLE {
		tried, share = part, runs([pieceCount][]byte{part})
	}
	if quicker := Balanced.general(); e == Dense && s.share(tried, quicker)*muchLess > share {
		return special
	}
	if s.share(tried, general) < share {
		return s.settle(part, e)
	}
	return special
}

// read returns pieces of the blocks, from the beginning to the end of them.
func (s *sample) read(blocks []format.Block, size int) (pieces [pieceCount][]byte) {
	for i := range pieces {
		at := (size - pieceBytes) * i / (pieceCount - 1) &^ 7
		pieces[i] = s.pieces[i][:read(s.pieces[i][:], blocks, at)]
	}
	return pieces
}

// runs is what share of the pieces counting runs leaves.
func runs(pieces [pieceCount][]byte) float64 {
	left, looked := 0, 0
	for _, piece := range pieces {
		left += rle.Size(piece)
		looked += len(piece)
	}
	return float64(left) / float64(looked)
}

// settle returns the general method of the effort; for Dense the quicker level of the same algorithm where that leaves clearly
// less, as it does of some logs, which shrink much by either.
func (s *sample) settle(part []byte, e Effort) Method {
	general := e.general()
	if e != Dense {
		return general
	}
	quicker := Balanced.general()
	if share := s.share(part, quicker); share < logs && share < s.share(part, general)-clearly {
		return quicker
	}
	return general
}

// share tries a method on a part of the blocks and returns what share of it is left.
func (s *sample) share(part []byte, m Method) float64 {
	one := [1]format.Block{{Codec: format.Raw, Data: part}} // the digest is of no use
	made, err := envelope.Encode(s.made[:0], m.Algorithm, m.Params, one[:])
	if err != nil {
		return 1 // the encoding itself will say why
	}
	s.made = made
	return float64(len(made)-envelope.HeaderSize) / float64(len(part))
}

// read copies from the blocks, laid end to end, what begins at a position, and returns how much there was.
func read(dst []byte, blocks []format.Block, at int) int {
	n := 0
	for i := range blocks {
		data := blocks[i].Data
		if at >= len(data) {
			at -= len(data)
			continue
		}
		n += copy(dst[n:], data[at:])
		if n == len(dst) {
			break
		}
		at = 0
	}
	return n
}
