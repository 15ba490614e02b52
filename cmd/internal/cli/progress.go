package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// Bar shows how far a transfer is, with rate and time left, on a terminal; elsewhere it shows nothing.
type Bar struct{ shown *progressbar.ProgressBar }

// NewBar makes a bar. A total of 0 is unknown.
func (c *Call) NewBar(label string, total int64) *Bar {
	if c.JSON || !Terminal(c.Stderr) {
		return &Bar{}
	}
	if total <= 0 {
		total = -1
	}
	return &Bar{progressbar.NewOptions64(total,
		progressbar.OptionSetDescription(label),
		progressbar.OptionSetWriter(c.Stderr),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowTotalBytes(true),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	)}
}

// Errors below are those of writing to the terminal, which have nowhere else to go.

// Add shows n more.
func (b *Bar) Add(n int) {
	if b.shown != nil {
		_ = b.shown.Add(n)
	}
}

// Total says how much there is in all; 0 is unknown.
func (b *Bar) Total(bytes uint64) {
	if b.shown != nil && bytes > 0 {
		b.shown.ChangeMax64(int64(bytes))
	}
}

// End takes the bar away. A second call does nothing.
func (b *Bar) End() {
	if b.shown != nil {
		_ = b.shown.Exit()
		_ = b.shown.Clear()
	}
}

func (b *Bar) progress() client.Progress { return client.Progress{Total: b.Total, Bytes: b.Add} }
