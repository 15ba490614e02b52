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
func PutData(b mem.Buffer) *Data { return &Data{bytes: b, header: PutHead(b.Len())} }

// GetData returns a GetResponse of one item with the bytes of a buffer, which the codec frees when they are sent.
func GetData(b mem.Buffer) *Data {
	return &Data{bytes: b, header: head(b.Len(), getResponseItems, putItemData)}
}

// PutHead returns what comes before so many bytes of a file in a PutRequest of one item that holds them.
func PutHead(sizeBytes int) []byte {
	return head(sizeBytes, putRequestItems, putItemsItems, putItemData)
}

// head makes the tags and lengths of the fields given from the outermost on, the innermost of so many bytes.
func head(size int, fields ...protowire.Number) (made []byte) {
	sizes := make([]int, len(fields))
	for i := len(fields) - 1; i >= 0; i-- {
		sizes[i] = size
		size += protowire.SizeTag(fields[i]) + protowire.SizeVarint(uint64(size))
	}
	for i, field := range fields {
		made = protowire.AppendTag(made, field, protowire.BytesType)
		made = protowire.AppendVarint(made, uint64(sizes[i]))
	}
	return made
}

func (d *Data) marshal() mem.BufferSlice { return mem.BufferSlice{mem.SliceBuffer(d.header), d.bytes} }
