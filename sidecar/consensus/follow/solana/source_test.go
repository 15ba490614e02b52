package solana

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	solanago "github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/endpoint"
	"github.com/ipdm-network/ipdm/sidecar/consensus/follow/feed"
)

// cluster is an endpoint that is at a slot, which is also the balance of each account.
type cluster struct {
	*httptest.Server
	slot atomic.Uint64
}

func newCluster(t *testing.T, slot uint64) *cluster {
	c := new(cluster)
	c.slot.Store(slot)
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	return c
}

func (c *cluster) serve(w http.ResponseWriter, r *http.Request) {
	var q struct {
		ID     json.RawMessage
		Method string
		Params []json.RawMessage
	}
	_ = json.NewDecoder(r.Body).Decode(&q)
	result := `"result":"genesis"`
	if q.Method == "getMultipleAccounts" {
		var options struct{ MinContextSlot uint64 }
		_ = json.Unmarshal(q.Params[1], &options)
		slot := c.slot.Load()
		result = fmt.Sprintf(`"result":{"context":{"slot":%d},"value":[{"lamports":%d,"owner":"%s","data":["","base64"]}]}`, slot, slot, owner)
		if slot < options.MinContextSlot {
			result = `"error":{"code":-32016,"message":"Minimum context slot has not been reached"}`
		}
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"jsonrpc":"2.0","id":%s,%s}`, q.ID, result)
}

// pages is a sink that hands on what it takes.
type pages chan feed.Page

// Take implements feed.Sink.
func (p pages) Take(ctx context.Context, page feed.Page) error {
	select {
	case p <- page:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Trouble implements feed.Sink.
func (p pages) Trouble(string, error) {}

// changed returns the next page with a change.
func (p pages) changed(t *testing.T) feed.Page {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case page := <-p:
			if len(page.Changes) > 0 {
				return page
			}
		case <-late:
			require.FailNow(t, "nothing changes")
		}
	}
}

func TestAnEndpointThatIsStuckDoesNotHoldUpLooks(t *testing.T) {
	stuck, moving := newCluster(t, 5), newCluster(t, 5)
	pool, err := endpoint.NewPool([]string{stuck.URL, moving.URL})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	taken := make(pages)
	var running sync.WaitGroup
	running.Go(func() {
		s := New(pool, Options{Poll: time.Millisecond, Accounts: []solanago.PublicKey{one}, MaxAccounts: 10, MaxAccountBytes: 10})
		_ = s.Run(ctx, taken) // ends with ctx
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
		pool.Close()
	})
	at := func(slot uint64) {
		t.Helper()
		page := taken.changed(t)
		require.Equal(t, slot, page.Changes[0].Position)
		require.Equal(t, slot+1, page.Cursor.Next)
		require.Equal(t, slot, page.Finalized)
	}
	at(5)
	moving.slot.Store(9)
	at(9)
	stuck.slot.Store(20) // and the other is behind
	at(20)
	moving.slot.Store(21)
	at(21)
}
