package transfer

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// tape is a duplex that reads from bytes and keeps what is written.
type tape struct {
	io.Reader
	bytes.Buffer
}

func (t *tape) Read(p []byte) (int, error)     { return t.Reader.Read(p) }
func (*tape) SetReadDeadline(time.Time) error  { return nil }
func (*tape) SetWriteDeadline(time.Time) error { return nil }

// frame returns a message as it travels.
func frame(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	var out tape
	w := newWire(&out, time.Second)
	require.NoError(tb, w.write(m))
	require.NoError(tb, w.flush())
	return out.Bytes()
}

// fuzzMessage feeds bytes to the reader of messages and what it accepts to check, which returns a message that must come
// out the same when it travels again, nil for none.
func fuzzMessage[M proto.Message](f *testing.F, limit int, empty func() M, check func(M) proto.Message, seeds ...proto.Message) {
	for _, s := range seeds {
		f.Add(frame(f, s))
	}
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{5, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		m := empty()
		if newWire(&tape{Reader: bytes.NewReader(data)}, time.Second).read(limit, m) != nil {
			return
		}
		accepted := check(m)
		if accepted == nil {
			return
		}
		again := empty()
		require.NoError(t, newWire(&tape{Reader: bytes.NewReader(frame(t, accepted))}, time.Second).read(2*limit, again))
		require.True(t, proto.Equal(accepted, again))
	})
}

func fuzzRequest(f *testing.F, parse func(*datav1.Request) (bool, error), seeds ...*datav1.Request) {
	messages := make([]proto.Message, len(seeds))
	for i, s := range seeds {
		messages[i] = s
	}
	fuzzMessage(f, MaxRequestBytes, func() *datav1.Request { return &datav1.Request{} }, func(m *datav1.Request) proto.Message {
		if ok, err := parse(m); !ok || err != nil {
			return nil
		}
		return m
	}, messages...)
}

func fuzzResponse(f *testing.F, parse func(*datav1.Response) (bool, error), seeds ...*datav1.Response) {
	messages := make([]proto.Message, len(seeds))
	for i, s := range seeds {
		messages[i] = s
	}
	fuzzMessage(f, MaxAnswerBytes, func() *datav1.Response { return &datav1.Response{} }, func(m *datav1.Response) proto.Message {
		if ok, err := parse(m); !ok || err != nil {
			return nil
		}
		return m
	}, messages...)
}

var someCID = format.NodeCID(format.Sum([]byte("some"))).Bytes()

func FuzzGetRequest(f *testing.F) {
	fuzzRequest(f, func(m *datav1.Request) (bool, error) {
		if m.GetGet() == nil {
			return false, nil
		}
		r, err := parseGet(m.GetGet())
		if err == nil && len(r.digests) != max(len(m.GetGet().Blocks), len(m.GetGet().Encodings)) {
			f.Fatal("wants are lost")
		}
		if err == nil && r.root.Defined() != (len(m.GetGet().Root) > 0) {
			f.Fatal("the root is lost")
		}
		return true, err
	},
		&datav1.Request{Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{someCID}, Cut: true}}},
		&datav1.Request{Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Encodings: [][]byte{someCID, someCID}, Probe: true}}},
		&datav1.Request{Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{someCID}, Fetch: true, Root: someCID}}})
}

func FuzzPutRequest(f *testing.F) {
	fuzzRequest(f, func(m *datav1.Request) (bool, error) {
		if m.GetPut() == nil {
			return false, nil
		}
		_, err := parsePut(m.GetPut())
		return true, err
	}, &datav1.Request{Operation: &datav1.Request_Put{Put: &datav1.PutRequest{Root: someCID, Manifest: someCID}}})
}

func FuzzUpdateRequest(f *testing.F) {
	fuzzRequest(f, func(m *datav1.Request) (bool, error) {
		if m.GetUpdate() == nil {
			return false, nil
		}
		o, err := parseUpdate(m.GetUpdate())
		if err == nil && !o.Replaced.Defined() {
			f.Fatal("an update without the root it replaces")
		}
		return true, err
	}, &datav1.Request{Operation: &datav1.Request_Update{Update: &datav1.UpdateRequest{Root: someCID, Manifest: someCID, ReplacedRoot: someCID}}})
}

