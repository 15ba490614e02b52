package sealer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/sealer"
	"github.com/ipdm-network/ipdm/sidecar/consensus/sectors"
	"github.com/ipdm-network/ipdm/x/porep/proof/sdr"
)

// A sector is made anew although the data of a piece that was let go of is nowhere any more: all other nodes are proven as before, also
// those that share a group with the piece.
func TestResetAfterReleaseNeedsNoDataOfThePiece(t *testing.T) {
	d := sampleDeals(t)
	want := wanted(t, d)
	dir := t.TempDir()
	s := open(t, dir, d, sealer.Options{})
	plan := samplePlan(t, d)
	seal(t, s, plan)
	gone := plan.Pieces[1]
	require.NotZero(t, gone.StartNode%128, "the piece shares its first group with another")
	require.NotZero(t, (gone.StartNode+gone.Nodes)%128, "and its last one")
	require.NoError(t, s.Release(t.Context(), number, gone.StartNode))
	d.all[1] = d.all[0] // its tree and its encodings are found no more

	var live []uint64
	for v := range uint64(nodes) {
		if v < gone.StartNode || v >= gone.StartNode+gone.Nodes {
			live = append(live, v)
		}
	}
	for range 2 {
		flip(t, filepath.Join(dir, "7", "replica"), 100*32)
		require.ErrorIs(t, s.Scrub(t.Context(), number), sectors.ErrDamaged)
		require.NoError(t, s.Reset(t.Context(), number))
		_, err := s.Seal(stopAfter(t, 30), number)
		require.ErrorIs(t, err, context.Canceled)
		s = open(t, dir, d, sealer.Options{})
		require.NoError(t, s.Reset(t.Context(), number), "what is kept outlasts another start")
		commitments, err := s.Seal(t.Context(), number)
		require.NoError(t, err)
		require.Equal(t, want.Statement.CommC, commitments.CommC)
		require.Equal(t, want.Statement.CommRLast, commitments.CommRLast)
		require.NoError(t, s.Scrub(t.Context(), number))
		for at := 0; at < len(live); at += 100 {
			require.Empty(t, prove(t, s, asks(want, live[at:min(at+100, len(live))]...)))
		}
		require.NoFileExists(t, filepath.Join(dir, "7", "former-tree-r"))
	}

	// Another piece may go while the sector is made anew.
	last := plan.Pieces[2]
	require.NoError(t, s.Reset(t.Context(), number))
	require.NoError(t, s.Release(t.Context(), number, last.StartNode))
	d.all[2] = d.all[0]
	commitments, err := s.Seal(t.Context(), number)
	require.NoError(t, err)
	require.Equal(t, want.Statement.CommRLast, commitments.CommRLast)
	require.Empty(t, prove(t, s, asks(want, 0, gone.StartNode-1, last.StartNode+last.Nodes, nodes-1)))
}

// The environment of a test binary that was started by a test.
const (
	childDir   = "IPDM_SEALER_TEST_DIR"
	childLooks = "IPDM_SEALER_TEST_LOOKS"
)

// child starts this test binary again for one of its tests, in another process.
func child(t *testing.T, dir, looks string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), childDir+"="+dir, childLooks+"="+looks)
	return cmd
}

// killLimit is a context that kills the process after so many looks at it.
type killLimit struct{ *lookLimit }

func (k killLimit) Err() error {
	if k.left.Add(-1) < 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // until the signal arrives
	}
	return nil
}

// A sealer that is killed again and again, anywhere, comes to what one comes to that runs undisturbed.
func TestSealingGoesOnAfterAKill(t *testing.T) {
	d := sampleDeals(t)
	if dir := os.Getenv(childDir); dir != "" {
		looks, err := strconv.ParseInt(os.Getenv(childLooks), 10, 64)
		require.NoError(t, err)
		s := open(t, dir, d, sealer.Options{})
		require.NoError(t, s.Begin(t.Context(), samplePlan(t, d)))
		_, err = s.Seal(killLimit{stopAfter(t, looks)}, number)
		require.NoError(t, err)
		return
	}
	want := wanted(t, d)
	dir := t.TempDir()
	kills := 0
	for looks := int64(3); ; looks += 9 {
		out, err := child(t, dir, strconv.FormatInt(looks, 10)).CombinedOutput()
		if err == nil {
			break
		}
		var exit *exec.ExitError
		require.ErrorAs(t, err, &exit, "%s", out)
		status, ok := exit.Sys().(syscall.WaitStatus)
		require.True(t, ok && status.Signal() == syscall.SIGKILL, "%v: %s", err, out)
		kills++
	}
	require.GreaterOrEqual(t, kills, 3)
	commitments, err := open(t, dir, d, sealer.Options{}).Seal(t.Context(), number)
	require.NoError(t, err)
	requireSame(t, want, commitments, dir)
}

// A full disk fails the seal with an error that says what is needed and where, nothing that was made is lost, and sealing goes on once
// there is space. The disk is a small file system of a process with mounts of its own, where the system allows that.
func TestFullDisk(t *testing.T) {
	d := sampleDeals(t)
	dir := os.Getenv(childDir)
	if dir == "" {
		cmd := child(t, t.TempDir(), "")
		cmd.SysProcAttr = ownMounts()
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.ENOSYS) || cmd.SysProcAttr == nil {
			t.Skip("this system gives no process mounts of its own")
		}
		require.NoError(t, err, "%s", out)
		require.NotContains(t, string(out), "--- SKIP")
		return
	}
	const size = nodes * sdr.NodeSize
	space := size / 2
	if err := mountMemory(dir, space); err != nil {
		t.Skipf("no file system can be mounted: %v", err)
	}
	failures, left := 0, map[sectors.Phase]bool{}
	for ; ; space += size / 3 {
		require.Less(t, space, 20*size)
		require.NoError(t, resizeMemory(dir, space))
		s, err := sealer.Open(filepath.Join(dir, "sectors"), d, sealer.Options{BenchNodes: nodes})
		require.NoError(t, err)
		before, err := s.List(t.Context())
		require.NoError(t, err)
		require.NoError(t, s.Begin(t.Context(), samplePlan(t, d)))
		commitments, err := s.Seal(t.Context(), number)
		if err == nil {
			requireSame(t, wanted(t, d), commitments, filepath.Join(dir, "sectors"))
			break
		}
		failures++
		require.ErrorIs(t, err, sealer.ErrDiskFull)
		require.ErrorContains(t, err, filepath.Join(dir, "sectors", "7"))
		files, listErr := s.List(t.Context())
		require.NoError(t, listErr)
		left[files[0].Phase] = true
		if len(before) > 0 && before[0].Phase == files[0].Phase {
			require.GreaterOrEqual(t, files[0].Done, before[0].Done, "labels were lost")
		}
	}
	require.Greater(t, failures, 10, fmt.Sprint(left))
	require.True(t, left[sectors.PhaseLabelling] && left[sectors.PhaseEncoding], fmt.Sprint(left))
}
