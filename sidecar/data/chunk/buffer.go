package chunk

import "sync"

// bufferClassBytes are the capacities of pooled buffers. A chunk lies in the smallest that holds it, within a factor
// of four, so that many small files in flight do not hold many large buffers.
var bufferClassBytes = [...]int{1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, LimitBytes}

// bufferPools holds one pool for each class.
var bufferPools [len(bufferClassBytes)]sync.Pool

// buffer is pooled memory of one class.
type buffer struct {
	mem   []byte
	class int
}

// classFor returns the smallest class that holds n bytes; n is at most LimitBytes.
func classFor(n int) int {
	for class, size := range bufferClassBytes {
		if n <= size {
			return class
		}
	}
	return len(bufferClassBytes) - 1
}

func getBuffer(class int) *buffer {
	if b, ok := bufferPools[class].Get().(*buffer); ok {
		return b
	}
	return &buffer{mem: make([]byte, bufferClassBytes[class]), class: class}
}

func putBuffer(b *buffer) {
	bufferPools[b.class].Put(b)
}

// Chunk is a piece of a stream in memory of its own. Whoever holds it may hand it to another goroutine.
type Chunk struct {
	// Data is the chunk's bytes, never empty. It must not be used after Release.
	Data []byte

	buf *buffer
}

// Release gives the memory of Data back for reuse. It must be called at most once for a chunk, copies of the Chunk
// included; a chunk that is never released is left to the garbage collector.
func (c Chunk) Release() {
	if c.buf != nil {
		putBuffer(c.buf)
	}
}
