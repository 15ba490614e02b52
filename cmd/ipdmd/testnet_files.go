package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	cmtcfg "github.com/cometbft/cometbft/config"

	evmhd "github.com/cosmos/evm/crypto/hd"

	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/client/tx"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	"github.com/cosmos/cosmos-sdk/x/genutil"
	genutiltypes "github.com/cosmos/cosmos-sdk/x/genutil/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"github.com/ipdm-network/ipdm/app"
	"github.com/ipdm-network/ipdm/app/params"
	beacontypes "github.com/ipdm-network/ipdm/x/beacon/types"
	bridgetypes "github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// maxValidators is the largest network that init-files makes.
const maxValidators = 100

// networkPlan says what network to prepare.
type networkPlan struct {
	validators     int
	outputDir      string
	nodePrefix     string
	chainID        string
	host           string
	ports          []nodePorts // one for each validator
	sidecars       []string    // the API address of each validator's data node, or none at all
	profile        profile
	keyringBackend string
	validatorIPDM  int64
	stakeIPDM      int64
	funded         []funding
	faucet         bool
	faucetIPDM     int64
	genesisPatch   map[string]any
}

// validatorNode is a node that is being prepared.
type validatorNode struct {
	index        int
	name         string
	home         string
	config       *cmtcfg.Config
	ports        nodePorts
	id           string
	consensusKey cryptotypes.PubKey
	beaconKey    []byte // public
	bridgeSigner wire.Address
	account      sdk.AccAddress
	genesisTx    json.RawMessage
}

// writeNetwork writes the home directories of a network and returns what scripts
// need to know about it.
func writeNetwork(lender *app.App, plan networkPlan) (summary, error) {
	if err := plan.validate(); err != nil {
		return summary{}, err
	}
	out := summary{ChainID: plan.chainID}
	funds := plan.funded

	nodes := make([]*validatorNode, plan.validators)
	for i := range nodes {
		node, err := newValidatorNode(lender, plan, i)
		if err != nil {
			return summary{}, fmt.Errorf("failed to prepare node %d: %w", i, err)
		}
		nodes[i] = node
		funds = append(funds, funding{address: node.account, coins: sdk.NewCoins(params.IPDM(plan.validatorIPDM))})
		out.Nodes = append(out.Nodes, nodeSummary{
			Name:             node.name,
			Home:             node.home,
			NodeID:           node.id,
			ValidatorAddress: sdk.ValAddress(node.account).String(),
			ConsensusAddress: sdk.ConsAddress(node.consensusKey.Address()).String(),
			AccountAddress:   node.account.String(),
			KeyName:          node.name,
			Ports:            node.ports,
		})
	}

	if plan.faucet {
		key, address, err := newFaucet(lender, plan)
		if err != nil {
			return summary{}, err
		}
		funds = append(funds, funding{address: address, coins: sdk.NewCoins(params.IPDM(plan.faucetIPDM))})
		out.Faucet = &key
	}

	genesis, err := newGenesis(lender, plan, nodes, funds)
	if err != nil {
		return summary{}, err
	}
	for _, node := range nodes {
		if err := node.writeFiles(plan, nodes, genesis); err != nil {
			return summary{}, fmt.Errorf("failed to write the files of %s: %w", node.name, err)
		}
	}
	return out, nil
}

