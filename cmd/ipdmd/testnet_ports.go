package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// nodePorts are the TCP ports of the services of one node.
type nodePorts struct {
	P2P        uint16 `json:"p2p"`
	RPC        uint16 `json:"rpc"`
	GRPC       uint16 `json:"grpc"`
	REST       uint16 `json:"rest"`
	Prometheus uint16 `json:"prometheus"`
	Pprof      uint16 `json:"pprof"`
}

// portsPerNode is the distance of the ports of one node from those of the next.
const portsPerNode = 10

// countPorts gives each node its own ports, counted up from first.
func countPorts(first uint16, nodes int) ([]nodePorts, error) {
	if int(first)+nodes*portsPerNode > math.MaxUint16 {
		return nil, fmt.Errorf("%d nodes do not fit into the ports from %d on", nodes, first)
	}
	ports := make([]nodePorts, nodes)
	for i := range ports {
		base := first + uint16(i*portsPerNode)
		ports[i] = nodePorts{P2P: base, RPC: base + 1, GRPC: base + 2, REST: base + 3, Prometheus: base + 4, Pprof: base + 5}
	}
	return ports, nil
}

// readPorts reads the ports of all nodes from a file.
func readPorts(file string, nodes int) ([]nodePorts, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("failed to read the ports: %w", err)
	}
	var ports []nodePorts
	if err := json.Unmarshal(raw, &ports); err != nil {
		return nil, fmt.Errorf("failed to parse the ports in %s: %w", file, err)
	}
	if len(ports) != nodes {
		return nil, fmt.Errorf("%s has the ports of %d nodes, expected %d", file, len(ports), nodes)
	}

	used := make(map[uint16]bool)
	for i, p := range ports {
		for _, port := range []uint16{p.P2P, p.RPC, p.GRPC, p.REST, p.Prometheus, p.Pprof} {
			if port == 0 || used[port] {
				return nil, fmt.Errorf("%s: node %d has port %d, which is zero or used twice", file, i, port)
			}
			used[port] = true
		}
	}
	return ports, nil
}
