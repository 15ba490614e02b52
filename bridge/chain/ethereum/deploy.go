package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
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
	PausePeriod   time.Duration // for how long the guardian may stop the release of value: a minute to 30 days
	PauseCooldown time.Duration // after that until the guardian may again; no shorter than PausePeriod
}

// The bounds of Genesis.PausePeriod: a pause has to be of use, and the gateway takes none that is longer.
const (
	minPause = time.Minute
	maxPause = 30 * 24 * time.Hour
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

// Deployment is where contracts are. What has not been made is zero.
type Deployment struct {
	LightClient common.Address `json:"light_client,omitzero"`
	Anchor      common.Address `json:"anchor,omitzero"`
	Gateway     common.Address `json:"gateway,omitzero"`
	Block       uint64         `json:"block,omitzero"` // of the gateway's deployment: no event of its is in an earlier one
	ChainID     *big.Int       `json:"chain_id"`
}

// Deploy makes the light client, the contract that checks anchors against it, and the gateway. It uses the first endpoint, the key and the
// bound of the fees of cfg, and returns when blocks have all of them. If it fails it returns what has been made so far as well.
func Deploy(ctx context.Context, cfg Config, g Genesis) (d Deployment, err error) {
	if err := g.Validate(); err != nil {
		return Deployment{}, err
	}
	cfg.Contract, cfg.Gateway = common.Address{1}, common.Address{} // there are none yet
	cfg.URLs = cfg.URLs[:min(1, len(cfg.URLs))]
	c, err := New(ctx, cfg)
	if err != nil {
		return Deployment{}, err
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if d.ChainID, err = c.nodes[0].ChainID(ctx); err != nil {
		return d, fmt.Errorf("failed to read the chain's id: %s: %w", c.nodes[0].host, endpoints.Plain(err))
	}
	client := bindings.NewLightClient().PackConstructor(
		g.Chain, g.Set.Root(), g.Epoch, seconds(g.TrustPeriod), g.Recovery, seconds(g.RecoveryDelay))
	if d.LightClient, _, err = c.deploy(ctx, d.ChainID, &bindings.LightClientMetaData, client); err != nil {
		return d, err
	}
	if d.Anchor, _, err = c.deploy(ctx, d.ChainID, &bindings.AnchorMetaData, bindings.NewAnchor().PackConstructor(d.LightClient)); err != nil {
		return d, err
	}
	gateway := bindings.NewGateway().PackConstructor(d.LightClient, uint32(g.Domain), seconds(g.PausePeriod), seconds(g.PauseCooldown))
	d.Gateway, d.Block, err = c.deploy(ctx, d.ChainID, &bindings.GatewayMetaData, gateway)
	return d, err
}

// deploy makes a contract, and returns its address and the block that has it.
func (c *Client) deploy(ctx context.Context, chain *big.Int, meta *bind.MetaData, arguments []byte) (common.Address, uint64, error) {
	node := c.nodes[0]
	failed := func(err error) (common.Address, uint64, error) {
		return common.Address{}, 0, fmt.Errorf("failed to deploy %s: %s: %w", meta.ID, node.host, endpoints.Plain(err))
	}
	price, err := c.suggest(ctx)
	if err != nil {
		return failed(err)
	}
	if _, above := c.bound(price); above {
		return failed(c.tooHigh())
	}
	account := bind.NewKeyedTransactor(c.cfg.Key, chain)
	account.Context, account.GasTipCap, account.GasFeeCap = ctx, price.tip, price.cap
	address, tx, err := bind.DeployContract(account, common.FromHex(meta.Bin), node, arguments)
	if err != nil {
		return failed(err)
	}
	receipt, err := bind.WaitMined(ctx, node, tx.Hash())
	switch {
	case err != nil:
		return failed(fmt.Errorf("transaction %s: %w", tx.Hash(), endpoints.Plain(err)))
	case receipt.Status != types.ReceiptStatusSuccessful:
		return failed(fmt.Errorf("transaction %s was reverted", tx.Hash()))
	}
	return address, receipt.BlockNumber.Uint64(), nil
}

func seconds(d time.Duration) uint64 { return uint64(d / time.Second) }