func FuzzDeleteRequest(f *testing.F) {
	fuzzRequest(f, func(m *datav1.Request) (bool, error) {
		if m.GetDelete() == nil {
			return false, nil
		}
		_, err := parseCID(m.GetDelete().Root)
		return true, err
	}, &datav1.Request{Operation: &datav1.Request_Delete{Delete: &datav1.DeleteRequest{Root: someCID}}})
}

func FuzzQueryRequest(f *testing.F) {
	fuzzRequest(f, func(m *datav1.Request) (bool, error) {
		return m.GetQuery() != nil, checkQuery(m.GetQuery())
	}, &datav1.Request{Operation: &datav1.Request_Query{Query: &datav1.QueryRequest{Filter: "tag:a=b", Limit: 10, Cursor: []byte{1}}}})
}

func FuzzSummaryRequest(f *testing.F) {
	fuzzRequest(f, func(m *datav1.Request) (bool, error) { return m.GetSummary() != nil, nil },
		&datav1.Request{Operation: &datav1.Request_Summary{Summary: &datav1.SummaryRequest{KnownVersion: 3}}})
}

func FuzzEncoding(f *testing.F) {
	fuzzResponse(f, func(m *datav1.Response) (bool, error) {
		if m.GetEncoding() == nil {
			return false, nil
		}
		return true, checkEncoding(m.GetEncoding())
	}, &datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: MaxEnvelopeBytes}}})
}

func FuzzGetEnd(f *testing.F) {
	const wants = 100
	fuzzResponse(f, func(m *datav1.Response) (bool, error) {
		err := checkGetEnd(m.GetGetEnd(), wants)
		if err == nil && len(m.GetGetEnd().GetMissing()) > wants {
			f.Fatal("more is missing than was wanted")
		}
		return m.GetGetEnd() != nil, err
	}, &datav1.Response{Result: &datav1.Response_GetEnd{GetEnd: &datav1.GetEnd{Missing: []uint32{0, 5, 99}}}})
}

func FuzzPutResponse(f *testing.F) {
	fuzzResponse(f, func(m *datav1.Response) (bool, error) { return m.GetPut() != nil || m.GetPutProgress() != nil, nil },
		&datav1.Response{Result: &datav1.Response_Put{Put: &datav1.PutResponse{ReceivedBytes: 1, Existing: true}}},
		&datav1.Response{Result: &datav1.Response_PutProgress{PutProgress: &datav1.PutProgress{ReceivedBytes: 1}}})
}

func FuzzDeleteResponse(f *testing.F) {
	fuzzResponse(f, func(m *datav1.Response) (bool, error) { return m.GetDelete() != nil, nil },
		&datav1.Response{Result: &datav1.Response_Delete{Delete: &datav1.DeleteResponse{Removed: 2}}})
}

func FuzzQueryResponse(f *testing.F) {
	fuzzResponse(f, func(m *datav1.Response) (bool, error) {
		if m.GetQuery() == nil {
			return false, nil
		}
		return true, checkQueryResponse(m.GetQuery(), 10)
	}, &datav1.Response{Result: &datav1.Response_Query{Query: &datav1.QueryResponse{ManifestHeaders: [][]byte{{1}}, NextCursor: []byte{2}, Error: "x"}}})
}

func FuzzSummaryResponse(f *testing.F) {
	fuzzResponse(f, func(m *datav1.Response) (bool, error) {
		if m.GetSummary() == nil {
			return false, nil
		}
		return true, checkSummaryResponse(m.GetSummary())
	}, &datav1.Response{Result: &datav1.Response_Summary{Summary: &datav1.SummaryResponse{Version: 1, Summary: []byte{1}}}})
}

func FuzzRefusal(f *testing.F) {
	fuzzResponse(f, func(m *datav1.Response) (bool, error) {
		if m.GetRefusal() == nil {
			return false, nil
		}
		if len(errorOf(m.GetRefusal()).Error()) > 8*maxRefusalText {
			f.Fatal("the text of a refusal is not bounded")
		}
		return true, nil
	}, &datav1.Response{Result: &datav1.Response_Refusal{Refusal: refusalOf(ErrNotAllowed)}})
}
