package subprocess

import (
	"context"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func isReady(line string) bool { return line == "ready" }

func shell(script string) *exec.Cmd { return exec.Command("sh", "-c", script) }

func TestStartWaitsForTheLine(t *testing.T) {
	p, err := Start(context.Background(), shell("echo not yet; printf rea; echo dy; exec cat"), isReady)
	require.NoError(t, err)
	require.Equal(t, "not yet\nready", p.Output())
	require.NoError(t, p.Stop())
	<-p.Done()
	require.NoError(t, p.Stop(), "stopping again is fine")
}

func TestAProgramThatEndsSaysWhy(t *testing.T) {
	_, err := Start(context.Background(), shell("echo the port is taken >&2; exit 3"), isReady)
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "the port is taken")
}

func TestAProgramThatIsNeverReadyIsStopped(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := Start(ctx, shell("echo hello; exec cat"), isReady)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, "hello")
}

func TestAMissingProgramIsAnError(t *testing.T) {
	_, err := Start(context.Background(), exec.Command("/nothing/here"), isReady)
	require.ErrorContains(t, err, "failed to start /nothing/here")
}

func TestOnlyTheEndOfTheOutputIsKept(t *testing.T) {
	out := newOutput(isReady)
	for range 100 {
		_, _ = out.Write([]byte(strings.Repeat("x", 10_000)))
	}
	_, _ = out.Write([]byte("\nready\nend"))
	select {
	case <-out.ready:
	default:
		t.Fatal("the line after a very long one was not seen")
	}
	require.True(t, strings.HasSuffix(out.tail.String(), "end"))
	require.LessOrEqual(t, len(out.tail.String()), maxTail)
	require.LessOrEqual(t, len(out.line), maxLine)
}
