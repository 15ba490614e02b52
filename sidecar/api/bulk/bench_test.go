package bulk

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

const (
	benchMessages     = 64
	benchMessageBytes = 640 << 10
)

// sender answers every get with the same bytes.
type sender struct {
	sidecarv1.UnimplementedDataServiceServer
	data []byte
}

func (s *sender) Get(_ *sidecarv1.GetRequest, stream sidecarv1.DataService_GetServer) error {
	for range benchMessages {
		if err := stream.SendMsg(GetData(mem.SliceBuffer(s.data))); err != nil {
			return err
		}
	}
	return nil
}

func processorTime(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkStream is a get through gRPC, both ends in one process.
func BenchmarkStream(b *testing.B) {
	for _, network := range []string{"tcp", "unix"} {
		b.Run(network, func(b *testing.B) {
			address := "127.0.0.1:0"
			if network == "unix" {
				address = filepath.Join(b.TempDir(), "s")
			}
			listener, err := net.Listen(network, address)
			require.NoError(b, err)
			const window, buffer = 4 << 20, 256 << 10
			server := grpc.NewServer(grpc.ForceServerCodecV2(Codec), grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(window),
				grpc.WriteBufferSize(buffer), grpc.ReadBufferSize(buffer))
			sidecarv1.RegisterDataServiceServer(server, &sender{data: content(benchMessageBytes)})
			done := make(chan error, 1)
			go func() { done <- server.Serve(listener) }()
			target := "passthrough:///" + listener.Addr().String()
			if network == "unix" {
				target = "unix://" + address
			}
			conn, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()),
				grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(window), grpc.WithWriteBufferSize(buffer), grpc.WithReadBufferSize(buffer),
				grpc.WithDefaultCallOptions(grpc.ForceCodecV2(Codec), grpc.MaxCallRecvMsgSize(4<<20)))
			require.NoError(b, err)
			client := sidecarv1.NewDataServiceClient(conn)
			b.SetBytes(benchMessages * benchMessageBytes)
			b.ReportAllocs()
			began := processorTime(b)
			for b.Loop() {
				stream, err := client.Get(b.Context(), &sidecarv1.GetRequest{})
				require.NoError(b, err)
				received := ReceivedGet()
				total := 0
				for {
					err := stream.RecvMsg(received)
					if errors.Is(err, io.EOF) {
						break
					}
					require.NoError(b, err)
					total += len(received.Message.Items[0].GetData())
				}
				received.Free()
				require.Equal(b, benchMessages*benchMessageBytes, total)
			}
			b.ReportMetric((processorTime(b)-began)/float64(b.N)/(benchMessages*benchMessageBytes), "cpu-ns/B")
			require.NoError(b, conn.Close())
			server.Stop()
			require.NoError(b, <-done)
		})
	}
}
