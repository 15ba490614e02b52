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
		"link to a link":      {dirEntry(""), linkEntry("a", "b"), linkEntry("b", ".."), fileEntry("a/escaped", 0)},
		"absolute link":       {dirEntry(""), linkEntry("l", "/"), dirEntry("l/tmp"), fileEntry("l/tmp/escaped", 0)},
		"link as the root":    {linkEntry("", "out"), fileEntry("escaped", 0)},
		"double slash":        {dirEntry(""), dirEntry("a"), fileEntry("a//escaped", 0)},
		"dots in the middle":  {dirEntry(""), dirEntry("a"), fileEntry("a/./escaped", 0)},
		"parent as a folder":  {dirEntry(""), dirEntry("a"), dirEntry("a/.."), fileEntry("a/../escaped", 0)},
		"closed folder":       {dirEntry(""), dirEntry("a"), dirEntry("b"), fileEntry("a/late", 0)},
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

// TestOddNamesStayInside: names that look like a way out, and differ only by case or by Unicode form, are names.
func TestOddNamesStayInside(t *testing.T) {
	base := t.TempDir()
	root, err := os.OpenRoot(base)
	require.NoError(t, err)
	defer root.Close()
	names := []string{"...", ". .", "..\\..\\escaped", "\u2025", "\uff0e\uff0e", "\u2215escaped", "A", "a", "\u00e9", "e\u0301", "C:escaped", "-rf"}
	tree := &treeOutput{root: root, top: "new", whole: true}
	require.NoError(t, tree.entry(dirEntry("")))
	for _, name := range names {
		require.NoError(t, tree.entry(fileEntry(name, 0)), name)
	}
	require.NoError(t, tree.close())
	left, err := os.ReadDir(base)
	require.NoError(t, err)
	require.Len(t, left, 1)
	inside, err := os.ReadDir(filepath.Join(base, "new"))
	require.NoError(t, err)
	require.Len(t, inside, len(names))
}

// TestLinksInTheDestinationAreNotFollowed: what lies where a tree goes to is replaced, not written through.
func TestLinksInTheDestinationAreNotFollowed(t *testing.T) {
	base := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(base, "mine"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(base, "mine", "f"), []byte("mine"), 0o600))
	target := filepath.Join(base, "target")
	require.NoError(t, os.Symlink("mine", target))
	require.ErrorIs(t, checkFree(target, false), ErrExists, "a link is something that exists")
	root, err := os.OpenRoot(base)
	require.NoError(t, err)
	defer root.Close()
	tree := &treeOutput{root: root, top: "temp", whole: true}
	require.NoError(t, tree.entry(dirEntry("")))
	require.NoError(t, tree.entry(fileEntry("f", 0)))
	require.NoError(t, tree.close())
	require.NoError(t, install(root, "temp", target, true))
	info, err := os.Lstat(target)
	require.NoError(t, err)
	require.True(t, info.IsDir(), "the link has gone")
	raw, err := os.ReadFile(filepath.Join(base, "mine", "f"))
	require.NoError(t, err)
	require.Equal(t, "mine", string(raw))
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
