package subprocess

import (
	"bytes"
	"sync"
)

const (
	maxTail = 64 << 10 // bytes of output that are kept
	maxLine = 64 << 10 // bytes of a line that may say that the program is ready
)

// output keeps the tail of standard output and looks there for the line that says that the program is ready.
type output struct {
	tail   tail
	accept func(line string) bool // nil once ready
	line   []byte
	ready  chan struct{}
}

func newOutput(accept func(string) bool) *output {
	return &output{accept: accept, ready: make(chan struct{})}
}

// Write is called by one goroutine of exec only.
func (o *output) Write(p []byte) (int, error) {
	_, _ = o.tail.Write(p)
	for rest := p; o.accept != nil; {
		part, after, whole := bytes.Cut(rest, []byte("\n"))
		if len(o.line)+len(part) <= maxLine {
			o.line = append(o.line, part...)
		}
		if !whole {
			break
		}
		if o.accept(string(o.line)) {
			o.accept = nil
			close(o.ready)
		}
		o.line, rest = o.line[:0], after
	}
	return len(p), nil
}

// tail keeps the last bytes that are written to it.
type tail struct {
	mu    sync.Mutex
	bytes []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes = append(t.bytes, p...)
	if len(t.bytes) > 2*maxTail {
		t.bytes = append(t.bytes[:0], t.bytes[len(t.bytes)-maxTail:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.bytes[max(0, len(t.bytes)-maxTail):]))
}
