package main

import (
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/ipdm-network/ipdm/sidecar/api/client"
)

// bar shows how far a transfer is, with rate and time left, on a terminal; elsewhere it shows nothing.
type bar struct{ shown *progressbar.ProgressBar }

// newBar makes a bar. A total of 0 is unknown.
func (c *cli) newBar(label string, total int64) *bar {
	if c.json || !terminal(c.stderr) {
		return &bar{}
	}
	if total <= 0 {
		total = -1
	}
	return &bar{progressbar.NewOptions64(total,
		progressbar.OptionSetDescription(label),
		progressbar.OptionSetWriter(c.stderr),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowTotalBytes(true),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionFullWidth(),
		progressbar.OptionClearOnFinish(),
	)}
}

// The errors of a bar are those of writing to the terminal, which has nowhere else to go.

func (b *bar) add(n int) {
	if b.shown != nil {
		_ = b.shown.Add(n)
	}
}

func (b *bar) total(bytes uint64) {
	if b.shown != nil && bytes > 0 {
		b.shown.ChangeMax64(int64(bytes))
	}
}

func (b *bar) end() {
	if b.shown != nil {
		_ = b.shown.Exit()
		_ = b.shown.Clear()
	}
}

func (b *bar) progress() client.Progress { return client.Progress{Total: b.total, Bytes: b.add} }
