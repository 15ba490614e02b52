package data_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/ipfs/go-cid"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/data"
	"github.com/ipdm-network/ipdm/sidecar/data/store"
	"github.com/ipdm-network/ipdm/sidecar/data/store/pebblestore"
)

func TestDiskFullDuringPut(t *testing.T) {
	var full atomic.Bool
	fs := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind == errorfs.OpFileWrite && strings.HasSuffix(op.Path, ".seg") {
			return syscall.ENOSPC
		}
		return nil
	}))
	s, err := pebblestore.Open("home", pebblestore.Options{FS: fs})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e := data.New(s, data.Options{})
	kept, err := putItems(t.Context(), e, putOptions(t), smallTree(1))
	require.NoError(t, err)

	p, err := e.NewPut(t.Context(), putOptions(t))
	require.NoError(t, err)
	require.NoError(t, p.BeginFile("", data.FileInfo{}))
	_, err = p.Write(randomBytes(1, 3<<20))
	require.NoError(t, err)
	full.Store(true)
	for err == nil {
		_, err = p.Write(randomBytes(2, 1<<20))
	}
	require.ErrorIs(t, err, store.ErrFull)
	_, err = p.Finish()
	require.ErrorIs(t, err, store.ErrFull)
	p.Abort()

	require.Equal(t, smallTree(1), getItems(t, e, kept.Root, data.GetOptions{}))
	full.Store(false)
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	require.Equal(t, smallTree(1), getItems(t, e, kept.Root, data.GetOptions{}))
	next, err := putItems(t.Context(), e, putOptions(t), smallTree(9))
	require.NoError(t, err)
	require.Equal(t, smallTree(9), getItems(t, e, next.Root, data.GetOptions{}))
}

func TestBitFlipsAreFoundByGetAndVerifyAndHealedByPut(t *testing.T) {
	home := t.TempDir()
	s, err := pebblestore.Open(home, pebblestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e := data.New(s, data.Options{})
	tree := []item{dir(""), file("a", randomBytes(1, 900_000)), file("b", randomBytes(2, 900_000))}
	r, err := putItems(t.Context(), e, putOptions(t), tree)
	require.NoError(t, err)
	progress, err := e.Verify(t.Context(), r.Root, nil)
	require.NoError(t, err)
	require.Zero(t, progress.Problems)

	flip(t, home, tree[1].body[700_000:700_100])
	var problems []string
	progress, err = e.Verify(t.Context(), cid.Undef, func(p data.VerifyProgress) error {
		if p.Problem != "" {
			problems = append(problems, p.Problem)
		}
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, 2, progress.Problems, "the encoding, and the block that is missing now: %v", problems)
	require.Len(t, problems, 2)
	enough := errors.New("enough")
	_, err = e.Verify(t.Context(), cid.Undef, func(data.VerifyProgress) error { return enough })
	require.ErrorIs(t, err, enough)

	flip(t, home, tree[2].body[:100])
	var c collect
	err = e.Get(t.Context(), r.Root, data.GetOptions{Path: "b"}, &c)
	require.ErrorIs(t, err, data.ErrMissing)
	require.ErrorIs(t, err, store.ErrCorrupt)
	require.Empty(t, c.items[0].body, "not a byte of a damaged block is handed out")

	_, err = e.GC(t.Context())
	require.NoError(t, err, "damage does not stop collections")
	st, err := e.Stat(t.Context(), r.Root)
	require.NoError(t, err)
	require.NotZero(t, st.Missing)

	again, err := putItems(t.Context(), e, putOptions(t), tree)
	require.NoError(t, err)
	require.Equal(t, r.Manifest, again.Manifest)
	require.NotZero(t, again.NewBlocks, "damaged blocks are stored again")
	require.Equal(t, tree, getItems(t, e, r.Root, data.GetOptions{}))
	progress, err = e.Verify(t.Context(), r.Root, nil)
	require.NoError(t, err)
	require.Zero(t, progress.Problems)
}

// flip changes a bit where data lies in the segments under home.
func flip(t *testing.T, home string, body []byte) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(home, "segments", "*.seg"))
	require.NoError(t, err)
	for _, path := range segments {
		all, err := os.ReadFile(path)
		require.NoError(t, err)
		at := strings.Index(string(all), string(body))
		if at < 0 {
			continue
		}
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = f.WriteAt([]byte{all[at] ^ 1}, int64(at))
		require.NoError(t, err)
		require.NoError(t, f.Close())
		return
	}
	require.Fail(t, "the bytes are in no segment")
}

const childHome = "IPDM_TEST_PUT_HOME"

