package node

import (
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
