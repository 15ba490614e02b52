package transfer_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/stretchr/testify/require"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// TestHostilePeers: a peer that lies, floods, stalls or dies is found out, costs little, and keeps nobody from getting the
// blocks from an honest one.
func TestHostilePeers(t *testing.T) {
	blocks := randomBlocks(1, 24, 100_000)
	other := encoded(t, randomBlocks(2, 1, 1000)...).Bytes()
	envelopeOf := map[string][]byte{}
	for _, b := range blocks {
		envelopeOf[string(b.CID().Bytes())] = encoded(t, b).Bytes()
	}
	asked := func(r *datav1.Request) []byte { return envelopeOf[string(r.GetGet().GetBlocks()[0])] }
	for name, test := range map[string]struct {
		act  func(s network.Stream, r *datav1.Request)
		lies bool // it breaks the protocol, and does not only fail
	}{
		"another block": {func(s network.Stream, _ *datav1.Request) { _ = writeEncoding(s, other) }, true},
		"a damaged encoding": {func(s network.Stream, r *datav1.Request) {
			env := bytes.Clone(asked(r))
			env[len(env)-1] ^= 1
			_ = writeEncoding(s, env)
		}, true},
		"no encoding at all": {func(s network.Stream, _ *datav1.Request) { _ = writeEncoding(s, make([]byte, 1000)) }, true},
		"the same again and again": {func(s network.Stream, r *datav1.Request) {
			for writeEncoding(s, asked(r)) == nil {
			}
		}, true},
		"an oversize encoding": {func(s network.Stream, _ *datav1.Request) {
			_ = writeMessage(s, &datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: format.MaxEncodingSize + 1}}})
		}, true},
		"an oversize message": {func(s network.Stream, _ *datav1.Request) {
			_, _ = s.Write(binary.AppendUvarint(nil, 1<<40))
		}, true},
		"a length without end": {func(s network.Stream, _ *datav1.Request) {
			_, _ = s.Write(bytes.Repeat([]byte{0xff}, 20))
		}, true},
		"a malformed message":          {func(s network.Stream, _ *datav1.Request) { _, _ = s.Write([]byte{3, 0xff, 0xff, 0xff}) }, true},
		"missing what is out of range": {func(s network.Stream, _ *datav1.Request) { _ = writeEnd(s, 1<<31) }, true},
		"the answer to another request": {func(s network.Stream, _ *datav1.Request) {
			_ = writeMessage(s, &datav1.Response{Result: &datav1.Response_Delete{Delete: &datav1.DeleteResponse{}}})
		}, true},
		"an end before anything is sent": {func(s network.Stream, _ *datav1.Request) { _ = writeEnd(s) }, false},
		"nothing":                        {func(network.Stream, *datav1.Request) {}, false},
		"a byte at a time": {func(s network.Stream, r *datav1.Request) {
			env := asked(r)
			_ = writeMessage(s, &datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: uint32(len(env))}}})
			ticker := time.NewTicker(shortStall / 10)
			defer ticker.Stop()
			for _, b := range env {
				if _, err := s.Write([]byte{b}); err != nil {
					return
				}
				<-ticker.C
			}
		}, false},
		"half an encoding, then death": {func(s network.Stream, r *datav1.Request) {
			env := asked(r)
			_ = writeMessage(s, &datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: uint32(len(env))}}})
			_, _ = s.Write(env[:len(env)/2])
			_ = s.Conn().Close()
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			judge := newOpinion()
			client, h := newClient(t, func(o *transfer.ClientOptions) { o.Judge, o.StallTimeout = judge, shortStall })
			bad := hostile(t, test.act)
			connect(t, h, bad)
			got := newHarvest()
			require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
			require.NotContains(t, got.blocks, format.Sum(nil))
			for d, body := range got.blocks {
				require.Equal(t, d, format.Sum(body))
			}
			require.Less(t, len(got.blocks), len(blocks))
			if test.lies {
				require.Positive(t, judge.of(judge.misbehaved, bad.ID()))
			} else {
				require.Positive(t, judge.of(judge.failed, bad.ID()))
				require.Zero(t, judge.of(judge.misbehaved, bad.ID()))
			}

			client, h = newClient(t, func(o *transfer.ClientOptions) { o.StallTimeout = 4 * shortStall })
			s := newStore(t)
			keepEach(t, s, blocks)
			honest := newServer(t, s)
			for _, p := range []host.Host{hostile(t, test.act), honest} {
				connect(t, h, p)
			}
			got = newHarvest()
			require.NoError(t, client.FetchBlocks(t.Context(), wants(blocks), false, got.got))
			got.requireAll(t, blocks)
		})
	}
}

