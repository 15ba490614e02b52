package bulk

import (
	"fmt"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

// receiver is a Received of either type.
type receiver interface {
	unmarshal(data mem.BufferSlice) error
}

// Received is where a message is received into. The bytes of files in it lie in memory that Free takes back, and must not be used after it
// or after the next message was received.
type Received[M proto.Message] struct {
	Message M

	decode func([]byte, M) error
	memory mem.Buffer
}

// ReceivedPut returns where PutRequests are received into.
func ReceivedPut() *Received[*sidecarv1.PutRequest] {
	return &Received[*sidecarv1.PutRequest]{Message: &sidecarv1.PutRequest{}, decode: decodePut}
}

// ReceivedGet returns where GetResponses are received into.
func ReceivedGet() *Received[*sidecarv1.GetResponse] {
	return &Received[*sidecarv1.GetResponse]{Message: &sidecarv1.GetResponse{}, decode: decodeGet}
}

func (r *Received[M]) unmarshal(data mem.BufferSlice) error {
	r.Free()
	r.memory = data.MaterializeToBuffer(mem.DefaultBufferPool())
	proto.Reset(r.Message)
	if err := r.decode(r.memory.ReadOnlyData(), r.Message); err != nil {
		return fmt.Errorf("failed to decode a message: %w", err)
	}
	return nil
}

// Free gives the memory back. A second call does nothing.
func (r *Received[M]) Free() {
	if r.memory != nil {
		r.memory.Free()
		r.memory = nil
	}
}

// decodePut decodes a PutRequest. One of items only is decoded in place.
func decodePut(b []byte, m *sidecarv1.PutRequest) error {
	inner, ok := only(b, putRequestItems)
	if !ok {
		return proto.Unmarshal(b, m)
	}
	items, rest, err := decodeItems(inner, putItemsItems)
	if err != nil {
		return err
	}
	batch := &sidecarv1.PutItems{}
	if err := proto.Unmarshal(rest, batch); err != nil {
		return err
	}
	batch.Items = items
	m.Message = &sidecarv1.PutRequest_Items{Items: batch}
	return nil
}

// decodeGet decodes a GetResponse.
func decodeGet(b []byte, m *sidecarv1.GetResponse) error {
	items, rest, err := decodeItems(b, getResponseItems)
	if err != nil {
		return err
	}
	if err := proto.Unmarshal(rest, m); err != nil {
		return err
	}
	m.Items = items
	return nil
}

// decodeItems takes the items out of a message, in which they are field number, and returns them and the other fields.
func decodeItems(b []byte, number protowire.Number) (items []*sidecarv1.PutItem, rest []byte, err error) {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeField(b)
		if n < 0 {
			return nil, nil, protowire.ParseError(n)
		}
		raw := b[:n]
		b = b[n:]
		if field != number || kind != protowire.BytesType {
			rest = append(rest, raw...)
			continue
		}
		_, _, tag := protowire.ConsumeTag(raw) // its length: it need not be in the shortest form
		value, _ := protowire.ConsumeBytes(raw[tag:])
		item := &sidecarv1.PutItem{}
		if data, ok := only(value, putItemData); ok {
			item.Item = &sidecarv1.PutItem_Data{Data: data}
		} else if err := proto.Unmarshal(value, item); err != nil {
			return nil, nil, err
		}
		items = append(items, item)
	}
	return items, rest, nil
}

// only returns the value of a field of bytes if the message is nothing else.
func only(b []byte, number protowire.Number) ([]byte, bool) {
	field, kind, tag := protowire.ConsumeTag(b)
	if tag < 0 || field != number || kind != protowire.BytesType {
		return nil, false
	}
	value, n := protowire.ConsumeBytes(b[tag:])
	return value, n >= 0 && tag+n == len(b)
}
