package chunk

import (
	"errors"
	"fmt"
	"io"
)

// UnknownSize is the size hint of a stream whose length is not known.
const UnknownSize int64 = -1

// readStepBytes is how much is read at a time once a chunk has its minimum length. What is read behind a cut is
// copied to the next buffer, so the step bounds that copy; it does not influence where cuts fall.
const readStepBytes = 64 << 10

// maxEmptyReads is how many reads in a row may return neither bytes nor an error.
const maxEmptyReads = 100

// Chunker cuts one stream after another. It must be made by New and is not safe for concurrent use; the chunks it
// returns are independent of it.
type Chunker struct {
	scan   scanner
	params Params

	src  io.Reader
	err  error // what src ended with
	hint int64 // expected bytes still to come, or UnknownSize

	buf *buffer // holds the bytes read but not handed out; nil when there are none
	n   int     // how many they are
}

// New returns a Chunker without a stream: Reset gives it one. It fails with ErrParams.
func New(p Params) (*Chunker, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return &Chunker{params: p, scan: newScanner(p), err: io.EOF}, nil
}

// Reset starts on another stream and forgets the present one. sizeHintBytes is the length the stream is expected to
// have, UnknownSize if there is no telling; a wrong hint costs memory or a copy and changes no cut.
func (c *Chunker) Reset(r io.Reader, sizeHintBytes int64) {
	c.Close()
	c.src, c.err = r, nil
	c.hint = max(sizeHintBytes, UnknownSize)
}

// Close forgets the present stream and returns the chunker's memory to the pool. Chunks handed out stay valid.
// The chunker can be Reset afterwards.
func (c *Chunker) Close() {
	if c.buf != nil {
		putBuffer(c.buf)
		c.buf = nil
	}
	c.n, c.src, c.err = 0, nil, io.EOF
	c.scan.restart()
}

// Next returns the next chunk, io.EOF after the last, or the error of the reader, in which case the bytes read since
// the last cut are dropped: a stream that could not be read to its end has no last chunk.
func (c *Chunker) Next() (Chunk, error) {
	for {
		if c.n > 0 {
			if length := c.scan.scan(c.buf.mem[:c.n]); length != 0 {
				return c.take(length), nil
			}
		}
		switch {
		case c.err == nil:
			c.fill()
		case !errors.Is(c.err, io.EOF):
			return Chunk{}, fmt.Errorf("failed to read data to chunk: %w", c.err)
		case c.n == 0:
			c.Close()
			return Chunk{}, io.EOF
		default:
			return c.take(c.n), nil
		}
	}
}

// fill reads until the next point where scanning is worth while, or the end of the stream.
func (c *Chunker) fill() {
	want := c.params.MinBytes + readStepBytes
	if c.n >= c.params.MinBytes {
		want = c.n + readStepBytes
	}
	want = min(want, c.params.MaxBytes)
	if c.hint >= 0 && c.n == 0 {
		// One byte more than expected, so that the end of the stream shows in the same pass.
		want = int(min(c.hint, int64(want-1))) + 1
	}
	c.reserve(want)
	c.read(want)
	if c.hint >= 0 && c.n == want {
		c.hint = UnknownSize
	}
}

// reserve makes room for want bytes in all. Once the first chunk's start is in memory and the stream goes on, the
// next room is the full length of a chunk: a buffer is moved at most once.
func (c *Chunker) reserve(want int) {
	if c.buf != nil && want <= len(c.buf.mem) {
		return
	}
	class := classFor(c.params.MaxBytes)
	if c.hint >= 0 {
		class = classFor(want)
	}
	grown := getBuffer(class)
	if c.buf != nil {
		copy(grown.mem, c.buf.mem[:c.n])
		putBuffer(c.buf)
	}
	c.buf = grown
}

// read appends to the buffer until it holds want bytes or the stream ends.
func (c *Chunker) read(want int) {
	for empty := 0; c.n < want && c.err == nil; {
		n, err := c.src.Read(c.buf.mem[c.n:want])
		if n < 0 || n > want-c.n {
			c.err = fmt.Errorf("reader returned an impossible count %d", n)
			return
		}
		c.n += n
		c.err = err
		if n > 0 {
			empty = 0
			continue
		}
		if empty++; err == nil && empty >= maxEmptyReads {
			c.err = io.ErrNoProgress
		}
	}
}

// take hands out the first length bytes and keeps the rest for the next chunk.
func (c *Chunker) take(length int) Chunk {
	out, rest := c.buf, c.buf.mem[length:c.n]
	c.buf, c.n = nil, len(rest)
	c.scan.restart()
	if len(rest) > 0 {
		c.buf = getBuffer(classFor(c.params.MaxBytes))
		copy(c.buf.mem, rest)
	}
	if fit := classFor(length); fit < out.class {
		// A short chunk in a large buffer: it is the last of its stream, so the move is rare.
		small := getBuffer(fit)
		copy(small.mem, out.mem[:length])
		if c.buf == nil && c.err == nil {
			c.buf = out
		} else {
			putBuffer(out)
		}
		out = small
	}
	return Chunk{Data: out.mem[:length:length], buf: out}
}
