package framed

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// sendFile has the kernel write the next length bytes of a file to a connection, and returns how many it wrote: fewer where it
// cannot do that with the file. Its errors are those of SendFile.
func sendFile(conn *net.UnixConn, f *os.File, length int) (sent int, err error) {
	socket, err := conn.SyscallConn()
	if err != nil {
		return 0, io.EOF
	}
	file, err := f.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("failed to use %s: %w", f.Name(), err)
	}
	var failed error
	write := func(to uintptr) (done bool) {
		for sent < length {
			var n int
			err := file.Control(func(from uintptr) { n, failed = unix.Sendfile(int(to), int(from), nil, length-sent) })
			if err != nil {
				failed = err
				return true
			}
			switch {
			case errors.Is(failed, unix.EAGAIN):
				return false
			case errors.Is(failed, unix.EINTR):
				continue
			case failed != nil:
				return true
			case n == 0:
				failed = io.ErrUnexpectedEOF
				return true
			}
			sent += n
		}
		return true
	}
	if err := socket.Write(write); err != nil {
		return sent, io.EOF
	}
	switch {
	case errors.Is(failed, unix.EINVAL), errors.Is(failed, unix.ENOSYS), errors.Is(failed, unix.EOPNOTSUPP):
		return sent, nil
	case errors.Is(failed, unix.EPIPE), errors.Is(failed, unix.ECONNRESET):
		return sent, io.EOF
	case failed != nil && !errors.Is(failed, io.ErrUnexpectedEOF):
		return sent, &os.PathError{Op: "read", Path: f.Name(), Err: failed}
	}
	return sent, failed
}
