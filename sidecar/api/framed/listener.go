package framed

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

const (
	// greetTimeout bounds the time until a connection has said what it is.
	greetTimeout = 10 * time.Second
	// acceptPause is how long nothing is accepted after the system was short of something.
	acceptPause = 100 * time.Millisecond
)

// others are the connections of a listener that are not framed. It implements net.Listener.
type others struct {
	net.Listener
	accepted chan net.Conn
	failed   chan struct{} // closed when err is set
	err      error
	closing  chan struct{} // closed by Close
	once     sync.Once
}

// Divide serves the framed calls of a listener of Unix sockets and returns one with the other connections, which ends when it is closed. After
// Close it serves nothing.
func (s *Server) Divide(l net.Listener) net.Listener {
	o := &others{Listener: l, accepted: make(chan net.Conn), failed: make(chan struct{}), closing: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		o.err = net.ErrClosed
		close(o.failed)
		return o
	}
	s.running.Go(func() {
		for {
			conn, err := l.Accept()
			if isTemporary(err) && o.wait(acceptPause) {
				continue
			}
			if err != nil {
				o.err = err
				close(o.failed)
				return
			}
			if !s.admit(conn) {
				_ = conn.Close() // it was sent nothing
				continue
			}
			s.running.Go(func() { s.greet(conn, o) })
		}
	})
	return o
}

// isTemporary tells whether accepting is worth another try, as gRPC sees it.
func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// wait waits for a while, and tells whether the listener was not closed meanwhile.
func (o *others) wait(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-o.closing:
		return false
	}
}

// greet reads what a connection is and hands it on.
func (s *Server) greet(conn net.Conn, o *others) {
	start := make([]byte, len(magic))
	err := conn.SetReadDeadline(time.Now().Add(greetTimeout))
	if err == nil {
		_, err = io.ReadFull(conn, start)
	}
	if err == nil {
		err = conn.SetReadDeadline(time.Time{})
	}
	local, isUnix := conn.(*net.UnixConn)
	switch {
	case err != nil:
	case string(start) == magic && isUnix:
		s.serve(local)
	default:
		s.dismiss(conn)
		select {
		case o.accepted <- &begun{Conn: conn, start: start}:
			return
		case <-o.closing:
		}
	}
	s.dismiss(conn)
	_ = conn.Close() // what it was to be told it was told
}

// Accept implements net.Listener.
func (o *others) Accept() (net.Conn, error) {
	select {
	case conn := <-o.accepted:
		return conn, nil
	case <-o.failed:
		return nil, o.err
	}
}

// Close implements net.Listener.
func (o *others) Close() error {
	o.once.Do(func() { close(o.closing) })
	return o.Listener.Close()
}

// begun is a connection of which the start was read.
type begun struct {
	net.Conn
	start []byte
}

// Read implements net.Conn.
func (b *begun) Read(p []byte) (int, error) {
	if len(b.start) == 0 {
		return b.Conn.Read(p)
	}
	n := copy(p, b.start)
	b.start = b.start[n:]
	return n, nil
}
