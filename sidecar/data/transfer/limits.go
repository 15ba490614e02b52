package transfer

import (
	"time"

	"github.com/libp2p/go-libp2p/core/protocol"

	"github.com/ipdm-network/ipdm/sdk/go/format"
)

// Protocol is the protocol's id.
const Protocol = protocol.ID("/ipdm/data/1.0.0")

// What a message may be, whoever sends it.
const (
	// MaxRequestBytes is the longest request.
	MaxRequestBytes = 64 << 10
	// MaxResponseBytes is the longest response but for those of a query and a summary.
	MaxResponseBytes = 16 << 10
	// MaxAnswerBytes is the longest response to a query or for a summary.
	MaxAnswerBytes = 1<<20 + 64<<10
	// MaxWants is how many blocks or encodings one request may ask for.
	MaxWants = 1024
	// MaxSummaryBytes is the longest summary.
	MaxSummaryBytes = 1 << 20
	// MaxFilterBytes and MaxCursorBytes are the longest filter and cursor of a query.
	MaxFilterBytes = 4 << 10
	MaxCursorBytes = 1 << 10
	// MaxQueryLimit is the largest number of manifests that one query may ask for.
	MaxQueryLimit = 1000
	// MaxEnvelopeBytes is the longest encoding.
	MaxEnvelopeBytes = format.MaxEncodingSize
)

const (
	// paceBytes have to be read or written within the stall timeout, again and again: that is the slowest a peer may be.
	paceBytes = 64 << 10
	// serverStreams is how many streams of one peer a server answers at a time, clientStreams how many a client opens to one
	// peer, idle ones included.
	serverStreams = 32
	clientStreams = 16
	// serverIdle is how long a server waits for the next request, clientIdle how long a client keeps a stream for it.
	serverIdle = time.Minute
	clientIdle = 30 * time.Second
	// memberFetches is how many gets with fetch one member of the group has outstanding with another, fewer than streams so
	// that those are always left for gets without, which none waits for; groupFetches how many a server works at, from all
	// members together.
	memberFetches = 8
	groupFetches  = 32
	// memberPatience is how many times the stall timeout a member may take for the next thing that it is to fetch; it gives up
	// after one.
	memberPatience = 2
	// defaultStall is Options.StallTimeout unless set.
	defaultStall = 5 * time.Second
)
