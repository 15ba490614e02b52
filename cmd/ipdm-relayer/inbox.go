package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/ipdm-network/ipdm/bridge/chain/ipdm"
	"github.com/ipdm-network/ipdm/bridge/relayer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/chain"
	"github.com/ipdm-network/ipdm/x/bridge/types"
	"github.com/ipdm-network/ipdm/x/bridge/wire"
)

// inbox hands events in with transactions of an account on the chain. It is safe for concurrent use.
type inbox struct {
	*ipdm.Client
	conn   *chain.Client
	signer *chain.Signer
}

var _ relayer.Inbox = (*inbox)(nil)

// openInbox makes the inbox of the account that the settings name. Close it after use.
func openInbox(cfg chainConfig, source *ipdm.Client, log *slog.Logger) (*inbox, error) {
	settings := chain.DefaultConfig("", cfg.GRPC...)
	if cfg.GasPrice != "" {
		settings.GasPrice = cfg.GasPrice
	}
	conn, err := chain.New(settings, log)
	if err != nil {
		return nil, err
	}
	signer, err := openSigner(cfg, conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &inbox{Client: source, conn: conn, signer: signer}, nil
}

func openSigner(cfg chainConfig, conn *chain.Client) (*chain.Signer, error) {
	keys, err := chain.OpenKeyring(cfg.KeyringDir, cfg.backend(), os.Stdin, conn.Encoding())
	if err != nil {
		return nil, err
	}
	signer, err := chain.NewSigner(conn, keys, cfg.Key)
	if err != nil {
		return nil, fmt.Errorf("%w; `ipdmd keys add %s --keyring-dir %s --keyring-backend %s` makes it", err, cfg.Key, cfg.KeyringDir, cfg.backend())
	}
	return signer, nil
}

// Close ends the connections that it has made.
func (i *inbox) Close() error { return i.conn.Close() }

// Take implements relayer.Inbox.
func (i *inbox) Take(ctx context.Context, domain wire.Domain, proofs []relayer.EventProof) error {
	msg := &types.MsgTakeEvents{Sender: i.signer.Address(), Domain: uint32(domain)}
	for _, p := range proofs {
		proof := types.EventProof{Event: p.Record.Encode(), Payload: p.Record.Payload}
		for _, h := range p.Path {
			proof.Path = append(proof.Path, h[:])
		}
		msg.Events = append(msg.Events, proof)
	}
	_, err := i.signer.Submit(ctx, msg)
	if errors.Is(err, chain.ErrInsufficientFunds) || errors.Is(err, chain.ErrNoAccount) {
		return fmt.Errorf("%w: %s on the chain: %w", relayer.ErrFunds, i.signer.Address(), err)
	}
	return err
}
