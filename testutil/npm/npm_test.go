package npm

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// files is a package without dependencies, so that its installation needs no network.
func files(extra string) fstest.MapFS {
	return fstest.MapFS{
		"package.json":      {Data: []byte(`{"name":"x","version":"1.0.0","private":true,"dependencies":{"dep":"file:dep"}}`)},
		"package-lock.json": {Data: []byte(`{"name":"x","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{}}`)},
		"main.mjs":          {Data: []byte(extra)},
	}
}

func TestVersions(t *testing.T) {
	for _, c := range []struct {
		version string
		ok      bool
	}{
		{"v20.18.0", true},
		{"v24.0.0", true},
		{"v18.20.4", false},
		{"v9.0.0", false},
		{"", false},
		{"unknown", false},
	} {
		t.Run(c.version, func(t *testing.T) {
			err := checkVersion(c.version)
			if c.ok {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ErrNoNode)
			}
		})
	}
}

func TestNoNodeIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Install(context.Background(), "x", files(""))
	require.ErrorIs(t, err, ErrNoNode)
	require.ErrorContains(t, err, "there is no node in PATH")
}

func TestAFailedInstallationLeavesNothing(t *testing.T) {
	SkipWithoutNode(t)
	cache := t.TempDir()
	t.Setenv(cacheVariable, cache)
	_, err := Install(context.Background(), "x", files("")) // package.json wants what the lock file does not have
	require.ErrorContains(t, err, "npm ci")
	left, err := filepath.Glob(filepath.Join(cache, "*", "*"))
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.Equal(t, "lock", filepath.Base(left[0]))
}

func TestInstallationsAtOnceShareOne(t *testing.T) {
	SkipWithoutNode(t)
	cache := t.TempDir()
	t.Setenv(cacheVariable, cache)
	pack := files("first")
	pack["package.json"].Data = []byte(`{"name":"x","version":"1.0.0","private":true,"dependencies":{"dep":"file:dep"}}`)
	pack["package-lock.json"].Data = []byte(`{"name":"x","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{
		"":{"name":"x","version":"1.0.0","dependencies":{"dep":"file:dep"}},
		"dep":{"version":"1.0.0"},
		"node_modules/dep":{"resolved":"dep","link":true}}}`)
	var group sync.WaitGroup
	results := make([]*Package, 4)
	for i := range results {
		group.Go(func() {
			var err error
			results[i], err = Install(context.Background(), "x", pack)
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, result := range results {
		require.Equal(t, results[0], result)
	}
	data, err := os.ReadFile(filepath.Join(results[0].Dir, "main.mjs"))
	require.NoError(t, err)
	require.Equal(t, "first", string(data))

	pack["main.mjs"].Data = []byte("second")
	changed, err := Install(context.Background(), "x", pack)
	require.NoError(t, err)
	require.Equal(t, results[0].Modules, changed.Modules, "other files need no other packages")
	require.NotEqual(t, results[0].Dir, changed.Dir)
}
