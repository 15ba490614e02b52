package envelope

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/bitpack"
	"github.com/ipdm-network/ipdm/sdk/go/format/rle"
)

// minCompressSize is the plain size in bytes below which compression is not tried.
const minCompressSize = 64

// pays tells whether storing payloadSize bytes instead of plainSize is worth the decompression at every read:
// at least 1/32 must be saved.
func pays(payloadSize, plainSize int) bool {
	return payloadSize <= plainSize-plainSize/32 && payloadSize < plainSize
}

// Encode appends an envelope of the blocks, in the order given, to dst and returns the extended slice.
// One block makes a plain envelope, more make a pack. params are those of the algorithm: of zstd and s2 the level, 1
// (fastest) to 4 (best), of bitpack what bitpack.Shape.Params returns, of rle 0; with none they are ignored. When compressing does not pay, the
// algorithm written is None, whatever was asked for.
//
// Encode trusts Block.Digest; an envelope made with a wrong digest is refused by Decode. The result does not alias the
// blocks. It fails with ErrNoBlocks, ErrTooLarge, ErrCodec, ErrParams or ErrAlgorithm, and then returns dst unchanged.
func Encode(dst []byte, alg Algorithm, params int, blocks []Block) ([]byte, error) {
	plainSize, err := check(alg, params, blocks)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	tableSize := 0
	if len(blocks) > 1 {
		tableSize = EntrySize * len(blocks)
	}
	out := slices.Grow(dst, HeaderSize+tableSize+plainSize)
	out = out[:start+HeaderSize+tableSize]
	head := out[start:]
	clear(head[:HeaderSize])
	copy(head, Magic)
	head[offVersion] = Version
	binary.LittleEndian.PutUint16(head[offCount:], uint16(len(blocks)))
	binary.LittleEndian.PutUint32(head[offPlainSize:], uint32(plainSize))

	plain := blocks[0].Data
	if len(blocks) == 1 {
		head[offCodec] = byte(blocks[0].Codec)
		copy(head[offDigest:], blocks[0].Digest[:])
	} else {
		buf := plainBuffers.Get().(*[]byte)
		defer plainBuffers.Put(buf)
		plain = (*buf)[:0]
		row := head[HeaderSize:]
		for i := range blocks {
			plain = append(plain, blocks[i].Data...)
			row[0] = byte(blocks[i].Codec)
			copy(row[1:], blocks[i].Digest[:])
			binary.LittleEndian.PutUint32(row[1+format.DigestSize:], uint32(len(blocks[i].Data)))
			row = row[EntrySize:]
		}
		head[offFlags] = flagPack
		digest := format.Sum(plain)
		copy(head[offDigest:], digest[:])
	}

	payloadStart := len(out)
	if alg != None && plainSize >= minCompressSize {
		if out, err = compress(out, plain, alg, params); err != nil {
			return dst, err
		}
		if pays(len(out)-payloadStart, plainSize) {
			out[start+offAlgorithm] = byte(alg)
			out[start+offParams] = byte(params)
		} else {
			out = out[:payloadStart]
		}
	}
	if len(out) == payloadStart {
		out = append(out, plain...)
	}
	binary.LittleEndian.PutUint32(out[start+offPayload:], uint32(len(out)-payloadStart))
	return out, nil
}

// check validates the arguments of Encode and returns the length of all blocks together.
func check(alg Algorithm, params int, blocks []Block) (plainSize int, err error) {
	if !alg.Known() {
		return 0, fmt.Errorf("%w: %s", ErrAlgorithm, alg)
	}
	if alg != None {
		if err := alg.checkParams(params); err != nil {
			return 0, err
		}
	}
	switch {
	case len(blocks) == 0:
		return 0, ErrNoBlocks
	case len(blocks) > MaxBlocks:
		return 0, fmt.Errorf("%w: %d blocks, at most %d", ErrTooLarge, len(blocks), MaxBlocks)
	}
	for i := range blocks {
		if !format.KnownCodec(blocks[i].Codec) {
			return 0, fmt.Errorf("%w: 0x%x of block %d", ErrCodec, blocks[i].Codec, i)
		}
		if len(blocks[i].Data) > MaxPlainSize-plainSize {
			return 0, fmt.Errorf("%w: more than %d plain bytes", ErrTooLarge, MaxPlainSize)
		}
		plainSize += len(blocks[i].Data)
	}
	return plainSize, nil
}

// compress appends the payload of plain, which is not empty, to dst. It is longer than plain when that does not compress.
func compress(dst, plain []byte, alg Algorithm, params int) ([]byte, error) {
	switch alg {
	case Zstd:
		return compressZstd(dst, plain, params)
	case S2:
		return compressS2(dst, plain, params), nil
	case Bitpack:
		shape, err := bitpack.ParseShape(byte(params))
		if err != nil {
			return dst, fmt.Errorf("%w: %w", ErrParams, err)
		}
		return bitpack.Append(dst, plain, shape), nil
	case RLE:
		return rle.Append(dst, plain), nil
	}
	return dst, fmt.Errorf("%w: %s", ErrAlgorithm, alg)
}

// plainBuffers holds *[]byte with capacity for the largest plain size.
var plainBuffers = sync.Pool{New: func() any {
	buf := make([]byte, 0, MaxPlainSize)
	return &buf
}}
