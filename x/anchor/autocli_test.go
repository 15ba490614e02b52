package anchor_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/x/anchor"
	"github.com/ipdm-network/ipdm/x/anchor/types"
	"github.com/ipdm-network/ipdm/x/internal/clitest"
)

func TestEveryMethodHasACommand(t *testing.T) {
	options := anchor.AppModule{}.AutoCLIOptions()
	clitest.RequireComplete(t, options.Query)
	clitest.RequireComplete(t, options.Tx)
}

func TestCommandLineMakesMessages(t *testing.T) {
	options := anchor.AppModule{}.AutoCLIOptions()

	file := filepath.Join(t.TempDir(), "second.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"manifest":"m2","tags":["a=1","b=2,3"],"supersedes":"m1"}`), 0o600))
	var msg types.MsgAnchor
	clitest.Parse(t, options.Tx, "Anchor", &msg, `{"manifest":"m1","root":"r","size_bytes":"9","block_count":"1"}`, file)
	require.Equal(t, []types.Entry{
		{Manifest: "m1", Root: "r", SizeBytes: 9, BlockCount: 1},
		{Manifest: "m2", Tags: []string{"a=1", "b=2,3"}, Supersedes: "m1"},
	}, msg.Entries)

	var params types.MsgUpdateParams
	clitest.Parse(t, options.Tx, "UpdateParams", &params, `{"max_entries_per_tx":5,"gas_per_entry":"7"}`)
	require.Equal(t, types.Params{MaxEntriesPerTx: 5, GasPerEntry: 7}, params.Params)

	var byTag types.QueryByTagRequest
	clitest.Parse(t, options.Query, "ByTag", &byTag, "kind=report", "--page-limit", "3")
	require.Equal(t, "kind=report", byTag.Tag)
	require.Equal(t, uint64(3), byTag.Pagination.Limit)
}