// newValidatorNode makes the keys of a node and its genesis transaction.
func newValidatorNode(lender *app.App, plan networkPlan, index int) (*validatorNode, error) {
	name := fmt.Sprintf("%s%d", plan.nodePrefix, index)
	home, err := filepath.Abs(filepath.Join(plan.outputDir, name))
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(home); err == nil {
		return nil, fmt.Errorf("%s exists already: choose another --output-dir or remove it", home)
	}
	for _, dir := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(home, dir), 0o755); err != nil {
			return nil, err
		}
	}

	node := &validatorNode{index: index, name: name, home: home, ports: plan.ports[index], config: plan.profile.cometConfig()}
	node.config.SetRoot(home)
	node.config.Moniker = name
	if node.id, node.consensusKey, err = genutil.InitializeNodeValidatorFiles(node.config); err != nil {
		return nil, fmt.Errorf("failed to make the node keys: %w", err)
	}

	ring, err := beaconKind.add(home)
	if err != nil {
		return nil, err
	}
	node.beaconKey = ring.Newest().Public()
	bridge, err := bridgeKind.add(home)
	if err != nil {
		return nil, err
	}
	node.bridgeSigner = wire.AddressOf(&bridge.Newest().PublicKey)

	keys, err := openKeyring(lender, plan.keyringBackend, home)
	if err != nil {
		return nil, err
	}
	if node.account, err = newAccount(keys, name, home); err != nil {
		return nil, err
	}
	node.genesisTx, err = newGenesisTx(lender, plan, keys, node)
	return node, err
}

// newGenesisTx makes the transaction by which a node becomes a validator.
func newGenesisTx(lender *app.App, plan networkPlan, keys keyring.Keyring, node *validatorNode) (json.RawMessage, error) {
	msg, err := stakingtypes.NewMsgCreateValidator(
		sdk.ValAddress(node.account).String(),
		node.consensusKey,
		params.IPDM(plan.stakeIPDM),
		stakingtypes.NewDescription(node.name, "", "", "", ""),
		stakingtypes.NewCommissionRates(sdkmath.LegacyNewDecWithPrec(5, 2), sdkmath.LegacyNewDecWithPrec(20, 2), sdkmath.LegacyNewDecWithPrec(1, 2)),
		sdkmath.OneInt(),
	)
	if err != nil {
		return nil, fmt.Errorf("failed to make the validator message: %w", err)
	}

	txConfig := lender.Encoding.TxConfig
	builder := txConfig.NewTxBuilder()
	if err := builder.SetMsgs(msg); err != nil {
		return nil, fmt.Errorf("failed to set the validator message: %w", err)
	}
	builder.SetGasLimit(genesisTxGas)
	builder.SetMemo(node.peerAddress(plan.host))

	factory := tx.Factory{}.WithChainID(plan.chainID).WithKeybase(keys).WithTxConfig(txConfig)
	if err := tx.Sign(context.Background(), factory, node.name, builder, true); err != nil {
		return nil, fmt.Errorf("failed to sign the genesis transaction: %w", err)
	}
	raw, err := txConfig.TxJSONEncoder()(builder.GetTx())
	if err != nil {
		return nil, fmt.Errorf("failed to encode the genesis transaction: %w", err)
	}
	return raw, nil
}

// genesisTxGas is more than the creation of a validator takes.
const genesisTxGas = 1_000_000

