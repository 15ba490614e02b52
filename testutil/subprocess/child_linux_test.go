package subprocess

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// helperVariable makes this test binary a process that starts a program and never ends.
const helperVariable = "IPDM_SUBPROCESS_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		help()
	}
	os.Exit(m.Run())
}

// help starts a program that holds file 3 open, says so, and waits to be killed.
func help() {
	cmd := shell("echo ready; exec sleep 600")
	cmd.ExtraFiles = []*os.File{os.NewFile(3, "pipe")}
	if _, err := Start(context.Background(), cmd, isReady); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("started")
	select {}
}

func TestAProgramDiesWithTheProcessThatStartedIt(t *testing.T) {
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	helper := exec.Command(os.Args[0])
	helper.Env = append(os.Environ(), helperVariable+"=1")
	helper.ExtraFiles = []*os.File{write}
	output, err := helper.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, helper.Start())
	require.NoError(t, write.Close())
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "started\n", line)

	require.NoError(t, helper.Process.Kill())
	require.Error(t, helper.Wait())
	require.NoError(t, read.SetReadDeadline(time.Now().Add(time.Minute)))
	_, err = read.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF, "the program still has the pipe")
}
