package demo

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/cosmos/cosmos-sdk/types/bech32"
	"github.com/ethereum/go-ethereum/common"

	"github.com/ipdm-network/ipdm/testutil/localnet"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

const nativeDenom = "aipdm"

var (
	amountOut  = new(big.Int).Mul(big.NewInt(5), big.NewInt(1e18)) // 5 IPDM
	amountBack = new(big.Int).Mul(big.NewInt(2), big.NewInt(1e18))
)

// tokensEthereum sends value to an account on Ethereum, where the gateway mints it, and a part of it back.
func (s *story) tokensEthereum(ctx context.Context) (Figures, error) {
	if s.network.Bridge() == nil {
		return withoutNode, nil
	}
	user, err := s.network.EthereumUser(ctx, 1)
	if err != nil {
		return nil, err
	}
	defer user.Close()
	client := s.network.Endpoints().Client.Key
	began := time.Now()
	sent, err := s.network.Tx(ctx, client, "bridge", "send", strconv.Itoa(localnet.EthereumDomain), user.Address.Hex(), amountOut.String()+nativeDenom)
	if err != nil {
		return nil, err
	}
	nonce := sent.Attribute("ipdm.bridge.v1.EventMessageSent", "nonce")
	asset := wire.AssetID(0, wire.DenomToken(nativeDenom))
	err = until(ctx, func() error { return hasTokens(ctx, user, asset, amountOut) })
	figures := Figures{"message": nonce, "out_seconds": round(seconds(began))}
	if err != nil {
		return figures, err
	}
	began = time.Now()
	if err := s.sendBack(ctx, user, asset, client.Address); err != nil {
		return figures, err
	}
	figures["back_seconds"] = round(seconds(began))
	return figures, until(ctx, func() error { return s.isDelivered(ctx, nonce) })
}

// sendBack sends value from Ethereum to an account, and waits until it is there.
func (s *story) sendBack(ctx context.Context, user *localnet.EthereumUser, asset wire.Hash, recipient string) error {
	before, err := s.network.Balance(ctx, recipient, nativeDenom)
	if err != nil {
		return err
	}
	_, address, err := bech32.DecodeAndConvert(recipient)
	if err != nil {
		return fmt.Errorf("failed to decode an address: %w", err)
	}
	if _, err := user.Send(ctx, asset, amountBack, address); err != nil {
		return err
	}
	return until(ctx, func() error {
		has, err := s.network.Balance(ctx, recipient, nativeDenom)
		if err == nil && has.Cmp(new(big.Int).Add(before, amountBack)) < 0 {
			err = fmt.Errorf("%s has %s, had %s before", recipient, has, before)
		}
		return err
	})
}

// hasTokens fails unless a user has so much of an asset on Ethereum.
func hasTokens(ctx context.Context, user *localnet.EthereumUser, asset wire.Hash, amount *big.Int) error {
	token, err := user.Token(ctx, asset)
	if err != nil {
		return err
	}
	if token == (common.Address{}) {
		return errors.New("the gateway has not heard of the asset yet")
	}
	balance, err := user.Balance(ctx, token, user.Address)
	if err == nil && balance.Cmp(amount) != 0 {
		err = fmt.Errorf("%s has %s on Ethereum, not %s", user.Address, balance, amount)
	}
	return err
}

// isDelivered fails unless the chain knows that a message was delivered.
func (s *story) isDelivered(ctx context.Context, nonce string) error {
	var status struct {
		State  string `json:"state"`
		Reason string `json:"reason"`
	}
	err := s.network.Get(ctx, &status, "/ipdm/bridge/v1/status/"+nonce)
	if err == nil && status.State != "delivered" {
		err = fmt.Errorf("message %s is %s: %s", nonce, status.State, status.Reason)
	}
	return err
}
