//go:build e2e && geth

package e2e

import (
	"path/filepath"
	"testing"
)

// TestOnGeth proves an anchor and moves value out and back where the Ethereum is go-ethereum's own node, which scripts/geth builds.
func TestOnGeth(t *testing.T) {
	b := newBridged(t, filepath.Join(binDir(t), "geth", "geth"))
	alice := b.somebody("alice", 1)
	t.Run("anchors", b.anchors)
	t.Run("to Ethereum and back", alice.outAndBack)
	t.Run("to Solana and back", alice.toSolana)
	alice.conserved(t)
}
