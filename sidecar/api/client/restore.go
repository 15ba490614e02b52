package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	sidecarv1 "github.com/ipdm-network/ipdm/sdk/go/sidecar/v1"
)

// Restore writes a file, tree or symbolic link to a path of this machine. It is written beside the target under a hidden
// name and renamed when it is complete; on failure what was written is removed. Unless force is set nothing is
// overwritten: it fails with ErrExists. With force what was there is removed after the new content has taken its place.
func (c *Client) Restore(ctx context.Context, request *sidecarv1.GetRequest, target string, force bool, p Progress) (_ Got, err error) {
	target = filepath.Clean(target)
	if err := checkFree(target, force); err != nil {
		return Got{}, err
	}
	parent, err := os.OpenRoot(filepath.Dir(target))
	if err != nil {
		return Got{}, fmt.Errorf("failed to open the folder to write to: %w", err)
	}
	defer parent.Close()
	temp := fmt.Sprintf(".%s.ipdm-%s", truncate(filepath.Base(target), 64), rand.Text()[:10])
	t := &treeOutput{root: parent, top: temp, whole: !request.GetHasRange()}
	defer func() {
		if err != nil {
			t.whole = false // a torn file is no second error
			err = errors.Join(err, t.close(), parent.RemoveAll(temp))
		}
	}()
	got, err := c.get(ctx, request, t, p)
	if err != nil {
		return got, err
	}
	if err := t.close(); err != nil {
		return got, err
	}
	return got, install(parent, temp, target, force)
}

func checkFree(target string, force bool) error {
	if force {
		return nil
	}
	_, err := os.Lstat(target)
	switch {
	case err == nil:
		return fmt.Errorf("%s %w", target, ErrExists)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	}
	return fmt.Errorf("failed to look at the target: %w", err)
}

// install gives the finished content its name.
func install(parent *os.Root, temp, target string, force bool) error {
	if err := checkFree(target, force); err != nil {
		return err
	}
	name := filepath.Base(target)
	old := ""
	if _, err := parent.Lstat(name); err == nil {
		old = temp + ".old"
		if err := parent.Rename(name, old); err != nil {
			return fmt.Errorf("failed to set %s aside: %w", target, err)
		}
	}
	if err := parent.Rename(temp, name); err != nil {
		err = fmt.Errorf("failed to rename to %s: %w", target, err)
		if old != "" {
			err = errors.Join(err, parent.Rename(old, name))
		}
		return err
	}
	if old != "" {
		if err := parent.RemoveAll(old); err != nil {
			return fmt.Errorf("failed to remove what %s was before: %w", target, err)
		}
	}
	return nil
}

func truncate(s string, n int) string { return s[:min(len(s), n)] }

// treeOutput writes a tree under the name top in root. Every directory is open while it is written to and every name
// is one part, made new, so that neither a link in the tree nor ".." in a path leads out of it.
type treeOutput struct {
	root  *os.Root
	top   string
	whole bool // files must have the size told

	dirs  []openDir // from the top down to the one written to
	file  *os.File
	left  int64 // bytes that the file still lacks
	begun bool
}

type openDir struct {
	root *os.Root
	path string // in the tree
}

func (t *treeOutput) entry(e *sidecarv1.Entry) error {
	if err := t.endFile(); err != nil {
		return err
	}
	root, name, err := t.place(string(e.GetPath()))
	if err != nil {
		return err
	}
	path := string(e.GetPath())
	switch e.GetKind() {
	case sidecarv1.Kind_KIND_DIRECTORY:
		if err = root.Mkdir(name, 0o777); err != nil {
			break
		}
		var dir *os.Root
		if dir, err = root.OpenRoot(name); err == nil {
			t.dirs = append(t.dirs, openDir{dir, path})
		}
	case sidecarv1.Kind_KIND_FILE:
		mode := fs.FileMode(0o666)
		if e.GetExecutable() {
			mode = 0o777
		}
		t.file, err = root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		t.left = int64(e.GetSizeBytes())
	case sidecarv1.Kind_KIND_SYMLINK:
		err = root.Symlink(string(e.GetTarget()), name)
	}
	if err != nil {
		return fmt.Errorf("failed to write %q: %w", path, err)
	}
	return nil
}

// place returns the open directory that an entry goes to and its name there, and closes directories that are complete.
func (t *treeOutput) place(path string) (*os.Root, string, error) {
	if path == "" {
		if t.begun {
			return nil, "", fmt.Errorf("%w: two roots", ErrStream)
		}
		t.begun = true
		return t.root, t.top, nil
	}
	parent, name := "", path
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		parent, name = path[:i], path[i+1:]
	}
	if path[0] == '/' || name == "" || name == "." || name == ".." || strings.IndexByte(name, 0) >= 0 {
		return nil, "", fmt.Errorf("%w: path %q", ErrStream, path)
	}
	for len(t.dirs) > 0 && t.dirs[len(t.dirs)-1].path != parent {
		last := len(t.dirs) - 1
		if err := t.dirs[last].root.Close(); err != nil {
			return nil, "", fmt.Errorf("failed to close %q: %w", t.dirs[last].path, err)
		}
		t.dirs = t.dirs[:last]
	}
	if len(t.dirs) == 0 {
		return nil, "", fmt.Errorf("%w: %q is not in the directory begun last", ErrStream, path)
	}
	return t.dirs[len(t.dirs)-1].root, name, nil
}

func (t *treeOutput) data(p []byte) error {
	if t.file == nil {
		return fmt.Errorf("%w: data without a file", ErrStream)
	}
	if _, err := t.file.Write(p); err != nil {
		return fmt.Errorf("failed to write: %w", err)
	}
	t.left -= int64(len(p))
	return nil
}

func (t *treeOutput) endFile() error {
	if t.file == nil {
		return nil
	}
	f := t.file
	t.file = nil
	if err := f.Close(); err != nil {
		return fmt.Errorf("failed to write: %w", err)
	}
	if t.whole && t.left != 0 {
		return fmt.Errorf("%w: %s lacks %d bytes", ErrStream, f.Name(), t.left)
	}
	return nil
}

// close closes what is open. It may be called repeatedly.
func (t *treeOutput) close() error {
	err := t.endFile()
	for _, d := range t.dirs {
		err = errors.Join(err, d.root.Close())
	}
	t.dirs = nil
	return err
}
