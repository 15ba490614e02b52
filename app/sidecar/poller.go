package sidecar

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"

	"cosmossdk.io/log/v2"
)

// maxAnswerBytes bounds what the sidecar may answer.
const maxAnswerBytes = 64 << 10

// ErrNoAnswer marks what is wrong with the sidecar, in errors of a Round.
var ErrNoAnswer = errors.New("the sidecar does not answer")

// Round looks at the newest state and asks the sidecar. It is called by one goroutine, and returns how long the next round is to
// wait at least. A panic is an error.
type Round func(ctx context.Context) (rest time.Duration, err error)

// Poller has a connection to the sidecar, and makes a round after a commit once it is started. Its methods but Start are safe for
// concurrent use. Close it.
type Poller struct {
	conn    *grpc.ClientConn
	timeout time.Duration
	subject string
	log     log.Logger

	commits chan struct{} // signals that a block has been committed
	stop    context.CancelFunc
	done    chan struct{} // closed when the goroutine has returned; nil before Start

	trouble string // what is wrong, empty if nothing; logged when it changes; belongs to the goroutine
}

// NewPoller makes a poller of the sidecar that cfg names, which need not run. subject is what it is asked for, in logs. It fails with
// ErrConfig.
func NewPoller(cfg Config, subject string, logger log.Logger) (*Poller, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	conn, err := grpc.NewClient("passthrough:///"+cfg.Address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 200 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 5 * time.Second},
			MinConnectTimeout: time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswerBytes)),
	)
	if err != nil {
		return nil, fmt.Errorf("%w: address %q: %w", ErrConfig, cfg.Address, err)
	}
	return &Poller{conn: conn, timeout: cfg.Timeout, subject: subject, log: logger, commits: make(chan struct{}, 1), stop: func() {}}, nil
}

// Conn is the connection, for the client of a service.
func (p *Poller) Conn() grpc.ClientConnInterface { return p.conn }

// Start begins to make rounds, in a goroutine that Close ends. It is called once at most, before the poller is shared.
func (p *Poller) Start(round Round) {
	var ctx context.Context
	ctx, p.stop = context.WithCancel(context.Background())
	p.done = make(chan struct{})
	go p.work(ctx, round)
}

// Committed tells that there is a new state. It does not wait.
func (p *Poller) Committed() {
	select {
	case p.commits <- struct{}{}:
	default:
	}
}

// Deadline returns a context for one request, which ends after the time that the sidecar may take.
func (p *Poller) Deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, p.timeout)
}

// Close ends the goroutine and the connection. It may be called more than once.
func (p *Poller) Close() error {
	p.stop()
	if p.done != nil {
		<-p.done
	}
	if err := p.conn.Close(); err != nil && !errors.Is(err, grpc.ErrClientConnClosing) {
		return fmt.Errorf("failed to close the connection to the sidecar: %w", err)
	}
	return nil
}

func (p *Poller) work(ctx context.Context, round Round) {
	defer close(p.done)
	var next time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.commits:
		}
		if time.Now().Before(next) {
			continue // what was said is said again
		}
		rest, err := guarded(ctx, round)
		if ctx.Err() != nil {
			return
		}
		next = time.Now().Add(rest)
		p.report(err)
	}
}

// guarded makes one round.
func guarded(ctx context.Context, round Round) (rest time.Duration, err error) {
	defer func() {
		if r := recover(); r != nil {
			rest, err = 0, fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return round(ctx)
}

// report logs what is wrong once, and once that it is over.
func (p *Poller) report(err error) {
	trouble := ""
	switch {
	case errors.Is(err, ErrNoAnswer):
		trouble = "sidecar"
	case err != nil:
		trouble = "state"
	}
	if trouble == p.trouble {
		return
	}
	p.trouble = trouble
	if err != nil {
		p.log.Error("no "+p.subject, "sidecar", p.conn.Target(), "err", err)
		return
	}
	p.log.Info(p.subject+" again", "sidecar", p.conn.Target())
}
