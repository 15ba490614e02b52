package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/ipdm-network/ipdm/sdk/go/format"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/internal/folder"
)

// lostName is the folder for what cannot be used and is not deleted.
const lostName = "lost+found"

// FsckOptions say what Fsck does beyond looking.
type FsckOptions struct {
	// Repair makes what is wrong right as far as the segments allow it. Nothing that verifies is deleted.
	Repair bool
	// Rebuild makes the index anew even if nothing is wrong with it; it implies Repair. Encodings that were deleted and
	// not yet reclaimed come back, as garbage unless something keeps them.
	Rebuild bool
	// Progress is told of bytes read, and of how many there are in all; it may be nil. Its error ends the run.
	Progress func(checkedBytes, totalBytes uint64) error
}

// BadEncoding is an encoding that the index names and that does not lie where it should.
type BadEncoding struct {
	Digest  format.Digest
	Segment string // file name
	Offset  uint64
	Cause   error
}

// FsckResult is what Fsck found.
type FsckResult struct {
	Segments        int
	SegmentBytes    uint64
	Encodings       uint64        // sound, and in the index at the end
	Bad             []BadEncoding // their records are removed by a repair
	IndexError      error         // why the index was not used as it was, nil if it was
	Unindexed       uint64        // sound encodings that the index does not name: deleted ones, as a rule
	UnindexedBytes  uint64        // their length in bytes
	UnreadableBytes uint64        // bytes between encodings that are none: the torn ends of crashes, or damage
	Strays          []string      // files that do not belong where they are; moved to lost+found by a repair
	Rebuilt         bool          // the index was made anew
	// MetaLost tells that the index was made anew without all metadata of the old one: pins and layouts have to be found
	// among the blocks.
	MetaLost bool
}

// Clean tells whether nothing was wrong with the store.
func (r *FsckResult) Clean() bool {
	return r.IndexError == nil && len(r.Bad) == 0 && len(r.Strays) == 0
}

