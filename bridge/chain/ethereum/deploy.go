package ethereum

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Genesis is what a new light client trusts.
type Genesis struct {
	Chain         wire.Hash // wire.ChainHash of the chain's id
	Epoch         uint64    // the signer epoch to begin with
	Set           wire.SignerSet
	TrustPeriod   time.Duration  // for how long a signer set is trusted without news; less than the chain's unbonding time
	Recovery      common.Address // who may recover a stale client; zero for nobody
	RecoveryDelay time.Duration
}

// Deployment is where contracts are.
type Deployment struct {
	LightClient common.Address `json:"light_client"`
	Anchor      common.Address `json:"anchor"`
	ChainID     *big.Int       `json:"chain_id"`
}

// Deploy makes the light client and the contract that checks anchors against it. It uses the endpoint, the key and the interval of
// cfg, and returns when blocks have both.
func Deploy(ctx context.Context, cfg Config, g Genesis) (Deployment, error) {
	cfg.Contract = common.Address{1} // there is none yet
	cfg, err := cfg.withDefaults()
	if err != nil {
		return Deployment{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	node, err := ethclient.DialContext(ctx, cfg.URLs[0])
	if err != nil {
		return Deployment{}, fmt.Errorf("failed to reach %s: %w", cfg.Name, err)
	}
	defer node.Close()
	var d Deployment
	if d.ChainID, err = node.ChainID(ctx); err != nil {
		return Deployment{}, fmt.Errorf("failed to read the chain's id: %w", err)
	}
	account := bind.NewKeyedTransactor(cfg.Key, d.ChainID)
	account.Context = ctx
	deploy := func(meta *bind.MetaData, arguments []byte) (common.Address, error) {
		address, tx, err := bind.DeployContract(account, common.FromHex(meta.Bin), node, arguments)
		if err != nil {
			return common.Address{}, fmt.Errorf("failed to deploy %s: %w", meta.ID, err)
		}
		if _, err := bind.WaitDeployed(ctx, node, tx.Hash()); err != nil {
			return common.Address{}, fmt.Errorf("failed to deploy %s: %w", meta.ID, err)
		}
		return address, nil
	}
	client := bindings.NewLightClient().PackConstructor(g.Chain, g.Set.Root(), g.Epoch, uint64(g.TrustPeriod/time.Second), g.Recovery, uint64(g.RecoveryDelay/time.Second))
	if d.LightClient, err = deploy(&bindings.LightClientMetaData, client); err != nil {
		return Deployment{}, err
	}
	d.Anchor, err = deploy(&bindings.AnchorMetaData, bindings.NewAnchor().PackConstructor(d.LightClient))
	return d, err
}
