package localnet

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"
)

// pollInterval is how often a condition of the running network is looked at.
const pollInterval = 100 * time.Millisecond

// A Network is a running localnet. Close stops every process of it.
type Network struct {
	opts      Options
	endpoints *Endpoints

	// Validators, Sidecars and Client are the processes; validator i and data node i belong together.
	Validators []*Process
	Sidecars   []*Process
	Client     *Process
	extras     []*Process // started by StartExtra, guarded by writeMu
	bridge     *Bridge    // nil without Options.Bridge, and before WaitReady

	writeMu sync.Mutex // serialises writes of endpoints.json, and guards extras
}

// Start sets up a network and starts its processes; it returns without waiting until they answer. When it fails,
// nothing is left running.
func Start(ctx context.Context, o Options) (*Network, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	if err := claimDir(o.Dir); err != nil {
		return nil, err
	}
	return start(ctx, o)
}

// start does the work of Start in a folder that is claimed already.
func start(ctx context.Context, o Options) (*Network, error) {
	plan, err := newPlan(o.Validators)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(o.Log, "setting up %d validators in %s\n", o.Validators, o.Dir)
	endpoints, err := setup(ctx, o, plan)
	if err != nil {
		return nil, err
	}
	n := &Network{opts: o, endpoints: endpoints}
	for i, node := range endpoints.Nodes {
		n.Validators = append(n.Validators, n.process(fmt.Sprintf("validator-%d", i), "ipdmd", "start", "--home", node.Home))
		n.Sidecars = append(n.Sidecars, n.process(fmt.Sprintf("sidecar-%d", i), "ipdm", "daemon", "--home", node.Sidecar.Home))
	}
	n.Client = n.process("client", "ipdm", "daemon", "--home", endpoints.Client.Home)
	for _, p := range n.Processes() {
		if err := p.Start(); err != nil {
			return nil, errors.Join(err, n.Close())
		}
	}
	if err := n.WriteEndpoints(); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

func (n *Network) process(name, binary string, args ...string) *Process {
	return &Process{
		name:    name,
		path:    filepath.Join(n.opts.BinDir, binary),
		args:    args,
		logPath: filepath.Join(n.opts.Dir, "logs", name+".log"),
	}
}

// Processes returns all processes: validators, data nodes, then the client and what StartExtra started.
func (n *Network) Processes() []*Process {
	all := append([]*Process{}, n.Validators...)
	all = append(all, n.Sidecars...)
	all = append(all, n.Client)
	n.writeMu.Lock()
	defer n.writeMu.Unlock()
	return append(all, n.extras...)
}

// StartExtra starts another program of the network's folder of binaries, which is stopped with the network.
func (n *Network) StartExtra(name, binary string, args ...string) (*Process, error) {
	p := n.process(name, binary, args...)
	if err := p.Start(); err != nil {
		return nil, err
	}
	n.writeMu.Lock()
	defer n.writeMu.Unlock()
	n.extras = append(n.extras, p)
	return p, nil
}

// ProviderHome makes the home of one more storage provider, which follows the first validator, and gives it funds from the faucet. It
// returns the provider's account.
func (n *Network) ProviderHome(ctx context.Context, home string, fundsAIPDM string, args ...string) (address string, err error) {
	first := n.endpoints.Nodes[0]
	var made struct {
		ProviderAddress string `json:"provider_address"`
	}
	args = append([]string{
		"init", "--json", "--home", home, "--network", n.endpoints.ChainID, "--chain-id", n.endpoints.ChainID,
		"--keyring-backend", keyringBackend, "--mdns=false", "--chain-grpc", first.GRPC, "--provider",
		"--listen", "/ip4/127.0.0.1/udp/0/quic-v1", "--listen", "/ip4/127.0.0.1/tcp/0", "--bootstrap", first.Sidecar.Multiaddrs[0],
		"--seal-batch-wait", "0s",
	}, args...)
	if err := runJSON(ctx, &made, n.Binary("ipdm"), args...); err != nil {
		return "", err
	}
	faucet := n.endpoints.FaucetKey
	_, err = run(ctx, n.Binary("ipdmd"), "tx", "bank", "send", faucet.Name, made.ProviderAddress, fundsAIPDM+"aipdm", "--yes",
		"--chain-id", n.endpoints.ChainID, "--node", first.RPC, "--keyring-dir", faucet.KeyringDir, "--keyring-backend", faucet.KeyringBackend,
		"--gas", "300000", "--output", "json", "--home", filepath.Join(n.opts.Dir, "chain"))
	return made.ProviderAddress, err
}

// Query runs `ipdmd query` against the first validator and decodes its answer.
func (n *Network) Query(ctx context.Context, into any, args ...string) error {
	args = append(append([]string{"query"}, args...), "--node", n.endpoints.Nodes[0].RPC, "--output", "json",
		"--home", filepath.Join(n.opts.Dir, "chain"))
	return runJSON(ctx, into, n.Binary("ipdmd"), args...)
}

// Process returns the process of a name, such as "validator-0", "sidecar-3" or "client".
func (n *Network) Process(name string) (*Process, error) {
	for _, p := range n.Processes() {
		if p.name == name {
			return p, nil
		}
	}
	return nil, fmt.Errorf("no process is called %q", name)
}

// Dir returns the network's folder.
func (n *Network) Dir() string { return n.opts.Dir }

// Binary returns the path of one of the programs the network runs.
func (n *Network) Binary(name string) string { return filepath.Join(n.opts.BinDir, name) }

// Endpoints returns what runs where.
func (n *Network) Endpoints() *Endpoints { return n.endpoints }

// WriteEndpoints writes endpoints.json anew with the current process ids.
func (n *Network) WriteEndpoints() error {
	n.writeMu.Lock()
	defer n.writeMu.Unlock()
	current := *n.endpoints
	current.Nodes = append([]NodeEndpoint{}, n.endpoints.Nodes...)
	for i := range current.Nodes {
		current.Nodes[i].Pids = map[string]int{"ipdmd": n.Validators[i].Pid(), "ipdm": n.Sidecars[i].Pid()}
	}
	current.Client.Pids = map[string]int{"ipdm": n.Client.Pid()}
	if current.Relayer != nil {
		current.Relayer = &RelayerEndpoint{Config: current.Relayer.Config, Pids: map[string]int{"ipdm-relayer": n.bridge.Relayer.Pid()}}
	}
	return current.write(n.opts.Dir)
}

// WaitReady waits until every validator signs and every data node answers and, as provider, is registered. Then it starts the bridge,
// if the network is to have one. It fails early when a process ends.
func (n *Network) WaitReady(ctx context.Context) error {
	fmt.Fprintln(n.opts.Log, "waiting until every validator signs")
	if err := n.waitFor(ctx, "every validator to sign", n.allSign); err != nil {
		return err
	}
	fmt.Fprintln(n.opts.Log, "waiting until every data node answers and is a registered provider")
	if err := n.waitFor(ctx, "every data node to answer", n.allAnswer); err != nil {
		return err
	}
	if n.opts.Bridge && n.bridge == nil {
		return n.StartBridge(ctx)
	}
	return nil
}

// waitFor polls a condition until it holds; the last error of the condition explains a timeout. It fails early when a process ends.
func (n *Network) waitFor(ctx context.Context, what string, condition func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	return poll(ctx, what, func(ctx context.Context) error {
		err := condition(ctx)
		if err == nil {
			return nil
		}
		for _, p := range n.Processes() {
			select {
			case <-p.Done():
				cancel(fmt.Errorf("%s ended while waiting for %s; its log: %s\n%s", p.name, what, p.logPath, tail(p.logPath)))
			default:
			}
		}
		return err
	})
}

// poll looks at a condition until it holds or ctx is done; its last error explains that.
func poll(ctx context.Context, what string, condition func(context.Context) error) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		err := condition(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("gave up waiting for %s: %w (last: %w)", what, context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}

func (n *Network) allSign(ctx context.Context) error {
	signers, err := Signers(ctx, n.endpoints.Nodes[0].RPC)
	if err != nil {
		return err
	}
	for _, node := range n.endpoints.Nodes {
		if !signers[node.ValidatorAddress] {
			return fmt.Errorf("%s has signed none of the latest blocks", node.Name)
		}
	}
	return nil
}

func (n *Network) allAnswer(ctx context.Context) error {
	for _, node := range n.endpoints.Nodes {
		var status struct {
			Registered bool `json:"registered"`
		}
		if err := n.IPDM(ctx, node.Sidecar.Home, &status, "provider", "status"); err != nil {
			return err
		}
		if !status.Registered {
			return fmt.Errorf("the provider of %s is not registered yet", node.Name)
		}
	}
	var id struct {
		PeerID string `json:"peer_id"`
	}
	return n.IPDM(ctx, n.endpoints.Client.Home, &id, "id")
}

// IPDM runs the ipdm command line with --json against the data node of a home and decodes its answer.
func (n *Network) IPDM(ctx context.Context, home string, into any, args ...string) error {
	return runJSON(ctx, into, n.Binary("ipdm"), append(args, "--home", home, "--json")...)
}

// Run runs the ipdm command line against the data node of a home and returns its output.
func (n *Network) Run(ctx context.Context, home string, args ...string) ([]byte, error) {
	return run(ctx, n.Binary("ipdm"), append(args, "--home", home)...)
}

// Close stops the bridge and every process, data nodes first, all at once within a layer. It returns the errors of those that had to
// be killed.
func (n *Network) Close() error {
	n.writeMu.Lock()
	extras := append([]*Process{}, n.extras...)
	n.writeMu.Unlock()
	return errors.Join(n.StopBridge(), stopAll(append(extras, append([]*Process{n.Client}, n.Sidecars...)...)), stopAll(n.Validators))
}

func stopAll(processes []*Process) error {
	errs := make([]error, len(processes))
	var wg sync.WaitGroup
	for i, p := range processes {
		if p != nil {
			wg.Go(func() { errs[i] = p.Stop() })
		}
	}
	wg.Wait()
	return errors.Join(errs...)
}
