package npm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

const (
	cacheVariable = "IPDM_NPM_CACHE"
	lockPoll      = 50 * time.Millisecond
	waitDelay     = 5 * time.Second
)

// A Package is a set of files that was unpacked beside the npm packages that it needs.
type Package struct {
	// Dir holds the files; what they import is found from there.
	Dir string
	// Modules is the node_modules folder.
	Modules string
}

// Install unpacks files, which have a package.json and a package-lock.json at their root, and installs the packages that
// these name. It needs the network the first time only. The name is a part of the folder's name.
func Install(ctx context.Context, name string, files fs.FS) (*Package, error) {
	if _, err := Node(); err != nil {
		return nil, err
	}
	manifest, err := fs.ReadFile(files, "package.json")
	if err != nil {
		return nil, fmt.Errorf("failed to install %s: %w", name, err)
	}
	lock, err := fs.ReadFile(files, "package-lock.json")
	if err != nil {
		return nil, fmt.Errorf("failed to install %s: %w", name, err)
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%s/%s\x00%d\x00%s%s", runtime.GOOS, runtime.GOARCH, len(manifest), manifest, lock)
	root := filepath.Join(cacheRoot(), name+"-"+hex.EncodeToString(sum.Sum(nil)[:8]))
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, fmt.Errorf("failed to install %s: %w", name, err)
	}

	guard := flock.New(filepath.Join(root, "lock"))
	if _, err := guard.TryLockContext(ctx, lockPoll); err != nil {
		return nil, fmt.Errorf("failed to wait for another installation of %s: %w", name, err)
	}
	defer guard.Unlock() //nolint:errcheck // the lock ends with the file, at the latest with the process
	modules := filepath.Join(root, "node_modules")
	if err := installModules(ctx, modules, manifest, lock); err != nil {
		return nil, fmt.Errorf("failed to install the npm packages of %s: %w", name, err)
	}
	dir, err := unpack(root, files)
	if err != nil {
		return nil, fmt.Errorf("failed to unpack %s: %w", name, err)
	}
	return &Package{Dir: dir, Modules: modules}, nil
}

func cacheRoot() string {
	if dir := os.Getenv(cacheVariable); dir != "" {
		return dir
	}
	if dir, err := os.UserCacheDir(); err == nil {
		return filepath.Join(dir, "ipdm", "npm")
	}
	return filepath.Join(os.TempDir(), "ipdm-npm")
}

// installModules makes the node_modules folder unless it is there.
func installModules(ctx context.Context, modules string, manifest, lock []byte) error {
	if _, err := os.Stat(modules); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(modules), "installing-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // at worst a folder stays in the cache
	if err := os.WriteFile(filepath.Join(work, "package.json"), manifest, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(work, "package-lock.json"), lock, 0o644); err != nil {
		return err
	}
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
	npm.Dir = work
	npm.WaitDelay = waitDelay
	var output bytes.Buffer
	npm.Stdout, npm.Stderr = &output, &output
	if err := npm.Run(); err != nil {
		return fmt.Errorf("npm ci: %w\n%s", err, bytes.TrimSpace(output.Bytes()))
	}
	return os.Rename(filepath.Join(work, "node_modules"), modules)
}

// unpack writes the files into a folder that is named by their hash, unless they are there, and returns it.
func unpack(root string, files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s\x00%d\x00%s", path, len(data), data)
		return err
	})
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "files-"+hex.EncodeToString(sum.Sum(nil)[:8]))
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return dir, err
	}
	work, err := os.MkdirTemp(root, "unpacking-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work) //nolint:errcheck // at worst a folder stays in the cache
	unpacked := filepath.Join(work, "files")
	if err := os.CopyFS(unpacked, files); err != nil {
		return "", err
	}
	return dir, os.Rename(unpacked, dir)
}
