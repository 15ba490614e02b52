package client

import (
	"sync"

	"google.golang.org/grpc/mem"
)

// buffers are for the bytes of puts.
var buffers bufferPool

// bufferPool holds buffers of batchBytes. gRPC's pools clear what they take back, which here is all that is sent.
type bufferPool struct{ free sync.Pool }

var _ mem.BufferPool = (*bufferPool)(nil)

// Get implements mem.BufferPool; length is at most batchBytes.
func (p *bufferPool) Get(length int) *[]byte {
	if b, ok := p.free.Get().(*[]byte); ok {
		*b = (*b)[:length]
		return b
	}
	b := make([]byte, length, batchBytes)
	return &b
}

// Put implements mem.BufferPool.
func (p *bufferPool) Put(b *[]byte) { p.free.Put(b) }
