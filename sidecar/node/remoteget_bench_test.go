package node

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
)

// counter is a Sink that counts what it is given.
type counter struct{ entries, bytes uint64 }

func (c *counter) Entry(data.Entry) error {
	c.entries++
	return nil
}

func (c *counter) Data(p []byte) error {
	c.bytes += uint64(len(p))
	return nil
}

// byBlock is a Fetcher that has no encodings: it gets everything over Bitswap.
type byBlock struct{ data.Fetcher }

// BenchmarkTransfer reads a file of 64 MiB from another node over loopback, by the data protocol and by Bitswap in turns.
func BenchmarkTransfer(b *testing.B) {
	const sizeBytes = 64 << 20
	random := make([]byte, sizeBytes)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(random)
	lines := make([]byte, 0, sizeBytes+100)
	for i := 0; len(lines) < sizeBytes; i++ {
		lines = fmt.Appendf(lines, "%d GET /content/%x/%d 200\n", i, random[i*2:i*2+4], i%977)
	}
	far := startBare(b)
	for _, content := range []struct {
		name string
		body []byte
	}{{"lines", lines[:sizeBytes]}, {"random", random}} {
		put := newPut(b, far.Engine())
		require.NoError(b, put.BeginFile("", data.FileInfo{}))
		_, err := put.Write(content.body)
		require.NoError(b, err)
		root, err := put.Finish()
		require.NoError(b, err)
		for _, way := range []string{"data", "bitswap"} {
			b.Run(content.name+"/"+way, func(b *testing.B) {
				b.SetBytes(sizeBytes)
				for b.Loop() {
					b.StopTimer()
					near := startBare(b)
					require.NoError(b, near.Network().Connect(b.Context(), far.Network().AddrInfo()))
					var options data.GetOptions
					if way == "bitswap" {
						options.Fetcher = byBlock{near.fetcher}
					}
					b.StartTimer()
					var c counter
					require.NoError(b, near.Engine().Get(b.Context(), root.Root, options, &c))
					require.EqualValues(b, sizeBytes, c.bytes)
					b.StopTimer()
					require.NoError(b, near.Close())
					b.StartTimer()
				}
			})
		}
	}
}

// BenchmarkRemoteGet reads trees from another node that stores them, without a deal and with nothing stored here.
func BenchmarkRemoteGet(b *testing.B) {
	far := startBare(b)
	generated := putFiles(b, far.Engine(), generatedTree(3000))
	source := putDir(b, far.Engine(), filepath.Join(runtime.GOROOT(), "src", "cmd"))
	for name, root := range map[string]*data.PutResult{"3000-files": generated, "go-src-cmd": source} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(root.SizeBytes))
			for b.Loop() {
				b.StopTimer()
				near := startBare(b)
				require.NoError(b, near.Network().Connect(b.Context(), far.Network().AddrInfo()))
				b.StartTimer()
				var c counter
				require.NoError(b, near.Engine().Get(b.Context(), root.Root, data.GetOptions{}, &c))
				require.Equal(b, root.SizeBytes, c.bytes)
				b.StopTimer()
				require.NoError(b, near.Close())
				b.StartTimer()
			}
		})
	}
}