// TestPutInChild is the process that TestKilledPuts kills: it puts tree after tree and prints each acknowledgement.
func TestPutInChild(t *testing.T) {
	home := os.Getenv(childHome)
	if home == "" {
		t.Skip("runs as the child of TestKilledPuts only")
	}
	s, err := pebblestore.Open(home, pebblestore.Options{SegmentBytes: 4 << 20})
	require.NoError(t, err)
	e := data.New(s, data.Options{})
	first := 0
	_, err = fmt.Sscan(os.Getenv("IPDM_TEST_PUT_FIRST"), &first)
	require.NoError(t, err)
	for n := first; ; n++ {
		r, err := putItems(t.Context(), e, putOptions(t), smallTree(100*n))
		require.NoError(t, err)
		ack, err := json.Marshal(map[string]any{"n": n, "root": r.Root.String()})
		require.NoError(t, err)
		_, err = fmt.Printf("ack %s\n", ack)
		require.NoError(t, err)
	}
}

// TestKilledPuts kills a process in the middle of puts twenty times: every acknowledged put reads back whole.
func TestKilledPuts(t *testing.T) {
	home := t.TempDir()
	acked := map[int]string{}
	next := 0
	for kill := range 20 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPutInChild$", "-test.v")
		cmd.Env = append(os.Environ(), childHome+"="+home, fmt.Sprintf("IPDM_TEST_PUT_FIRST=%d", next))
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for acks := 0; lines.Scan(); {
			text, ok := strings.CutPrefix(lines.Text(), "ack ")
			if !ok {
				continue
			}
			var ack struct {
				N    int
				Root string
			}
			require.NoError(t, json.Unmarshal([]byte(text), &ack))
			acked[ack.N] = ack.Root
			next = ack.N + 1
			// The child goes on with the next put while it is killed; lines it still wrote are read to the end.
			if acks++; acks == 1+kill%3 {
				require.NoError(t, cmd.Process.Kill())
			}
		}
		require.Error(t, cmd.Wait(), "the child ends by being killed")
	}
	require.GreaterOrEqual(t, len(acked), 20)
	s, err := pebblestore.Open(home, pebblestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	e := data.New(s, data.Options{})
	check := func() {
		for n, root := range acked {
			c, err := cid.Decode(root)
			require.NoError(t, err)
			require.Equal(t, smallTree(100*n), getItems(t, e, c, data.GetOptions{}))
		}
		progress, err := e.Verify(t.Context(), cid.Undef, nil)
		require.NoError(t, err)
		require.Zero(t, progress.Problems)
	}
	check()
	_, err = e.GC(t.Context())
	require.NoError(t, err)
	check()
}

func TestTwoDaemonsOnOneHome(t *testing.T) {
	home := t.TempDir()
	s, err := pebblestore.Open(home, pebblestore.Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = pebblestore.Open(home, pebblestore.Options{})
	require.ErrorIs(t, err, store.ErrLocked)
}

func TestPutDoesNotRelyOnWhatIsLost(t *testing.T) {
	tree := []item{dir(""), file("a", randomBytes(1, 900_000)), file("b", randomBytes(2, 900_000)), file("c", []byte("small"))}
	damage := map[string]func(t *testing.T, home string){
		"a bit flipped": func(t *testing.T, home string) { flip(t, home, tree[1].body[:100]) },
		"segments removed": func(t *testing.T, home string) {
			segments, err := filepath.Glob(filepath.Join(home, "segments", "*.seg"))
			require.NoError(t, err)
			require.NotEmpty(t, segments)
			for _, path := range segments {
				require.NoError(t, os.Remove(path))
			}
		},
	}
	for name, spoil := range damage {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			s, err := pebblestore.Open(home, pebblestore.Options{})
			require.NoError(t, err)
			defer func() { require.NoError(t, s.Close()) }()
			e := data.New(s, data.Options{})
			first, err := putItems(t.Context(), e, putOptions(t), tree)
			require.NoError(t, err)

			spoil(t, home) // and nothing has read it since
			again, err := putItems(t.Context(), e, putOptions(t), tree)
			require.NoError(t, err)
			require.Equal(t, first.Manifest, again.Manifest)
			require.NotZero(t, again.NewBlocks)

			require.NoError(t, s.Close())
			s, err = pebblestore.Open(home, pebblestore.Options{})
			require.NoError(t, err)
			e = data.New(s, data.Options{})
			require.Equal(t, tree, getItems(t, e, again.Root, data.GetOptions{}))
			_, err = e.GC(t.Context())
			require.NoError(t, err, "the manifest is whole as well")
			progress, err := e.Verify(t.Context(), cid.Undef, nil)
			require.NoError(t, err)
			require.Zero(t, progress.Problems)
		})
	}
}
