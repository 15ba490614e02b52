package transfer_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// shortStall makes stalled peers cheap to wait for.
const shortStall = 300 * time.Millisecond

func newHost(t testing.TB) host.Host {
	t.Helper()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	return h
}

// connect connects two hosts and waits until one knows what the other speaks: identify may tell it a moment later.
func connect(t testing.TB, from, to host.Host) {
	t.Helper()
	require.NoError(t, from.Connect(t.Context(), peer.AddrInfo{ID: to.ID(), Addrs: to.Addrs()}))
	spoken := to.Mux().Protocols()
	require.Eventually(t, func() bool {
		known, err := from.Peerstore().SupportsProtocols(to.ID(), spoken...)
		return err == nil && len(known) == len(spoken)
	}, 10*time.Second, time.Millisecond)
}

// opinion is a Judge that remembers.
type opinion struct {
	mu                         sync.Mutex
	served, failed, misbehaved map[peer.ID]int // guarded by mu
}

func newOpinion() *opinion {
	return &opinion{served: map[peer.ID]int{}, failed: map[peer.ID]int{}, misbehaved: map[peer.ID]int{}}
}

func (o *opinion) add(counts map[peer.ID]int, p peer.ID, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	counts[p] += n
}

func (o *opinion) of(counts map[peer.ID]int, p peer.ID) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return counts[p]
}

func (o *opinion) Served(p peer.ID, n int) { o.add(o.served, p, n) }
func (o *opinion) Failed(p peer.ID)        { o.add(o.failed, p, 1) }
func (o *opinion) Misbehaved(p peer.ID)    { o.add(o.misbehaved, p, 1) }

func newStore(t testing.TB) store.Store {
	t.Helper()
	s, err := pebblestore.Open(t.TempDir(), pebblestore.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// newServer serves s on a host of its own.
func newServer(t testing.TB, s store.Store, edit ...func(*transfer.ServerOptions)) host.Host {
	t.Helper()
	h := newHost(t)
	o := transfer.ServerOptions{Host: h, Source: s}
	for _, f := range edit {
		f(&o)
	}
	server, err := transfer.NewServer(o)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return h
}

func newClient(t testing.TB, edit ...func(*transfer.ClientOptions)) (*transfer.Client, host.Host) {
	t.Helper()
	o := transfer.ClientOptions{Host: newHost(t)}
	for _, f := range edit {
		f(&o)
	}
	c, err := transfer.NewClient(o)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, o.Host
}

// randomBlocks returns n blocks of random bytes.
func randomBlocks(seed byte, n, sizeBytes int) []format.Block {
	source := rand.NewChaCha8([32]byte{seed})
	blocks := make([]format.Block, n)
	for i := range blocks {
		body := make([]byte, sizeBytes)
		_, _ = source.Read(body)
		blocks[i] = format.NewBlock(format.Raw, body)
	}
	return blocks
}

// encoded returns one encoding of blocks.
func encoded(t testing.TB, blocks ...format.Block) store.Checked {
	t.Helper()
	enc, err := store.Encode(envelope.Zstd, envelope.LevelFastest, blocks)
	require.NoError(t, err)
	return enc
}

// keep stores encodings.
func keep(t testing.TB, s store.Store, encodings ...store.Checked) {
	t.Helper()
	var batch store.Batch
	for _, e := range encodings {
		batch.PutEncoding(e)
	}
	require.NoError(t, s.Apply(t.Context(), &batch, store.Lazy))
}

// keepEach stores each block in an encoding of its own.
func keepEach(t testing.TB, s store.Store, blocks []format.Block) {
	t.Helper()
	for _, b := range blocks {
		keep(t, s, encoded(t, b))
	}
}

func wants(blocks []format.Block) []transfer.Want {
	out := make([]transfer.Want, len(blocks))
	for i, b := range blocks {
		out[i] = transfer.Want{Cid: b.CID(), SizeBytes: len(b.Data)}
	}
	return out
}

// harvest takes what arrives.
type harvest struct {
	mu        sync.Mutex
	encodings map[format.Digest]int    // how often each came; guarded by mu
	blocks    map[format.Digest][]byte // guarded by mu
}

func newHarvest() *harvest {
	return &harvest{encodings: map[format.Digest]int{}, blocks: map[format.Digest][]byte{}}
}

func (h *harvest) got(enc store.Checked, plain []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.encodings[enc.Digest()]++
	for _, e := range enc.Header().Entries {
		h.blocks[e.Digest] = plain[e.Offset : e.Offset+e.Size]
	}
	return nil
}

// requireAll fails unless every block came, as it is.
func (h *harvest) requireAll(t testing.TB, blocks []format.Block) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range blocks {
		require.Equal(t, b.Data, h.blocks[b.Digest])
	}
}

// hostile is a host that answers every request by what act does with the stream.
func hostile(t testing.TB, act func(stream network.Stream, request *datav1.Request)) host.Host {
	t.Helper()
	h := newHost(t)
	var acting sync.WaitGroup
	t.Cleanup(acting.Wait)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	h.SetStreamHandler(transfer.Protocol, func(stream network.Stream) {
		acting.Add(1)
		defer acting.Done()
		defer context.AfterFunc(ctx, func() { _ = stream.Reset() })()
		for {
			var request datav1.Request
			if readMessage(stream, &request) != nil {
				_ = stream.Reset()
				return
			}
			act(stream, &request)
		}
	})
	return h
}

// oneByte reads single bytes.
type oneByte struct{ network.Stream }

func (o oneByte) ReadByte() (byte, error) {
	var b [1]byte
	for {
		n, err := o.Read(b[:])
		if n == 1 || err != nil {
			return b[0], err
		}
	}
}

func readMessage(stream network.Stream, m proto.Message) error {
	length, err := binary.ReadUvarint(oneByte{stream})
	if err != nil {
		return err
	}
	data := make([]byte, length)
	for at := 0; at < len(data); {
		n, err := stream.Read(data[at:])
		if err != nil {
			return err
		}
		at += n
	}
	return proto.Unmarshal(data, m)
}

func writeMessage(stream network.Stream, m proto.Message) error {
	data, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	_, err = stream.Write(append(binary.AppendUvarint(nil, uint64(len(data))), data...))
	return err
}

func writeEncoding(stream network.Stream, env []byte) error {
	err := writeMessage(stream, &datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: uint32(len(env))}}})
	if err == nil {
		_, err = stream.Write(env)
	}
	return err
}

func writeEnd(stream network.Stream, missing ...uint32) error {
	return writeMessage(stream, &datav1.Response{Result: &datav1.Response_GetEnd{GetEnd: &datav1.GetEnd{Missing: missing}}})
}
