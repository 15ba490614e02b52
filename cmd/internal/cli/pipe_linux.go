package cli

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// pipeBytes is what a pipe is made to hold: at the 64 KiB that it does by itself, writer and reader wake each other sixteen times a MiB.
const pipeBytes = 1 << 20

// widen makes a pipe that w may be hold more. Where it cannot, the pipe is slower, and nothing else.
func widen(w io.Writer) {
	if f, ok := w.(*os.File); ok {
		_, _ = unix.FcntlInt(f.Fd(), unix.F_SETPIPE_SZ, pipeBytes)
	}
}
