package solana

import (
	"context"
	"errors"

	"github.com/gagliardetto/solana-go"

	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// ReaderConfig says which program to read, and where.
type ReaderConfig struct {
	Name    string
	URLs    []string
	Program solana.PublicKey
}

// Reader reads a program's events.
type Reader struct{}

// NewReader returns a reader.
func NewReader(ReaderConfig) (*Reader, error) { return &Reader{}, nil }

// Events fails.
func (*Reader) Events(context.Context, uint64, int) (relayer.Events, error) {
	return relayer.Events{}, errors.New("a stub reads nothing")
}
