package blockindex

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	manifestName    = "MANIFEST"
	manifestMagic   = "IPDI"
	manifestVersion = 1
	manifestHeader  = 4 + 1 + 3 + 8 + 4
	manifestRow     = 8 + 8
	// maxRuns bounds the runs of an index, which are that many only if merging fails.
	maxRuns = 512
)

// manifest says what the index consists of.
type manifest struct {
	covered uint64 // the runs have every block of the encodings below
	runs    []manifestRun
}

type manifestRun struct{ number, entries uint64 }

func (m manifest) append(dst []byte) []byte {
	start := len(dst)
	dst = append(append(dst, manifestMagic...), manifestVersion, 0, 0, 0)
	dst = binary.BigEndian.AppendUint64(dst, m.covered)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(m.runs)))
	for _, r := range m.runs {
		dst = binary.BigEndian.AppendUint64(dst, r.number)
		dst = binary.BigEndian.AppendUint64(dst, r.entries)
	}
	return binary.BigEndian.AppendUint32(dst, crc32.Checksum(dst[start:], castagnoli))
}

// decodeManifest reads a manifest, all of b. It fails with ErrCorrupt.
func decodeManifest(b []byte) (manifest, error) {
	if len(b) < manifestHeader+4 || string(b[:8]) != manifestMagic+string([]byte{manifestVersion, 0, 0, 0}) ||
		binary.BigEndian.Uint32(b[len(b)-4:]) != crc32.Checksum(b[:len(b)-4], castagnoli) {
		return manifest{}, fmt.Errorf("%w: no manifest", ErrCorrupt)
	}
	m := manifest{covered: binary.BigEndian.Uint64(b[8:])}
	count := binary.BigEndian.Uint32(b[16:])
	rows := b[manifestHeader : len(b)-4]
	if count > maxRuns || len(rows) != int(count)*manifestRow {
		return manifest{}, fmt.Errorf("%w: manifest of %d runs in %d bytes", ErrCorrupt, count, len(b))
	}
	for ; len(rows) > 0; rows = rows[manifestRow:] {
		m.runs = append(m.runs, manifestRun{binary.BigEndian.Uint64(rows), binary.BigEndian.Uint64(rows[8:])})
	}
	return m, nil
}

// readManifest returns the manifest in dir, an empty one if there is none. It fails with ErrCorrupt.
func readManifest(fsys vfs.FS, dir string) (m manifest, err error) {
	f, err := fsys.Open(fsys.PathJoin(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return manifest{}, nil
	}
	if err != nil {
		return manifest{}, fmt.Errorf("failed to open manifest of the block index: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	const most = manifestHeader + maxRuns*manifestRow + 4
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return manifest{}, fmt.Errorf("failed to read manifest of the block index: %w", err)
	}
	return decodeManifest(b)
}

// writeManifest replaces the manifest in dir, durably.
func writeManifest(fsys vfs.FS, dir string, m manifest) (err error) {
	made := fsys.PathJoin(dir, manifestName+".new")
	f, err := fsys.Create(made, category)
	if err != nil {
		return fmt.Errorf("failed to write manifest of the block index: %w", err)
	}
	_, err = f.Write(m.append(nil))
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = fsys.Rename(made, fsys.PathJoin(dir, manifestName))
	}
	if err == nil {
		err = syncDir(fsys, dir)
	}
	if err != nil {
		return fmt.Errorf("failed to write manifest of the block index: %w", err)
	}
	return nil
}

func syncDir(fsys vfs.FS, dir string) error {
	d, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
