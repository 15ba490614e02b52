// Package subprocess runs the programs that tests need beside them: it waits until a program says that it is ready, keeps
// the end of its output for errors, and ends it for certain. On Linux a program dies with the process that started it.
package subprocess
