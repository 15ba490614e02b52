package node

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	corenet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/proto"

	datav1 "github.com/ipdm-network/ipdm/sdk/go/data/v1"
	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/envelope"
	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/transfer"
)

// startGroup starts n nodes that cache together and a node outside of the group, all connected with each other.
func startGroup(t *testing.T, n int) (origin *Node, members []*Node) {
	t.Helper()
	origin = startBare(t)
	homes, list := make([]Home, n), make([]string, n)
	for i := range homes {
		homes[i] = Home(t.TempDir())
		id, err := Init(homes[i], testConfig(), nil)
		require.NoError(t, err)
		list[i] = fmt.Sprintf("/ip4/127.0.0.1/tcp/1/p2p/%s", id.PeerID) // where nobody is: the test connects them
	}
	for _, home := range homes {
		cfg := testConfig()
		cfg.Network.CacheGroup = list
		members = append(members, startNode(t, home, cfg))
	}
	all := append([]*Node{origin}, members...)
	for i, a := range all {
		for _, b := range all[:i] {
			require.NoError(t, a.Network().Connect(t.Context(), b.Network().AddrInfo()))
		}
	}
	for _, a := range all {
		for _, b := range all {
			if a != b {
				require.Eventually(t, func() bool { return speaks(a, b.Network().ID()) }, 10*time.Second, time.Millisecond)
			}
		}
	}
	return origin, members
}

// speaks tells whether a node knows that a peer speaks the data protocol.
func speaks(n *Node, p peer.ID) bool {
	spoken, err := n.Network().Host().Peerstore().SupportsProtocols(p, transfer.Protocol)
	return err == nil && len(spoken) == 1
}

const largeFiles = 10

// mixedTree is large and small files that do not compress, about 30 MiB.
func mixedTree() []treeFile {
	source := rand.NewChaCha8([32]byte{1})
	files := generatedTree(300)
	for i := range files {
		files[i].body = make([]byte, 500+i)
		_, _ = source.Read(files[i].body)
	}
	for i := range largeFiles {
		body := make([]byte, 3<<20)
		_, _ = source.Read(body)
		files = append(files, treeFile{path: fmt.Sprintf("large/%d", i), body: body})
	}
	return files
}

func readAll(t *testing.T, n *Node, root *data.PutResult, files []treeFile) {
	t.Helper()
	readAllWhile(t, n, root, files, func(int) {})
}

// readAllWhile is readAll, and tells before each entry how many there were.
func readAllWhile(t *testing.T, n *Node, root *data.PutResult, files []treeFile, entry func(seen int)) {
	t.Helper()
	got := &sameFiles{t: t, want: files}
	require.NoError(t, n.Engine().Get(t.Context(), root.Root, data.GetOptions{}, telling{got, entry}))
	got.check()
	require.Equal(t, len(files), got.seen)
}

// telling is sameFiles that tells how far it is.
type telling struct {
	*sameFiles
	entry func(seen int)
}

func (s telling) Entry(e data.Entry) error {
	s.entry(s.seen)
	return s.sameFiles.Entry(e)
}

// plainBytes returns how much content a node has stored.
func plainBytes(t *testing.T, n *Node) float64 {
	t.Helper()
	stats, err := n.store.Stats(t.Context())
	require.NoError(t, err)
	return float64(stats.PlainBytes)
}

const originServed = "ipdm_transfer_bytes_served_total"

