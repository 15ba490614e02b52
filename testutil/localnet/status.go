package localnet

import (
	"context"
	"fmt"
	"path/filepath"
)

// Status is what `localnet status` tells.
type Status struct {
	Running   bool         `json:"running"`
	Ready     bool         `json:"ready"`
	ChainID   string       `json:"chain_id"`
	Endpoints string       `json:"endpoints"`
	Nodes     []NodeStatus `json:"nodes"`
}

// NodeStatus is the state of one validator.
type NodeStatus struct {
	Name    string `json:"name"`
	Height  int64  `json:"height"`
	Signing bool   `json:"signing"`
	Error   string `json:"error,omitempty"`
}

// GetStatus looks at the network of a folder. A network that is down is no error.
func GetStatus(ctx context.Context, dir string) (*Status, error) {
	status := &Status{Endpoints: filepath.Join(dir, EndpointsFile), Ready: Ready(dir)}
	_, status.Running = supervisor(dir)
	if !status.Running {
		return status, nil
	}
	endpoints, err := ReadEndpoints(dir)
	if err != nil {
		return nil, err
	}
	status.ChainID = endpoints.ChainID
	for _, node := range endpoints.Nodes {
		status.Nodes = append(status.Nodes, nodeStatus(ctx, node))
	}
	return status, nil
}

func nodeStatus(ctx context.Context, node NodeEndpoint) NodeStatus {
	status := NodeStatus{Name: node.Name}
	var err error
	if status.Height, err = Height(ctx, node.RPC); err != nil {
		status.Error = fmt.Sprintf("no answer: %v", err)
		return status
	}
	signers, err := Signers(ctx, node.RPC)
	if err != nil {
		status.Error = err.Error()
		return status
	}
	status.Signing = signers[node.ValidatorAddress]
	return status
}
