package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// Genesis is what a new light client trusts, and how its gateway begins.
type Genesis struct {
	Chain         wire.Hash // wire.ChainHash of the chain's id
	Epoch         uint64    // the signer epoch to begin with
	Set           wire.SignerSet
	TrustPeriod   time.Duration  // for how long a signer set is trusted without news; less than the chain's unbonding time
	Recovery      common.Address // who may recover a stale client; zero for nobody
	RecoveryDelay time.Duration
	Domain        wire.Domain   // the number that IPDM gives to the chain, not 0
	PausePeriod   time.Duration // for how long the guardian may stop the release of value: a minute to a week
	PauseCooldown time.Duration // after that until the guardian may again; no shorter than PausePeriod
}

// The bounds of Genesis.PausePeriod: a pause has to be of use, and must not keep value for good.
const (
	minPause = time.Minute
	maxPause = 7 * 24 * time.Hour
)

// Validate fails if the settings of the gateway are out of bounds.
func (g Genesis) Validate() error {
	switch {
	case g.Domain == 0:
		return errors.New("domain 0 is IPDM itself: another chain has another number")
	case g.PausePeriod < minPause || g.PausePeriod > maxPause:
		return fmt.Errorf("a pause of %s: %s to %s expected", g.PausePeriod, minPause, maxPause)
	case g.PauseCooldown < g.PausePeriod:
		return fmt.Errorf("a cool-down of %s: no less than the pause of %s expected", g.PauseCooldown, g.PausePeriod)
	}
	return nil
}

// Deployment is where contracts are.
type Deployment struct {
	LightClient common.Address `json:"light_client"`
	Anchor      common.Address `json:"anchor"`
	Gateway     common.Address `json:"gateway"`
	Block       uint64         `json:"block"` // of the gateway's deployment: no event of its is in an earlier one
	ChainID     *big.Int       `json:"chain_id"`
}

// Deploy makes the light client, the contract that checks anchors against it, and the gateway. It uses the first endpoint and the key of
// cfg, and returns when blocks have all of them.
func Deploy(ctx context.Context, cfg Config, g Genesis) (Deployment, error) {
	if err := g.Validate(); err != nil {
		return Deployment{}, err
	}
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
	deploy := func(meta *bind.MetaData, arguments []byte) (common.Address, uint64, error) {
		address, tx, err := bind.DeployContract(account, common.FromHex(meta.Bin), node, arguments)
		if err != nil {
			return common.Address{}, 0, fmt.Errorf("failed to deploy %s: %w", meta.ID, err)
		}
		if _, err := bind.WaitDeployed(ctx, node, tx.Hash()); err != nil {
			return common.Address{}, 0, fmt.Errorf("failed to deploy %s: %w", meta.ID, err)
		}
		receipt, err := node.TransactionReceipt(ctx, tx.Hash())
		if err != nil {
			return common.Address{}, 0, fmt.Errorf("failed to read which block has %s: %w", meta.ID, err)
		}
		return address, receipt.BlockNumber.Uint64(), nil
	}
	client := bindings.NewLightClient().PackConstructor(g.Chain, g.Set.Root(), g.Epoch, seconds(g.TrustPeriod), g.Recovery, seconds(g.RecoveryDelay))
	if d.LightClient, _, err = deploy(&bindings.LightClientMetaData, client); err != nil {
		return Deployment{}, err
	}
	if d.Anchor, _, err = deploy(&bindings.AnchorMetaData, bindings.NewAnchor().PackConstructor(d.LightClient)); err != nil {
		return Deployment{}, err
	}
	gateway := bindings.NewGateway().PackConstructor(d.LightClient, uint32(g.Domain), seconds(g.PausePeriod), seconds(g.PauseCooldown))
	if d.Gateway, d.Block, err = deploy(&bindings.GatewayMetaData, gateway); err != nil {
		return Deployment{}, err
	}
	return d, nil
}

func seconds(d time.Duration) uint64 { return uint64(d / time.Second) }
