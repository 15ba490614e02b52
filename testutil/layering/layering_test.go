// Package layering holds the dependency rules of the repository as a test (docs/architecture.md draws them).
package layering

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/ipdm-network/ipdm/"

// rule forbids packages below `from` to import packages below any of `forbidden`, but for those named in `except`.
type rule struct {
	from      string
	forbidden []string
	except    []string
}

var rules = []rule{
	// The chain stores digests and knows no data-plane format but the proofs.
	{from: "x/", forbidden: []string{"app", "sidecar", "bridge", "cmd", "sdk"}, except: []string{"sdk/go/format", "sdk/go/format/commitment"}},
	// The app reaches the sidecar only through its gRPC service.
	{from: "app", forbidden: []string{"sidecar", "bridge", "cmd"}},
	{from: "sidecar/network", forbidden: []string{"sidecar/data", "sidecar/processing", "sidecar/consensus", "x", "app", "bridge"}},
	{from: "sidecar/data", forbidden: []string{"sidecar/network", "sidecar/processing", "sidecar/consensus", "app", "bridge", "x"}, except: []string{"x/porep/proof"}},
	{from: "sidecar/processing", forbidden: []string{"sidecar/network", "sidecar/consensus"}},
	{from: "sidecar/consensus", forbidden: []string{"sidecar/network", "sidecar/processing", "app"}},
	{from: "sidecar/network", forbidden: []string{"sidecar/api", "sidecar/node"}},
	{from: "sidecar/data", forbidden: []string{"sidecar/api", "sidecar/node"}},
	{from: "sidecar/processing", forbidden: []string{"sidecar/api", "sidecar/node"}},
	{from: "sidecar/consensus", forbidden: []string{"sidecar/api", "sidecar/node"}},
	{from: "bridge", forbidden: []string{"sidecar"}},
	// The SDK is light: generated code and pure codecs only.
	{from: "sdk/go", forbidden: []string{"app", "x", "sidecar", "bridge", "cmd", "testutil"}},
	{from: "", forbidden: []string{"testutil"}},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

// TestDependencyRules fails for every import that crosses a layer the wrong way. Test files are free to import testutil.
func TestDependencyRules(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)

	packages := 0
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		packages++
		for _, violation := range violations(p) {
			t.Error(violation)
		}
	}
	require.Greater(t, packages, 10, "go list found too few packages to be the repository")
}

// TestTheCommandLineIsSmall keeps out of ipdm what would make every call of it slow (docs/adr/0014).
func TestTheCommandLineIsSmall(t *testing.T) {
	cmd := exec.Command("go", "list", "-deps", "./cmd/ipdm")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	require.NoError(t, err)
	packages := strings.Fields(string(out))
	require.Contains(t, packages, module+"sidecar/api/client")
	for _, p := range packages {
		for _, heavy := range []string{"github.com/cosmos/", "github.com/cometbft/", "github.com/libp2p/go-libp2p", module + "x/", module + "sidecar/data"} {
			require.False(t, strings.HasPrefix(p, heavy), "ipdm links %s", p)
		}
	}
}

func TestViolationsAreFound(t *testing.T) {
	for _, p := range []listedPackage{
		{module + "x/market/keeper", []string{module + "app"}},
		{module + "x/anchor", []string{module + "sdk/go/format/manifest"}},
		{module + "sidecar/data", []string{module + "sidecar/network"}},
		{module + "sidecar/consensus", []string{module + "sidecar/node"}},
		{module + "sdk/go/format/layout", []string{module + "x/porep/proof"}},
		{module + "cmd/ipdm", []string{module + "testutil/localnet"}},
	} {
		require.NotEmpty(t, violations(p), "%v", p)
	}
	require.Empty(t, violations(listedPackage{module + "x/porep/proof", []string{module + "sdk/go/format/commitment", "fmt"}}))
	require.Empty(t, violations(listedPackage{module + "testutil/e2e", []string{module + "testutil/localnet"}}))
}

func violations(p listedPackage) []string {
	var found []string
	from := strings.TrimPrefix(p.ImportPath, module)
	for _, r := range rules {
		if !below(from, r.from) || (r.from == "" && below(from, "testutil")) {
			continue
		}
		for _, imported := range p.Imports {
			to, ours := strings.CutPrefix(imported, module)
			if ours && belowAny(to, r.forbidden) && !slices.Contains(r.except, to) {
				found = append(found, from+" must not import "+to)
			}
		}
	}
	return found
}

func belowAny(path string, folders []string) bool {
	for _, folder := range folders {
		if below(path, folder) {
			return true
		}
	}
	return false
}

func below(path, folder string) bool {
	folder = strings.TrimSuffix(folder, "/")
	return folder == "" || path == folder || strings.HasPrefix(path, folder+"/")
}
