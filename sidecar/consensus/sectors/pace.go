package sectors

import (
	"sync"
	"time"
)

// firstPace is what sealing is taken to do before it was measured, in bytes a second: less than any machine with SHA instructions.
const firstPace = 2 << 20

// pace is the measured speed of one sealer.
type pace struct {
	mu             sync.Mutex
	bytesPerSecond float64 // guarded by mu
}

func newPace() *pace { return &pace{bytesPerSecond: firstPace} }

// measured takes in how long a sector took that was sealed in one go.
func (p *pace) measured(sizeBytes uint64, took time.Duration) {
	if took <= 0 {
		return
	}
	now := float64(sizeBytes) / took.Seconds()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytesPerSecond = (p.bytesPerSecond + now) / 2
}

// expected is how long so many bytes take.
func (p *pace) expected(sizeBytes uint64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Duration(float64(sizeBytes) / p.bytesPerSecond * float64(time.Second))
}
