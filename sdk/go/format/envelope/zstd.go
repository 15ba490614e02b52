package envelope

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// zstdEncoders holds for each level an encoder made at its first use. An Encoder keeps GOMAXPROCS workers' state and
// runs each EncodeAll on the caller's goroutine; callers beyond that number wait.
var zstdEncoders = [...]func() (*zstd.Encoder, error){
	LevelFastest: newZstdEncoder(zstd.SpeedFastest),
	LevelDefault: newZstdEncoder(zstd.SpeedDefault),
	LevelBetter:  newZstdEncoder(zstd.SpeedBetterCompression),
	LevelBest:    newZstdEncoder(zstd.SpeedBestCompression),
}

func newZstdEncoder(level zstd.EncoderLevel) func() (*zstd.Encoder, error) {
	return sync.OnceValues(func() (*zstd.Encoder, error) {
		return zstd.NewWriter(nil,
			zstd.WithEncoderLevel(level),
			zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
			zstd.WithWindowSize(MaxPlainSize),
			zstd.WithSingleSegment(true),
			zstd.WithEncoderCRC(false),
		)
	})
}

// zstdDecoder is shared: each DecodeAll runs on the caller's goroutine, and callers beyond GOMAXPROCS wait.
// It writes into the capacity of the destination and never beyond.
var zstdDecoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithDecoderMaxMemory(MaxPlainSize),
		zstd.WithDecoderMaxWindow(MaxPlainSize),
		zstd.WithDecodeAllCapLimit(true),
	)
})

// compressZstd appends one zstd frame of plain, which is not empty, to dst.
func compressZstd(dst, plain []byte, level int) ([]byte, error) {
	enc, err := zstdEncoders[level]()
	if err != nil {
		return dst, fmt.Errorf("failed to set up zstd level %d: %w", level, err)
	}
	return enc.EncodeAll(plain, dst), nil
}

// decompressZstd appends the plain bytes of payload to dst, whose spare capacity is at least plainSize.
// It fails with ErrPayload unless payload is one frame of exactly plainSize bytes.
func decompressZstd(dst, payload []byte, plainSize int) ([]byte, error) {
	var frame zstd.Header
	if err := frame.Decode(payload); err != nil {
		return dst, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	if frame.Skippable || frame.DictionaryID != 0 || !frame.HasFCS || frame.FrameContentSize != uint64(plainSize) {
		return dst, fmt.Errorf("%w: zstd frame does not state the plain size", ErrPayload)
	}
	dec, err := zstdDecoder()
	if err != nil {
		return dst, fmt.Errorf("failed to set up zstd: %w", err)
	}
	out, err := dec.DecodeAll(payload, dst[:len(dst):len(dst)+plainSize])
	if err != nil {
		return dst, fmt.Errorf("%w: %w", ErrPayload, err)
	}
	if len(out) != len(dst)+plainSize {
		return dst, fmt.Errorf("%w: %d plain bytes, want %d", ErrPayload, len(out)-len(dst), plainSize)
	}
	return out, nil
}
