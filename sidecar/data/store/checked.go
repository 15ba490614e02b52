package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
)

// Checked is an envelope that is known to be sound: the only form in which encodings enter a store. It is made by Check,
// from bytes of any origin, or by Encode, which has just made them. The zero value is empty and not stored.
type Checked struct {
	env    []byte
	digest format.Digest
	header *envelope.Header
}

// Check parses env, decodes it once and verifies every digest in it. It keeps a reference to env, which must not change
// afterwards. Its errors are those of package envelope.
func Check(env []byte) (Checked, error) {
	c, _, err := Decode(env)
	return c, err
}

// Decode is Check that also returns what it has decoded: the plain bytes of all blocks end to end, each where its entry
// in the header says. They may be a part of env and must not be modified.
func Decode(env []byte) (Checked, []byte, error) {
	h, err := envelope.Parse(env)
	if err != nil {
		return Checked{}, nil, fmt.Errorf("failed to check encoding: %w", err)
	}
	plain, err := h.Plain()
	if err != nil {
		return Checked{}, nil, fmt.Errorf("failed to check encoding: %w", err)
	}
	return Checked{env: env, digest: h.Digest(), header: h}, plain, nil
}

// encodeBuffers are free buffers to encode into: an envelope is shorter than its room, as a rule, and may wait long to be
// written. They are few and stay: a sync.Pool loses them at every collection of garbage, and new ones have to be cleared.
var encodeBuffers = make(chan []byte, 4)

func takeEncodeBuffer() []byte {
	select {
	case b := <-encodeBuffers:
		return b
	default:
		return make([]byte, 0, envelope.MaxPlainSize+envelope.HeaderSize)
	}
}

func freeEncodeBuffer(b []byte) {
	select {
	case encodeBuffers <- b[:0]:
	default:
	}
}

// Encode makes an encoding of blocks whose digests the caller has computed itself. Its errors are those of
// envelope.Encode.
func Encode(alg envelope.Algorithm, level int, blocks []envelope.Block) (Checked, error) {
	buf := takeEncodeBuffer()
	made, err := envelope.Encode(buf, alg, level, blocks)
	if err != nil {
		freeEncodeBuffer(buf)
		return Checked{}, fmt.Errorf("failed to encode %d blocks: %w", len(blocks), err)
	}
	env := bytes.Clone(made)
	freeEncodeBuffer(made)
	h, err := envelope.Parse(env)
	if err != nil {
		return Checked{}, fmt.Errorf("failed to encode %d blocks: %w", len(blocks), err)
	}
	return Checked{env: env, digest: h.Digest(), header: h}, nil
}

// Bytes returns the envelope, not to be modified.
func (c Checked) Bytes() []byte { return c.env }

// Digest returns the digest of the envelope bytes.
func (c Checked) Digest() format.Digest { return c.digest }

// Header returns the parsed header, nil of the zero value.
func (c Checked) Header() *envelope.Header { return c.header }

// PutEncoding checks env and stores it durably. It returns the encoding's digest.
func PutEncoding(ctx context.Context, s Store, env []byte) (format.Digest, error) {
	checked, err := Check(env)
	if err != nil {
		return format.Digest{}, err
	}
	var b Batch
	b.PutEncoding(checked)
	return checked.Digest(), s.Apply(ctx, &b, Durable)
}