// Fsck reads every segment of the store in dir and compares it with the index: that each encoding lies where it should
// and verifies, that the index is complete and consistent, that no file is there that should not be. With Repair it
// removes the records of what does not verify, after copying the bytes to lost+found/, and makes an index that is lost,
// unreadable or inconsistent anew from the segments; the old one is moved to lost+found/ as well. A repair that is
// interrupted can be made again.
//
// It fails with store.ErrLocked when the store is in use. What it finds wrong is no error.
func Fsck(ctx context.Context, dir string, opts Options, o FsckOptions) (_ *FsckResult, err error) {
	opts = opts.withDefaults()
	lock, err := lockDir(opts.FS, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	f := &fsck{
		dir: dir, opts: opts, repair: o.Repair || o.Rebuild, anew: o.Rebuild, report: o.Progress, result: &FsckResult{},
		files: segmentFiles{fs: opts.FS, dir: opts.FS.PathJoin(dir, segmentsName)},
	}
	if err := f.run(ctx); err != nil {
		return nil, fmt.Errorf("failed to check the store in %s: %w", dir, err)
	}
	return f.result, nil
}

// fsck is one run of Fsck.
type fsck struct {
	dir     string
	opts    Options
	repair  bool
	anew    bool // make the index anew in any case
	report  func(checkedBytes, totalBytes uint64) error
	files   segmentFiles
	lengths map[uint32]uint64
	checked uint64
	result  *FsckResult
}

func (f *fsck) run(ctx context.Context) error {
	if f.repair {
		if err := f.install(); err != nil {
			return err
		}
	}
	if err := f.survey(); err != nil {
		return err
	}
	err := errRebuild
	if !f.anew {
		err = f.check(ctx)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || errors.Is(err, errStopped) || errors.Is(err, fs.ErrPermission) || errors.Is(err, store.ErrFull):
		return err
	case !errors.Is(err, errRebuild):
		f.result.IndexError = err
	}
	if !f.repair {
		return f.countWithoutIndex(ctx)
	}
	return f.rebuild(ctx)
}

var (
	// errRebuild asks for the index to be made anew although it can be used.
	errRebuild = errors.New("the index is to be made anew")
	// errStopped marks errors that say nothing about the index.
	errStopped = errors.New("stopped")
)

// startOver forgets what was found in the segments so far.
func (f *fsck) startOver() {
	r := f.result
	r.Encodings, r.Bad, r.Unindexed, r.UnindexedBytes, r.UnreadableBytes, f.checked = 0, nil, 0, 0, 0, 0
}

// survey learns which files there are, and moves away what does not belong there.
func (f *fsck) survey() (err error) {
	if f.lengths, err = f.files.list(); err != nil {
		return err
	}
	f.result.Segments = len(f.lengths)
	for _, n := range f.lengths {
		f.result.SegmentBytes += n
	}
	names, err := f.opts.FS.List(f.files.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := parseSegmentName(name); ok {
			continue
		}
		f.result.Strays = append(f.result.Strays, f.opts.FS.PathJoin(segmentsName, name))
		if f.repair {
			if err := f.setAside(f.opts.FS.PathJoin(f.files.dir, name), name); err != nil {
				return err
			}
		}
	}
	slices.Sort(f.result.Strays)
	return nil
}

func (f *fsck) progress(bytes uint64) error {
	f.checked += bytes
	if f.report == nil {
		return nil
	}
	if err := f.report(min(f.checked, f.result.SegmentBytes), f.result.SegmentBytes); err != nil {
		return fmt.Errorf("%w: %w", errStopped, err)
	}
	return nil
}

// check compares the segments with the index. Its error says why the index cannot be used.
func (f *fsck) check(ctx context.Context) (err error) {
	s, err := open(f.dir, f.opts, indexName, blocksName)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.checkIndex(ctx); err != nil {
		return err
	}
	places, err := s.places(ctx)
	if err != nil {
		return err
	}
	for number := range places {
		if _, ok := f.lengths[number]; !ok {
			for _, p := range places[number] {
				f.bad(number, p, fs.ErrNotExist)
			}
		}
	}
	for _, number := range slices.Sorted(maps.Keys(f.lengths)) {
		err := f.files.scan(ctx, number, scanner{
			places:     places[number],
			sound:      func(place) error { f.result.Encodings++; return nil },
			damaged:    func(p place, data []byte, cause error) error { return f.damaged(number, p, data, cause) },
			unindexed:  func(_ uint64, enc store.Checked) error { f.unindexed(enc); return nil },
			unreadable: f.unreadable,
			progress:   f.progress,
		})
		if err != nil {
			return fmt.Errorf("%w: %w", errStopped, err)
		}
	}
	if !f.repair {
		return nil
	}
	return f.drop(ctx, s)
}

func (f *fsck) unindexed(enc store.Checked) {
	f.result.Unindexed++
	f.result.UnindexedBytes += uint64(len(enc.Bytes()))
}

func (f *fsck) unreadable(bytes uint64) error {
	f.result.UnreadableBytes += bytes
	return nil
}

func (f *fsck) bad(segment uint32, p place, cause error) {
	f.result.Bad = append(f.result.Bad, BadEncoding{Digest: p.digest, Segment: segmentName(segment), Offset: p.offset, Cause: cause})
}

// damaged notes an encoding that does not verify, and keeps a copy of its bytes before the record is removed.
func (f *fsck) damaged(segment uint32, p place, data []byte, cause error) error {
	f.bad(segment, p, cause)
	if !f.repair || len(data) == 0 {
		return nil
	}
	lost, err := f.lostDir()
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s-%d.bin", strings.TrimSuffix(segmentName(segment), segmentSuffix), p.offset)
	file, err := f.opts.FS.Create(f.opts.FS.PathJoin(lost, name), vfs.WriteCategoryUnspecified)
	if err != nil {
		return writeError("keep damaged bytes", err)
	}
	_, err = file.Write(slices.Clone(data))
	if err := errors.Join(err, file.Close()); err != nil {
		return writeError("keep damaged bytes", err)
	}
	return nil
}

// drop removes the records of what does not verify.
func (f *fsck) drop(ctx context.Context, s *Store) error {
	var batch store.Batch
	for _, b := range f.result.Bad {
		batch.DeleteEncoding(b.Digest)
	}
	if batch.Empty() {
		return nil
	}
	if err := s.Apply(ctx, &batch, store.Durable); err != nil {
		return fmt.Errorf("failed to remove records: %w", err)
	}
	return nil
}

// countWithoutIndex tells what a rebuild would find.
func (f *fsck) countWithoutIndex(ctx context.Context) error {
	f.startOver()
	for _, number := range slices.Sorted(maps.Keys(f.lengths)) {
		err := f.files.scan(ctx, number, scanner{
			unindexed:  func(_ uint64, enc store.Checked) error { f.unindexed(enc); return nil },
			unreadable: f.unreadable,
			progress:   f.progress,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// setAside moves a file or folder to lost+found, under a name that is free.
func (f *fsck) setAside(path, name string) error {
	lost, err := f.lostDir()
	if err != nil {
		return err
	}
	to := f.opts.FS.PathJoin(lost, name)
	for n := 1; ; n++ {
		if _, err := f.opts.FS.Stat(to); errors.Is(err, fs.ErrNotExist) {
			break
		} else if err != nil {
			return fmt.Errorf("failed to move %s to %s: %w", name, lostName, err)
		}
		to = f.opts.FS.PathJoin(lost, fmt.Sprintf("%s.%d", name, n))
	}
	if err := f.opts.FS.Rename(path, to); err != nil {
		return fmt.Errorf("failed to move %s to %s: %w", name, lostName, err)
	}
	return folder.Sync(f.opts.FS, lost, f.opts.FS.PathDir(path))
}

func (f *fsck) lostDir() (string, error) {
	lost := f.opts.FS.PathJoin(f.dir, lostName)
	if err := f.opts.FS.MkdirAll(lost, 0o755); err != nil {
		return "", writeError("make "+lostName, err)
	}
	return lost, nil
}

// checkIndex reads all of the index and fails with store.ErrCorrupt unless its parts agree with each other.
func (s *Store) checkIndex(ctx context.Context) error {
	if err := s.each(ctx, nil, func(_, _ []byte) error { return nil }); err != nil {
		return err
	}
	var records uint64
	err := s.eachRecord(ctx, 0, func(number uint64, r record) error {
		records++
		found, _, err := s.find(r.digest)
		if err != nil || found != number {
			return fmt.Errorf("%w: encoding %s is not found by its digest", store.ErrCorrupt, r.digest)
		}
		entries, err := s.entries(number, r)
		if errors.Is(err, store.ErrCorrupt) {
			return nil // the segment is compared later
		}
		if err != nil {
			return err
		}
		for _, e := range entries {
			at, err := s.Locate(ctx, e.Digest)
			if err != nil {
				return err
			}
			if !slices.Contains(at, r.digest) && !s.isDamaged(number) {
				return fmt.Errorf("%w: block %s is not found in encoding %s", store.ErrCorrupt, e.Digest, r.digest)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	var named uint64
	if err := s.each(ctx, []byte{spaceEncoding}, func(_, _ []byte) error { named++; return nil }); err != nil {
		return err
	}
	if named != records {
		return fmt.Errorf("%w: %d encodings that have no record", store.ErrCorrupt, named-records)
	}
	return nil
}
