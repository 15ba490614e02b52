package kubo

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// inputs are the same for every run of the same toolchain.
type inputs struct {
	tree, tar, rnd string
	treeBytes      uint64
	tarBytes       uint64 // of tar, and of rnd
}

// randomSeed is that of the random bytes.
var randomSeed = [32]byte{'i', 'p', 'd', 'm'}

func makeInputs(dir, tree string) (in inputs, err error) {
	in = inputs{tree: tree, tar: filepath.Join(dir, "tree.tar"), rnd: filepath.Join(dir, "rnd")}
	if in.treeBytes, err = writeTar(in.tar, tree); err != nil {
		return in, fmt.Errorf("failed to make a tar file of %s: %w", tree, err)
	}
	info, err := os.Stat(in.tar)
	if err != nil {
		return in, fmt.Errorf("failed to look at the tar file: %w", err)
	}
	in.tarBytes = uint64(info.Size())
	if err := writeRandom(in.rnd, info.Size()); err != nil {
		return in, fmt.Errorf("failed to make random bytes: %w", err)
	}
	return in, nil
}

// writeTar writes the regular files of a tree, in order, and returns how many bytes these have.
func writeTar(path, tree string) (total uint64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := tar.NewWriter(file)
	err = filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(tree, path)
		if err != nil {
			return err
		}
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: int64(info.Mode().Perm()), Size: info.Size()}); err != nil {
			return err
		}
		source, err := os.Open(path)
		if err != nil {
			return err
		}
		n, err := io.Copy(w, source)
		total += uint64(n)
		return errors.Join(err, source.Close())
	})
	return total, errors.Join(err, w.Close())
}

func writeRandom(path string, size int64) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	_, err = io.CopyN(file, rand.NewChaCha8(randomSeed), size)
	return err
}
