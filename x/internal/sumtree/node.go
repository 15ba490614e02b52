package sumtree

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// node is the summary of a subtree; the zero node is never stored.
type node struct {
	// Sum is the weight of all slots below.
	Sum uint64 `json:"sum"`
	// Used is the number of slots taken below.
	Used uint64 `json:"used"`
}

const nodeSizeBytes = 16

// nodeCodec stores a node as two big-endian integers. It is a collections value codec.
type nodeCodec struct{}

// Encode implements the collections value codec.
func (nodeCodec) Encode(n node) ([]byte, error) {
	b := make([]byte, 0, nodeSizeBytes)
	b = binary.BigEndian.AppendUint64(b, n.Sum)
	return binary.BigEndian.AppendUint64(b, n.Used), nil
}

// Decode implements the collections value codec.
func (nodeCodec) Decode(b []byte) (node, error) {
	if len(b) != nodeSizeBytes {
		return node{}, fmt.Errorf("sum tree node of %d bytes, want %d", len(b), nodeSizeBytes)
	}
	return node{Sum: binary.BigEndian.Uint64(b), Used: binary.BigEndian.Uint64(b[8:])}, nil
}

// EncodeJSON implements the collections value codec.
func (nodeCodec) EncodeJSON(n node) ([]byte, error) { return json.Marshal(n) }

// DecodeJSON implements the collections value codec.
func (nodeCodec) DecodeJSON(b []byte) (node, error) {
	var n node
	if err := json.Unmarshal(b, &n); err != nil {
		return node{}, fmt.Errorf("failed to decode sum tree node: %w", err)
	}
	return n, nil
}

// Stringify implements the collections value codec.
func (nodeCodec) Stringify(n node) string { return fmt.Sprintf("%d over %d slots", n.Sum, n.Used) }

// ValueType implements the collections value codec.
func (nodeCodec) ValueType() string { return "ipdm/sumtree/node" }