// TestGroupCachesTogether: three nodes that read the same content get it from outside once, and keep it once.
func TestGroupCachesTogether(t *testing.T) {
	for name, read := range map[string]func(t *testing.T, members []*Node, read func(*Node)){
		"one after the other": func(_ *testing.T, members []*Node, read func(*Node)) {
			for _, m := range members {
				read(m)
			}
		},
		"all at once": func(t *testing.T, members []*Node, read func(*Node)) {
			var readers errgroup.Group
			for _, m := range members {
				readers.Go(func() error {
					read(m)
					return nil
				})
			}
			require.NoError(t, readers.Wait())
		},
	} {
		t.Run(name, func(t *testing.T) {
			origin, members := startGroup(t, 3)
			files := mixedTree()
			root := putFiles(t, origin.Engine(), files)
			whole := plainBytes(t, origin)
			read(t, members, func(n *Node) { readAll(t, n, root, files) })
			require.InDelta(t, whole, counterOf(t, origin, originServed), whole/10, "the origin has sent everything about once")
			total, fetched := 0.0, 0.0
			for i, m := range members {
				stored := plainBytes(t, m)
				require.InDelta(t, whole/3, stored, whole/4, "member %d", i)
				require.Positive(t, counterOf(t, m, "ipdm_transfer_group_blocks_total"))
				require.Less(t, counterOf(t, m, "ipdm_transfer_group_fallbacks_total"), 5.0, "hardly anything is not sent")
				total += stored
				fetched += counterOf(t, m, "ipdm_transfer_group_blocks_fetched_total")
			}
			require.Positive(t, fetched)
			require.InDelta(t, whole, total, whole/10, "together they keep it about once")

			before := counterOf(t, origin, originServed)
			for _, m := range members {
				readAll(t, m, root, files)
			}
			require.Equal(t, before, counterOf(t, origin, originServed), "it is all in the group")
		})
	}
}

// TestMemberDiesWhileItIsAsked: a read goes on without it, and keeps what would have been its.
func TestMemberDiesWhileItIsAsked(t *testing.T) {
	origin, members := startGroup(t, 3)
	files := mixedTree()
	root := putFiles(t, origin.Engine(), files)
	readAllWhile(t, members[0], root, files, func(seen int) {
		if seen == len(files)-largeFiles+2 {
			require.NoError(t, members[1].Close())
		}
	})
	readAll(t, members[2], root, files)
	whole := plainBytes(t, origin)
	require.Less(t, counterOf(t, origin, originServed), 1.6*whole, "a third of it comes a second time")
	before := counterOf(t, origin, originServed)
	for _, n := range []*Node{members[0], members[2]} {
		readAll(t, n, root, files)
	}
	require.Less(t, counterOf(t, origin, originServed)-before, whole/2, "the two that are left share what was the third's")
}

// lie sends an envelope to whoever would have anything else fetched, has nothing for other gets, and answers nothing else.
func lie(s corenet.Stream, env []byte) {
	answer := func(m *datav1.Response) error {
		data, err := proto.Marshal(m)
		if err == nil {
			_, err = s.Write(append(binary.AppendUvarint(nil, uint64(len(data))), data...))
		}
		return err
	}
	in := bufio.NewReader(s)
	for {
		length, err := binary.ReadUvarint(in)
		if err != nil {
			break
		}
		data := make([]byte, length)
		var request datav1.Request
		if _, err := io.ReadFull(in, data); err != nil || proto.Unmarshal(data, &request) != nil {
			break
		}
		get := request.GetGet()
		switch {
		case get == nil:
			err = answer(&datav1.Response{Result: &datav1.Response_Refusal{Refusal: &datav1.Refusal{Reason: datav1.RefusalReason_REFUSAL_REASON_NOT_OFFERED}}})
		case !get.Fetch:
			end := &datav1.GetEnd{}
			for i := range len(get.Blocks) + len(get.Encodings) {
				end.Missing = append(end.Missing, uint32(i))
			}
			err = answer(&datav1.Response{Result: &datav1.Response_GetEnd{GetEnd: end}})
		default:
			err = answer(&datav1.Response{Result: &datav1.Response_Encoding{Encoding: &datav1.Encoding{LengthBytes: uint32(len(env))}}})
			if err == nil {
				_, err = s.Write(env)
			}
		}
		if err != nil {
			break
		}
	}
	_ = s.Close()
}

