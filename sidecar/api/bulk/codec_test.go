package bulk

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

func content(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }

func TestDataIsPlainProtocolBuffers(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 1 << 20} {
		item := &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Data{Data: content(n)}}
		for _, test := range []struct {
			data *Data
			same proto.Message
		}{
			{PutData(mem.SliceBuffer(content(n))), &sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Items{Items: &sidecarv1.PutItems{Items: []*sidecarv1.PutItem{item}}}}},
			{GetData(mem.SliceBuffer(content(n))), &sidecarv1.GetResponse{Items: []*sidecarv1.PutItem{item}}},
		} {
			got, err := Codec.Marshal(test.data)
			require.NoError(t, err)
			want, err := proto.Marshal(test.same)
			require.NoError(t, err)
			require.Equal(t, want, got.Materialize(), "%T of %d bytes", test.same, n)
		}
	}
}

func TestReceivedMessagesAreWhatWasSent(t *testing.T) {
	var first, second sidecarv1.GetResponse
	first.TotalBytes = 7
	for range 3 {
		first.Items = append(first.Items, &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Data{Data: content(100_000)}})
	}
	second.Items = append(second.Items, &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Entry{Entry: &sidecarv1.Entry{Path: []byte("a")}}})

	r := ReceivedGet()
	for _, sent := range []*sidecarv1.GetResponse{&first, &second, &first} {
		wire, err := Codec.Marshal(sent)
		require.NoError(t, err)
		split := mem.BufferSlice{mem.SliceBuffer(wire.Materialize()[:1]), mem.SliceBuffer(wire.Materialize()[1:])}
		require.NoError(t, Codec.Unmarshal(split, r))
		require.True(t, proto.Equal(sent, r.Message))
	}
	r.Free()
	r.Free()
}

func TestWhatIsNoMessageIsRefused(t *testing.T) {
	for _, wire := range [][]byte{{0x0a, 0xff}, {0x0a, 2, 0x0a, 9}} {
		require.Error(t, Codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(wire)}, ReceivedGet()))
	}
	require.Error(t, Codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer{0x12, 2, 0x0a, 9}}, ReceivedPut()))
}

func TestOtherMessagesPass(t *testing.T) {
	sent := &sidecarv1.StatRequest{Root: "r"}
	wire, err := Codec.Marshal(sent)
	require.NoError(t, err)
	var got sidecarv1.StatRequest
	require.NoError(t, Codec.Unmarshal(wire, &got))
	require.True(t, proto.Equal(sent, &got))
}

// FuzzReceived: whatever arrives is what protocol buffers make of it.
func FuzzReceived(f *testing.F) {
	item := &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Data{Data: []byte("data")}}
	entry := &sidecarv1.PutItem{Item: &sidecarv1.PutItem_Entry{Entry: &sidecarv1.Entry{Path: []byte("a")}}}
	for _, m := range []proto.Message{
		&sidecarv1.GetResponse{Items: []*sidecarv1.PutItem{entry, item}, TotalBytes: 4},
		&sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Items{Items: &sidecarv1.PutItems{Items: []*sidecarv1.PutItem{entry, item}}}},
		&sidecarv1.PutRequest{Message: &sidecarv1.PutRequest_Finish{Finish: &sidecarv1.PutFinish{}}},
	} {
		wire, err := proto.Marshal(m)
		require.NoError(f, err)
		f.Add(wire)
	}
	f.Add([]byte{0x8a, 0x00, 0x03, 0x92, 0x00, 0x00}) // tags of more bytes than they need
	f.Fuzz(func(t *testing.T, wire []byte) {
		get, put := ReceivedGet(), ReceivedPut()
		check(t, wire, get, get.Message, &sidecarv1.GetResponse{})
		check(t, wire, put, put.Message, &sidecarv1.PutRequest{})
	})
}

func check(t *testing.T, wire []byte, r any, got, want proto.Message) {
	t.Helper()
	werr := proto.Unmarshal(wire, want)
	err := Codec.Unmarshal(mem.BufferSlice{mem.SliceBuffer(wire)}, r)
	require.Equal(t, werr == nil, err == nil, "%v, want %v", err, werr)
	if err == nil {
		require.True(t, proto.Equal(want, got), "%v, want %v", got, want)
	}
}
