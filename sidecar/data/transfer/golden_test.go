package transfer

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// TestGoldenMessages fails when messages travel in other bytes than those that other versions know.
func TestGoldenMessages(t *testing.T) {
	root := format.NodeCID(format.Sum([]byte("root"))).Bytes()
	manifest := format.CBORCID(format.Sum([]byte("manifest"))).Bytes()
	for want, m := range map[string]proto.Message{
		"2a0a280a2401701e2092a2b787a06d7272df43eaf87acc3b9c1d315d79d599d61c285983483e4319981801": &datav1.Request{Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{root}, Cut: true}}},
		"7422720a2401701e2092a2b787a06d7272df43eaf87acc3b9c1d315d79d599d61c285983483e431998122401711e200d197521d9a48760576da1c87dfd828a60d397ea1e16f92a5b7c44b4f4060ce11a2401701e2092a2b787a06d7272df43eaf87acc3b9c1d315d79d599d61c285983483e431998": &datav1.Request{Operation: &datav1.Request_Update{Update: &datav1.UpdateRequest{Root: root, Manifest: manifest, ReplacedRoot: root}}},
		"500a4e0a2401701e2092a2b787a06d7272df43eaf87acc3b9c1d315d79d599d61c285983483e4319982801322401711e200d197521d9a48760576da1c87dfd828a60d397ea1e16f92a5b7c44b4f4060ce1":                                                                         &datav1.Request{Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{root}, Fetch: true, Root: manifest}}},
		"0a2a080a016610021a0103":               &datav1.Request{Operation: &datav1.Request_Query{Query: &datav1.QueryRequest{Filter: "f", Limit: 2, Cursor: []byte{3}}}},
		"050a0308e807":                         &datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: 1000}}},
		"0712050a0301ac02":                     &datav1.Response{Result: &datav1.Response_GetEnd{GetEnd: &datav1.GetEnd{Missing: []uint32{1, 300}}}},
		"11420f0801120b6e6f7420616c6c6f776564": &datav1.Response{Result: &datav1.Response_Refusal{Refusal: refusalOf(ErrNotAllowed)}},
		"06220408051001":                       &datav1.Response{Result: &datav1.Response_Put{Put: &datav1.PutResponse{ReceivedBytes: 5, Existing: true}}},
	} {
		require.Equal(t, want, hex.EncodeToString(frame(t, m)), "%T %v", m, m)
	}
}
