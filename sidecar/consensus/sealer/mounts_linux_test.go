package sealer_test

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownMounts are attributes of a process that may mount what others do not see.
func ownMounts() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
}

// mountMemory mounts a file system of so many bytes.
func mountMemory(dir string, sizeBytes int) error {
	return unix.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", sizeBytes))
}

func resizeMemory(dir string, sizeBytes int) error {
	return unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT, fmt.Sprintf("size=%d", sizeBytes))
}
