package client

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

func dirEntry(path string) *sidecarv1.Entry {
	return &sidecarv1.Entry{Path: []byte(path), Kind: sidecarv1.Kind_KIND_DIRECTORY}
}

func fileEntry(path string, size uint64) *sidecarv1.Entry {
	return &sidecarv1.Entry{Path: []byte(path), Kind: sidecarv1.Kind_KIND_FILE, SizeBytes: size}
}

func linkEntry(path, target string) *sidecarv1.Entry {
	return &sidecarv1.Entry{Path: []byte(path), Kind: sidecarv1.Kind_KIND_SYMLINK, Target: []byte(target)}
}

// TestHostileStreams feeds a restore what only a broken or hostile daemon sends: nothing outside of its tree changes.
func TestHostileStreams(t *testing.T) {
	for name, entries := range map[string][]*sidecarv1.Entry{
		"parent":              {dirEntry(""), fileEntry("../escaped", 0)},
		"parent of a folder":  {dirEntry(""), dirEntry("a"), fileEntry("a/../../escaped", 0)},
		"dots":                {dirEntry(""), dirEntry("..")},
		"dot":                 {dirEntry(""), dirEntry(".")},
		"absolute":            {dirEntry(""), fileEntry("/escaped", 0)},
		"through a link":      {dirEntry(""), linkEntry("l", ".."), fileEntry("l/escaped", 0)},
		"link in place":       {dirEntry(""), dirEntry("d"), linkEntry("e", "d"), fileEntry("e/escaped", 0)},
		"over a link":         {dirEntry(""), linkEntry("l", "../outside"), fileEntry("l", 0)},
		"folder over a link":  {dirEntry(""), linkEntry("l", "../out"), dirEntry("l"), fileEntry("l/escaped", 0)},
		"twice":               {dirEntry(""), fileEntry("a", 0), fileEntry("a", 0)},
		"two roots":           {dirEntry(""), dirEntry("")},
		"no root":             {fileEntry("a", 0)},
		"below a file":        {fileEntry("", 0), fileEntry("a", 0)},
		"NUL":                 {dirEntry(""), fileEntry("a\x00b", 0)},
		"empty name":          {dirEntry(""), dirEntry("a"), fileEntry("a/", 0)},
		"skipped folder":      {dirEntry(""), fileEntry("a/b", 0)},
		"short file":          {dirEntry(""), fileEntry("a", 5)},
		"data without a file": {dirEntry(""), nil},
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			require.NoError(t, os.WriteFile(filepath.Join(base, "outside"), []byte("mine"), 0o600))
			require.NoError(t, os.Mkdir(filepath.Join(base, "out"), 0o700))
			root, err := os.OpenRoot(base)
			require.NoError(t, err)
			defer root.Close()
			tree := &treeOutput{root: root, top: "new", whole: true}
			for _, e := range entries {
				if e == nil {
					err = tree.data([]byte("x"))
				} else {
					err = tree.entry(e)
				}
				if err != nil {
					break
				}
			}
			if closeErr := tree.close(); err == nil {
				err = closeErr
			}
			require.Error(t, err)
			require.NoFileExists(t, filepath.Join(base, "escaped"))
			raw, err := os.ReadFile(filepath.Join(base, "outside"))
			require.NoError(t, err)
			require.Equal(t, "mine", string(raw))
			left, err := os.ReadDir(filepath.Join(base, "out"))
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

func TestInstallKeepsWhatWasThereOnFailure(t *testing.T) {
	base := t.TempDir()
	target := filepath.Join(base, "target")
	require.NoError(t, os.WriteFile(target, []byte("old"), 0o600))
	root, err := os.OpenRoot(base)
	require.NoError(t, err)
	defer root.Close()
	require.Error(t, install(root, "no such temp", target, true))
	raw, err := os.ReadFile(target)
	require.NoError(t, err)
	require.Equal(t, "old", string(raw))
	require.ErrorIs(t, install(root, "no such temp", target, false), ErrExists)
}