// TestHostileClients: a server gives up on those who send what it does not take, or who take nothing.
func TestHostileClients(t *testing.T) {
	s := newStore(t)
	blocks := randomBlocks(1, 200, 500_000)
	keepEach(t, s, blocks)
	many := &datav1.GetRequest{}
	for _, b := range blocks {
		many.Blocks = append(many.Blocks, b.CID().Bytes())
	}
	for name, test := range map[string]struct {
		act  func(s network.Stream)
		lies bool
	}{
		"an oversize request": {func(s network.Stream) { _, _ = s.Write(binary.AppendUvarint(nil, transfer.MaxRequestBytes+1)) }, true},
		"a malformed request": {func(s network.Stream) { _, _ = s.Write([]byte{2, 0xff, 0xff}) }, true},
		"no operation":        {func(s network.Stream) { _ = writeMessage(s, &datav1.Request{}) }, true},
		"half a request":      {func(s network.Stream) { _, _ = s.Write([]byte{100, 1, 2}) }, false},
		"reading nothing": {func(s network.Stream) {
			_ = writeMessage(s, &datav1.Request{Operation: &datav1.Request_Get{Get: many}})
			require.Eventually(t, func() bool {
				_, err := s.Write([]byte{0})
				return err != nil
			}, 10*time.Second, shortStall/10, "the server gives up")
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			judge := newOpinion()
			server := newServer(t, s, func(o *transfer.ServerOptions) { o.Judge, o.StallTimeout = judge, shortStall })
			h := newHost(t)
			connect(t, h, server)
			stream, err := h.NewStream(t.Context(), server.ID(), transfer.Protocol)
			require.NoError(t, err)
			test.act(stream)
			_, err = io.Copy(io.Discard, stream)
			require.ErrorIs(t, err, network.ErrReset)
			if test.lies {
				require.Eventually(t, func() bool { return judge.of(judge.misbehaved, h.ID()) == 1 }, 10*time.Second, time.Millisecond)
			}
		})
	}
}

func TestOnePeerGetsSoManyStreams(t *testing.T) {
	server := newServer(t, newStore(t))
	h := newHost(t)
	connect(t, h, server)
	ask := &datav1.Request{Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{format.RawCID(format.Sum(nil)).Bytes()}}}}
	for i := range 33 {
		stream, err := h.NewStream(t.Context(), server.ID(), transfer.Protocol)
		require.NoError(t, err)
		require.NoError(t, writeMessage(stream, ask))
		var answer datav1.Response
		err = readMessage(stream, &answer)
		if i == 32 {
			require.ErrorIs(t, err, network.ErrReset)
			return
		}
		require.NoError(t, err)
		require.Equal(t, []uint32{0}, answer.GetGetEnd().GetMissing())
	}
}

func TestInvalidRequestsAreRefused(t *testing.T) {
	server := newServer(t, newStore(t))
	h := newHost(t)
	connect(t, h, server)
	valid := format.RawCID(format.Sum(nil)).Bytes()
	stream, err := h.NewStream(t.Context(), server.ID(), transfer.Protocol)
	require.NoError(t, err)
	for name, m := range map[string]*datav1.Request{
		"nothing wanted":       {Operation: &datav1.Request_Get{Get: &datav1.GetRequest{}}},
		"both kinds":           {Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{valid}, Encodings: [][]byte{valid}}}},
		"no CID":               {Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{{1, 2}}}}},
		"too many wants":       {Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: make([][]byte, transfer.MaxWants+1)}}},
		"root that is no CID":  {Operation: &datav1.Request_Get{Get: &datav1.GetRequest{Blocks: [][]byte{valid}, Fetch: true, Root: []byte{1, 2}}}},
		"put without root":     {Operation: &datav1.Request_Put{Put: &datav1.PutRequest{Manifest: valid}}},
		"update without old":   {Operation: &datav1.Request_Update{Update: &datav1.UpdateRequest{Root: valid, Manifest: valid}}},
		"delete of no root":    {Operation: &datav1.Request_Delete{Delete: &datav1.DeleteRequest{}}},
		"query without limit":  {Operation: &datav1.Request_Query{Query: &datav1.QueryRequest{}}},
		"query with long text": {Operation: &datav1.Request_Query{Query: &datav1.QueryRequest{Limit: 1, Filter: string(make([]byte, transfer.MaxFilterBytes+1))}}},
	} {
		require.NoError(t, writeMessage(stream, m), name)
		var answer datav1.Response
		require.NoError(t, readMessage(stream, &answer), name)
		require.Equal(t, datav1.RefusalReason_REFUSAL_REASON_INVALID, answer.GetRefusal().GetReason(), name)
	}
}