// TestMemberThatLies: wrong bytes are found out and blamed on who sent them, and the read is right.
func TestMemberThatLies(t *testing.T) {
	liar, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"), libp2p.DisableMetrics())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, liar.Close()) })
	other := []byte("not what was asked for")
	enc, err := store.Encode(envelope.None, 0, []format.Block{format.NewBlock(format.Raw, other)})
	require.NoError(t, err)
	liar.SetStreamHandler(transfer.Protocol, func(s corenet.Stream) { lie(s, enc.Bytes()) })

	origin := startBare(t)
	near := startBare(t, func(c *Config) { c.Network.CacheGroup = []string{fmt.Sprintf("%s/p2p/%s", liar.Addrs()[0], liar.ID())} })
	require.NoError(t, near.Network().Connect(t.Context(), origin.Network().AddrInfo()))
	for _, p := range []peer.ID{liar.ID(), origin.Network().ID()} {
		require.Eventually(t, func() bool { return speaks(near, p) }, 10*time.Second, time.Millisecond, "members are kept connected")
	}
	files := mixedTree()
	root := putFiles(t, origin.Engine(), files)
	readAll(t, near, root, files)
	require.Positive(t, counterOf(t, near, "ipdm_transfer_fetch_failures_total"))
	require.Positive(t, counterOf(t, near, "ipdm_transfer_group_fallbacks_total"))
	for _, p := range near.Network().Peers() {
		if p.ID == liar.ID() {
			require.Negative(t, p.Score)
		}
	}
	has, err := near.store.Has(t.Context(), format.Sum(other))
	require.NoError(t, err)
	require.False(t, has)
	got := &sameFiles{t: t, want: files}
	require.NoError(t, near.Engine().Get(t.Context(), root.Root, data.GetOptions{LocalOnly: true}, got), "what it did not send is kept")
}

// TestMemberFindsTheOriginByTheRoot: members that are asked for blocks know nobody who has them, but the root leads them there.
func TestMemberFindsTheOriginByTheRoot(t *testing.T) {
	origin, members := startGroup(t, 3)
	files := mixedTree()
	root := putFiles(t, origin.Engine(), files)
	require.NoError(t, origin.Network().Provide(t.Context(), root.Root))
	for _, m := range members[1:] {
		require.Eventually(t, func() bool {
			found, err := m.Network().FindProviders(t.Context(), root.Root, 1)
			return err == nil && len(found) > 0
		}, 20*time.Second, 10*time.Millisecond)
		require.NoError(t, m.Network().Disconnect(origin.Network().ID()))
	}
	readAll(t, members[0], root, files)
	require.Zero(t, counterOf(t, members[0], "ipdm_transfer_group_fallbacks_total"))
	require.Less(t, plainBytes(t, members[0]), plainBytes(t, origin)*3/4, "the others have fetched their parts")
}

// TestSmallFilesComeInPacks: a group gets a tree of small files in as few requests as one node does, through one member, and
// does not have a pack sent for each of its files.
func TestSmallFilesComeInPacks(t *testing.T) {
	origin, members := startGroup(t, 2)
	files := generatedTree(3000)
	source := rand.NewChaCha8([32]byte{2})
	for i := range files {
		files[i].body = make([]byte, 1000+i%500)
		_, _ = source.Read(files[i].body)
	}
	root := putFiles(t, origin.Engine(), files)
	stats, err := origin.store.Stats(t.Context())
	require.NoError(t, err)
	stored := 0
	for _, m := range members {
		readAll(t, m, root, files)
		require.Less(t, counterOf(t, m, "ipdm_transfer_bytes_fetched_total"), 1.3*float64(stats.EnvelopeBytes))
		require.Less(t, counterOf(t, m, "ipdm_transfer_gets_total"), 100.0)
		if plainBytes(t, m) > float64(stats.PlainBytes)/2 {
			stored++
		}
	}
	require.Equal(t, 1, stored, "all of it belongs to one of them")
}