// newGenesis makes the genesis of the network.
func newGenesis(lender *app.App, plan networkPlan, nodes []*validatorNode, funds []funding) (*genutiltypes.AppGenesis, error) {
	cdc, state := lender.Encoding.Codec, lender.DefaultGenesis()

	var auth authtypes.GenesisState
	cdc.MustUnmarshalJSON(state[authtypes.ModuleName], &auth)
	bank := banktypes.GetGenesisStateFromAppState(cdc, state)
	accounts := make(authtypes.GenesisAccounts, 0, len(funds))
	seen := make(map[string]bool, len(funds))
	for _, f := range funds {
		if seen[f.address.String()] {
			return nil, fmt.Errorf("account %s is funded twice", f.address)
		}
		seen[f.address.String()] = true
		accounts = append(accounts, authtypes.NewBaseAccountWithAddress(f.address))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: f.address.String(), Coins: f.coins})
		bank.Supply = bank.Supply.Add(f.coins...)
	}
	packed, err := authtypes.PackAccounts(accounts)
	if err != nil {
		return nil, fmt.Errorf("failed to encode the accounts: %w", err)
	}
	auth.Accounts = packed
	bank.Balances = banktypes.SanitizeGenesisBalances(bank.Balances)
	state[authtypes.ModuleName] = cdc.MustMarshalJSON(&auth)
	state[banktypes.ModuleName] = cdc.MustMarshalJSON(bank)

	txs := make([]json.RawMessage, 0, len(nodes))
	for _, node := range nodes {
		txs = append(txs, node.genesisTx)
	}
	state[genutiltypes.ModuleName] = cdc.MustMarshalJSON(genutiltypes.NewGenesisState(txs))
	state[beacontypes.ModuleName] = cdc.MustMarshalJSON(beaconGenesis(nodes, plan.profile))
	state[bridgetypes.ModuleName] = cdc.MustMarshalJSON(bridgeGenesis(nodes, plan.profile))

	raw, err := patchedState(state, plan.genesisPatch)
	if err != nil {
		return nil, err
	}
	var patched app.GenesisState
	if err := json.Unmarshal(raw, &patched); err != nil {
		return nil, fmt.Errorf("failed to parse the patched genesis: %w", err)
	}
	if err := lender.Basics().ValidateGenesis(cdc, lender.Encoding.TxConfig, patched); err != nil {
		return nil, fmt.Errorf("genesis is not valid: %w", err)
	}

	genesis := genutiltypes.NewAppGenesisWithVersion(plan.chainID, raw)
	genesis.AppName = params.AppName
	genesis.GenesisTime = time.Now().UTC()
	genesis.Consensus.Params = app.DefaultConsensusParams()
	if err := genesis.ValidateAndComplete(); err != nil {
		return nil, fmt.Errorf("genesis is not valid: %w", err)
	}
	return genesis, nil
}

// bridgeGenesis lets every validator sign checkpoints from the first one on.
func bridgeGenesis(nodes []*validatorNode, p profile) *bridgetypes.GenesisState {
	state := bridgetypes.DefaultGenesis()
	state.Params = p.bridge
	for _, node := range nodes {
		state.Keys = append(state.Keys, bridgetypes.SignerKey{
			ConsensusAddress: sdk.ConsAddress(node.consensusKey.Address()).String(), Address: node.bridgeSigner.String(),
		})
	}
	slices.SortFunc(state.Keys, func(a, b bridgetypes.SignerKey) int { return strings.Compare(a.ConsensusAddress, b.ConsensusAddress) })
	return state
}

// beaconGenesis lets every validator prove the chain's randomness from the first block on.
func beaconGenesis(nodes []*validatorNode, p profile) *beacontypes.GenesisState {
	state := beacontypes.DefaultGenesis()
	state.Params = p.beacon
	for _, node := range nodes {
		state.Keys = append(state.Keys, beacontypes.Key{
			ConsensusAddress: sdk.ConsAddress(node.consensusKey.Address()).String(), PublicKey: node.beaconKey,
		})
	}
	slices.SortFunc(state.Keys, func(a, b beacontypes.Key) int { return strings.Compare(a.ConsensusAddress, b.ConsensusAddress) })
	return state
}

// patchedState encodes the genesis state with a merge patch applied.
func patchedState(state app.GenesisState, patch map[string]any) (json.RawMessage, error) {
	raw, err := json.Marshal(state)
	if err != nil {
		return nil, fmt.Errorf("failed to encode the genesis state: %w", err)
	}
	if len(patch) == 0 {
		return raw, nil
	}
	var tree map[string]any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("failed to parse the genesis state: %w", err)
	}
	for name := range patch {
		if _, ok := tree[name]; !ok {
			return nil, fmt.Errorf("the genesis patch names the module %q, which does not exist", name)
		}
	}
	if raw, err = json.Marshal(mergePatch(tree, patch)); err != nil {
		return nil, fmt.Errorf("failed to encode the patched genesis state: %w", err)
	}
	return raw, nil
}

// peerAddress is where other nodes find this one.
func (n *validatorNode) peerAddress(host string) string {
	return fmt.Sprintf("%s@%s:%d", n.id, host, n.ports.P2P)
}

