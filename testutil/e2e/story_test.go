//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/testutil/demo"
)

// TestStory runs the story of `make demo` and checks its report.
func TestStory(t *testing.T) {
	report := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, demo.Run(t.Context(), demo.Options{BinDir: binDir(t), Report: report, Out: t.Output()}))

	raw, err := os.ReadFile(report)
	require.NoError(t, err)
	var told struct {
		Steps []struct {
			Name string `json:"name"`
			OK   bool   `json:"ok"`
		} `json:"steps"`
	}
	require.NoError(t, json.Unmarshal(raw, &told))
	var names []string
	for _, step := range told.Steps {
		require.True(t, step.OK, step.Name)
		names = append(names, step.Name)
	}
	require.Equal(t, []string{
		"network", "put", "put-again", "deal", "anchor-proof", "checkpoint", "anchor-ethereum", "tokens-ethereum", "anchor-solana", "get", "paid", "sealed-deal", "sealed-proven", "sealed-emission",
		"sealed-interval", "sealed-forged", "cheat", "crash", "down",
	}, names)
}
