package localnet

import (
	"fmt"
	"net"
)

// freePorts returns n distinct ports of 127.0.0.1 that are free for both TCP and UDP. They are held open together
// while being chosen, so that no port is returned twice.
func freePorts(n int) ([]int, error) {
	ports := make([]int, 0, n)
	var held []interface{ Close() error }
	defer func() {
		for _, listener := range held {
			_ = listener.Close()
		}
	}()
	for attempts := 0; len(ports) < n; attempts++ {
		if attempts > 10*n+100 {
			return nil, fmt.Errorf("failed to find %d free ports on 127.0.0.1", n)
		}
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("failed to allocate a TCP port: %w", err)
		}
		held = append(held, tcp)
		port := tcp.Addr().(*net.TCPAddr).Port
		udp, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		held = append(held, udp)
		ports = append(ports, port)
	}
	return ports, nil
}