// writeFiles writes the genesis and the configuration of a node.
func (n *validatorNode) writeFiles(plan networkPlan, all []*validatorNode, genesis *genutiltypes.AppGenesis) error {
	if err := genutil.ExportGenesisFile(genesis, n.config.GenesisFile()); err != nil {
		return err
	}

	peers := make([]string, 0, len(all)-1)
	for _, other := range all {
		if other != n {
			peers = append(peers, other.peerAddress(plan.host))
		}
	}
	address := func(port uint16) string { return fmt.Sprintf("%s:%d", plan.host, port) }
	n.config.P2P.ListenAddress = "tcp://" + address(n.ports.P2P)
	n.config.P2P.PersistentPeers = strings.Join(peers, ",")
	n.config.P2P.AllowDuplicateIP = true
	n.config.P2P.AddrBookStrict = false
	n.config.RPC.ListenAddress = "tcp://" + address(n.ports.RPC)
	n.config.RPC.PprofListenAddress = address(n.ports.Pprof)
	n.config.Instrumentation.PrometheusListenAddr = address(n.ports.Prometheus)
	cmtcfg.WriteConfigFile(filepath.Join(n.home, "config", "config.toml"), n.config)

	cfg, err := plan.profile.appConfig()
	if err != nil {
		return err
	}
	cfg.API.Address = "tcp://" + address(n.ports.REST)
	cfg.GRPC.Address = address(n.ports.GRPC)
	if len(plan.sidecars) > 0 {
		cfg.Sidecar.Address = plan.sidecars[n.index]
	}
	cfg.write(filepath.Join(n.home, "config", "app.toml"))

	return writeClientConfig(n.home, clientConfig{
		chainID:        plan.chainID,
		keyringBackend: plan.keyringBackend,
		node:           n.config.RPC.ListenAddress,
	})
}

// openKeyring opens the keyring of a home directory.
func openKeyring(lender *app.App, backend, home string) (keyring.Keyring, error) {
	keys, err := keyring.New(binaryName, backend, home, os.Stdin, lender.Encoding.Codec, evmhd.EthSecp256k1Option())
	if err != nil {
		return nil, fmt.Errorf("failed to open the keyring: %w", err)
	}
	return keys, nil
}

// newAccount makes a key and writes its mnemonic next to the configuration.
func newAccount(keys keyring.Keyring, name, home string) (sdk.AccAddress, error) {
	record, mnemonic, err := keys.NewMnemonic(name, keyring.English, params.FullHDPath(0), keyring.DefaultBIP39Passphrase, evmhd.EthSecp256k1)
	if err != nil {
		return nil, fmt.Errorf("failed to make the key %s: %w", name, err)
	}
	if err := os.WriteFile(filepath.Join(home, "mnemonic.txt"), []byte(mnemonic+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("failed to write the mnemonic: %w", err)
	}
	return record.GetAddress()
}

// newFaucet makes the home directory of the faucet key.
func newFaucet(lender *app.App, plan networkPlan) (keySummary, sdk.AccAddress, error) {
	const name = "faucet"
	home, err := filepath.Abs(filepath.Join(plan.outputDir, name))
	if err != nil {
		return keySummary{}, nil, err
	}
	if err := os.MkdirAll(filepath.Join(home, "config"), 0o755); err != nil {
		return keySummary{}, nil, fmt.Errorf("failed to make the home of the faucet: %w", err)
	}
	keys, err := openKeyring(lender, plan.keyringBackend, home)
	if err != nil {
		return keySummary{}, nil, err
	}
	address, err := newAccount(keys, name, home)
	if err != nil {
		return keySummary{}, nil, err
	}
	err = writeClientConfig(home, clientConfig{
		chainID:        plan.chainID,
		keyringBackend: plan.keyringBackend,
		node:           fmt.Sprintf("tcp://%s:%d", plan.host, plan.ports[0].RPC),
	})
	return keySummary{Name: name, Home: home, Address: address.String()}, address, err
}
