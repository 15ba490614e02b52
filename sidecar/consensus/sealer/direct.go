package sealer

import (
	"errors"
	"os"
	"syscall"
)

// directFile is a file that is read and written past the memory that the system keeps of files, where it can be: layers are larger than that
// memory, and a copy of each label and a cleared page for it cost a tenth of labelling. What is read or written begins and ends with a page,
// in the file and in memory.
type directFile struct{ *os.File }

// asDirect makes an open file one that is read and written directly.
func asDirect(file *os.File) directFile {
	_ = direct(file, true) // a file system that cannot is slower
	return directFile{file}
}

// ReadAt implements io.ReaderAt.
func (f directFile) ReadAt(part []byte, offset int64) (int, error) {
	return f.try(f.File.ReadAt, part, offset)
}

// WriteAt implements io.WriterAt.
func (f directFile) WriteAt(part []byte, offset int64) (int, error) {
	return f.try(f.File.WriteAt, part, offset)
}

// try does it the usual way when a file system refuses to do it directly.
func (f directFile) try(do func([]byte, int64) (int, error), part []byte, offset int64) (int, error) {
	n, err := do(part, offset)
	if errors.Is(err, syscall.EINVAL) && direct(f.File, false) == nil {
		return do(part, offset)
	}
	return n, err
}
