package unixfs_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	blocks "github.com/ipfs/go-block-format"
	"github.com/ipfs/go-cid"
	ipld "github.com/ipfs/go-ipld-format"
	mh "github.com/multiformats/go-multihash"
	_ "github.com/multiformats/go-multihash/register/blake3"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sdk/go/format/unixfs"
)

// memory is a block store that both this package and boxo write to.
type memory struct {
	blocks map[cid.Cid][]byte
	gets   int
}

func newMemory() *memory { return &memory{blocks: map[cid.Cid][]byte{}} }

func (m *memory) emit(codec uint64, digest format.Digest, data []byte) error {
	if format.Sum(data) != digest {
		return fmt.Errorf("digest does not match data")
	}
	m.blocks[format.BlockCID(codec, digest)] = data
	return nil
}

// raw stores a raw leaf.
func (m *memory) raw(data []byte) format.Digest {
	digest := format.Sum(data)
	m.blocks[format.RawCID(digest)] = data
	return digest
}

func (m *memory) get(_ context.Context, c cid.Cid) ([]byte, error) {
	m.gets++
	data, ok := m.blocks[c]
	if !ok {
		return nil, ipld.ErrNotFound{Cid: c}
	}
	return data, nil
}

// put stores any block under its true CID.
func (m *memory) put(codec uint64, data []byte) cid.Cid {
	c := format.BlockCID(codec, format.Sum(data))
	m.blocks[c] = data
	return c
}

// boxoDAG is memory as boxo's DAG service.
type boxoDAG struct{ *memory }

func (d boxoDAG) Add(_ context.Context, n ipld.Node) error {
	d.blocks[n.Cid()] = n.RawData()
	return nil
}

func (d boxoDAG) AddMany(ctx context.Context, ns []ipld.Node) error {
	for _, n := range ns {
		if err := d.Add(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

func (d boxoDAG) Get(ctx context.Context, c cid.Cid) (ipld.Node, error) {
	data, err := d.get(ctx, c)
	if err != nil {
		return nil, err
	}
	b, err := blocks.NewBlockWithCid(data, c)
	if err != nil {
		return nil, err
	}
	return decodeBoxo(b)
}

func (d boxoDAG) GetMany(ctx context.Context, cs []cid.Cid) <-chan *ipld.NodeOption {
	out := make(chan *ipld.NodeOption, len(cs))
	for _, c := range cs {
		n, err := d.Get(ctx, c)
		out <- &ipld.NodeOption{Node: n, Err: err}
	}
	close(out)
	return out
}

func (d boxoDAG) Remove(context.Context, cid.Cid) error       { return nil }
func (d boxoDAG) RemoveMany(context.Context, []cid.Cid) error { return nil }

// builder makes the CIDs that IPDM pins.
var builder = cid.V1Builder{Codec: cid.DagProtobuf, MhType: mh.BLAKE3, MhLength: format.DigestSize}

// pieces is a boxo splitter of given chunks.
type pieces struct {
	chunks [][]byte
	next   int
}

func (p *pieces) Reader() io.Reader { return nil }

func (p *pieces) NextBytes() ([]byte, error) {
	if p.next == len(p.chunks) {
		return nil, io.EOF
	}
	p.next++
	return p.chunks[p.next-1], nil
}

// leaves returns n chunks of 1 to maxBytes bytes.
func leaves(seed uint64, n, maxBytes int) [][]byte {
	rng := rand.New(rand.NewPCG(seed, 7))
	out := make([][]byte, n)
	for i := range out {
		out[i] = make([]byte, 1+rng.IntN(maxBytes))
		for j := range out[i] {
			out[i][j] = byte(rng.Uint32())
		}
	}
	return out
}

// buildFile lays chunks out with this package.
func buildFile(t require.TestingT, m *memory, chunks [][]byte, attrs unixfs.Attributes) unixfs.Link {
	b := unixfs.NewFileBuilder(m.emit)
	for _, c := range chunks {
		require.NoError(t, b.AddLeaf(m.raw(c), len(c)))
	}
	l, err := b.Finish(attrs)
	require.NoError(t, err)
	return l
}

// someCID is what links point to where it does not matter.
func someCID(i int) cid.Cid { return format.RawCID(format.Sum([]byte(fmt.Sprint("block ", i)))) }
