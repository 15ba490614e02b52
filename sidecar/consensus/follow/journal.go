package follow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

const (
	stateVersion = 1
	// maxFileBytes is more than a state file or a journal has.
	maxFileBytes = 256 << 20
)

// errState reports a state file or journal that cannot be gone on from.
var errState = errors.New("the state of this follow cannot be used")

// state is how far a follow is.
type state struct {
	Version int `json:"version"`
	// Target is what is followed.
	Target string      `json:"target"`
	Cursor feed.Cursor `json:"cursor"`
	// Changes and Batches are those stored so far, LastRoot the root of the last batch.
	Changes  uint64 `json:"changes"`
	Batches  uint64 `json:"batches"`
	LastRoot string `json:"last_root,omitempty"`
}

// entry is the head of the journal: a batch, which follows it, and the state behind that.
type entry struct {
	State state  `json:"state"`
	From  uint64 `json:"from"`
	To    uint64 `json:"to"`
}

// journal is the files of one follow. It is for one goroutine.
type journal struct {
	dir, name string
}

func (j journal) statePath() string { return filepath.Join(j.dir, j.name+".json") }
func (j journal) batchPath() string { return filepath.Join(j.dir, j.name+".journal") }

// load returns the state, a new one if there is none. It fails with errState if it is damaged or of another target.
func (j journal) load(target string) (state, error) {
	fresh := state{Version: stateVersion, Target: target}
	raw, err := read(j.statePath())
	if raw == nil || err != nil {
		return fresh, err
	}
	var s state
	if err := json.Unmarshal(raw, &s); err != nil {
		return fresh, fmt.Errorf("%w: failed to read %s: %w", errState, j.statePath(), err)
	}
	return s, j.check(&s, target)
}

func (j journal) check(s *state, target string) error {
	switch {
	case s.Version != stateVersion:
		return fmt.Errorf("%w: %s has version %d, this program knows %d", errState, j.statePath(), s.Version, stateVersion)
	case s.Target != target:
		return fmt.Errorf("%w: %q has followed something else before (%s): give the new follow another name, or delete %s.*",
			errState, j.name, s.Target, filepath.Join(j.dir, j.name))
	}
	return nil
}

// save makes a state durable.
func (j journal) save(s state) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("failed to encode the state: %w", err)
	}
	return replace(j.statePath(), raw, []byte("\n"))
}

// begin makes a batch durable before it is put.
func (j journal) begin(e entry, lines []byte) error {
	head, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("failed to encode the journal: %w", err)
	}
	return replace(j.batchPath(), head, []byte("\n"), lines)
}

// end removes the batch that was begun: the state behind it is saved.
func (j journal) end() error { return os.Remove(j.batchPath()) }

// unfinished returns the batch that was begun behind a state, nil if there is none. It fails with errState if the journal is damaged.
func (j journal) unfinished(s state) (*entry, []byte, error) {
	raw, err := read(j.batchPath())
	if raw == nil || err != nil {
		return nil, nil, err
	}
	head, lines, _ := bytes.Cut(raw, []byte("\n"))
	var e entry
	if err := json.Unmarshal(head, &e); err != nil {
		return nil, nil, fmt.Errorf("%w: failed to read %s: %w", errState, j.batchPath(), err)
	}
	if e.State.Batches != s.Batches+1 {
		return nil, nil, nil // it was finished
	}
	return &e, lines, j.check(&e.State, s.Target)
}

// read returns the content of a file, nil if there is none.
func read(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && info.Size() > maxFileBytes {
		return nil, fmt.Errorf("%w: %s has %d bytes", errState, path, info.Size())
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errState, err)
	}
	return raw, nil
}

// replace replaces a file whole; it survives a power failure when this returns.
func replace(path string, parts ...[]byte) error {
	if err := replaceFile(path, parts); err != nil {
		return fmt.Errorf("failed to write %s: %w", path, err)
	}
	return nil
}

func replaceFile(path string, parts [][]byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	for _, part := range parts {
		if err == nil {
			_, err = f.Write(part)
		}
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
