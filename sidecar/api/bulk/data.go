package bulk

import (
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields that lead to the bytes of a file in the messages of proto/ipdm/sidecar/v1.
const (
	putRequestItems  = 2
	putItemsItems    = 1
	getResponseItems = 1
	putItemData      = 2
)

// Data is a message that holds bytes of a file and nothing else. It is made by PutData or GetData and sent once.
type Data struct {
	bytes  mem.Buffer
	header []byte
}

// PutData returns a PutRequest of one item with the bytes of a buffer, which the codec frees when they are sent.
func PutData(b mem.Buffer) *Data { return wrap(b, putRequestItems, putItemsItems, putItemData) }

// GetData returns a GetResponse of one item with the bytes of a buffer, which the codec frees when they are sent.
func GetData(b mem.Buffer) *Data { return wrap(b, getResponseItems, putItemData) }

// wrap makes the tags and lengths of the fields given from the outermost on.
func wrap(b mem.Buffer, fields ...protowire.Number) *Data {
	sizes := make([]int, len(fields))
	size := b.Len()
	for i := len(fields) - 1; i >= 0; i-- {
		sizes[i] = size
		size += protowire.SizeTag(fields[i]) + protowire.SizeVarint(uint64(size))
	}
	d := &Data{bytes: b}
	for i, field := range fields {
		d.header = protowire.AppendTag(d.header, field, protowire.BytesType)
		d.header = protowire.AppendVarint(d.header, uint64(sizes[i]))
	}
	return d
}

func (d *Data) marshal() mem.BufferSlice { return mem.BufferSlice{mem.SliceBuffer(d.header), d.bytes} }
