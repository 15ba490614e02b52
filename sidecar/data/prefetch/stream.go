package prefetch

import "github.com/ipdm-network/ipdm/sdk/go/format"

const (
	// established is how many blocks have to be read in order before anything is loaded.
	established = 2
	// startGap and gap are how many positions may be left out while a stream is not established and when it is: several
	// blocks are read at a time. behind is how far those may lag.
	startGap = 1
	gap      = 8
	behind   = 32
	// maxStreams is how many streams a sequence has.
	maxStreams = 8
	// maxAhead bounds the positions planned ahead, whatever their size.
	maxAhead = 4096
	// recentEncodings is how many encodings a stream remembers, not to load them twice.
	recentEncodings = 32
	// besides is for how many events a stream counts as read beside the others of its sequence.
	besides = 128

	minWindowBytes = 1 << 20
	maxWindowBytes = 16 << 20
)

// stream is somebody's reading of a sequence in its order.
type stream struct {
	reader      string
	begin       int   // the first position read
	next        int   // behind the last position read
	sizes       []int // of the positions planned from there on
	aheadBytes  int   // their sum
	run         int   // reads in order so far
	windowBytes int
	crowded     bool // something was displaced, so the window grows slowly from then on
	outcome     *outcome
	encodings   []format.Digest // planned or served last, the oldest first
	used        uint64          // when it was last
}

// planned is the position behind the last one planned.
func (s *stream) planned() int { return s.next + len(s.sizes) }

// continues tells whether a read carries the stream on.
func (s *stream) continues(position int) bool {
	if position < s.next {
		return false
	}
	if s.run < established {
		return position <= s.next+startGap
	}
	return position <= s.next+gap
}

// lags tells whether a read is one of those that the stream has passed, as some do when several are made at a time.
func (s *stream) lags(position int) bool {
	return s.run >= established && position > 0 && position < s.next && position >= s.next-behind
}

// advance takes note that everything before a position has been read.
func (s *stream) advance(end int) {
	if end <= s.next {
		return
	}
	n := min(end-s.next, len(s.sizes))
	for _, size := range s.sizes[:n] {
		s.aheadBytes -= size
	}
	s.sizes = s.sizes[n:]
	s.next = end
	s.run++
}

// plan takes note of the next position, which is planned.
func (s *stream) plan(sizeBytes int) {
	s.sizes = append(s.sizes, sizeBytes)
	s.aheadBytes += sizeBytes
}

// adapt sets the window by what became of what was loaded. It is halved if some was displaced unused. If some was used it
// is doubled, or once it was too large, made a little larger.
func (s *stream) adapt(maxBytes int) {
	used, wasted := s.outcome.used.Swap(0), s.outcome.wasted.Swap(0)
	switch {
	case wasted > 0:
		s.crowded = true
		s.windowBytes = max(s.windowBytes/2, min(minWindowBytes, maxBytes))
	case used > 0 && s.crowded:
		s.windowBytes = min(s.windowBytes+minWindowBytes/16, maxBytes)
	case used > 0:
		s.windowBytes = min(s.windowBytes*2, maxBytes)
	}
}

// remembers tells whether an encoding was planned or served lately, and remembers it.
func (s *stream) remembers(encoding format.Digest) bool {
	for _, d := range s.encodings {
		if d == encoding {
			return true
		}
	}
	if len(s.encodings) == recentEncodings {
		s.encodings = append(s.encodings[:0], s.encodings[1:]...)
	}
	s.encodings = append(s.encodings, encoding)
	return false
}

// elsewhere tells whether a position has been read, or is going to be loaded, by another stream of the same reader, who may
// ask for several parts at a time.
func (q *sequence) elsewhere(s *stream, position int) bool {
	for _, other := range q.streams {
		if other != s && other.reader == s.reader && position >= other.begin && position < other.planned() && s.used-min(other.used, s.used) < besides {
			return true
		}
	}
	return false
}

// follow returns the stream that a read belongs to, or a new one that begins with it. One that is not established makes
// room for it first, else the one not used for longest.
func (q *sequence) follow(reader string, position int, now uint64, windowBytes int) *stream {
	for _, takes := range []func(*stream, int) bool{(*stream).continues, (*stream).lags} {
		for _, s := range q.streams {
			if takes(s, position) {
				s.used = now
				return s
			}
		}
	}
	s := &stream{reader: reader, begin: position, next: position, windowBytes: windowBytes, outcome: &outcome{}, used: now}
	if len(q.streams) < maxStreams {
		q.streams = append(q.streams, s)
		return s
	}
	last := 0
	for i, old := range q.streams {
		weak, lastWeak := old.run < established, q.streams[last].run < established
		if weak && !lastWeak || weak == lastWeak && old.used < q.streams[last].used {
			last = i
		}
	}
	q.streams[last] = s
	return s
}
