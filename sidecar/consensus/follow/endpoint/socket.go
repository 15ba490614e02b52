package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/ipdm-network/ipdm/bridge/chain/endpoints"
)

const (
	// silence is how long a peer may send nothing, not even the answer to a ping.
	silence = time.Minute
	// pingEvery is how often it is asked for a sign of life.
	pingEvery = silence / 3
	// writeTimeout is how long a message may take to be sent.
	writeTimeout = 10 * time.Second
)

// Listen connects to a URL of ws or wss, sends the requests, and hands over every message until ctx is done, the connection ends or handle fails,
// which is the error. The bytes are handle's to keep. When it returns the connection is closed and nothing of it is left running.
func Listen(ctx context.Context, url string, requests []any, handle func(message []byte) error) error {
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: timeout}
	conn, response, err := dialer.DialContext(ctx, url, nil)
	if response != nil {
		defer response.Body.Close()
	}
	if err != nil {
		if response != nil {
			return fmt.Errorf("failed to connect to %s: HTTP status %.100s", endpoints.Host(url), response.Status)
		}
		return fmt.Errorf("failed to connect to %s: %w", endpoints.Host(url), endpoints.Plain(err))
	}
	ctx, cancel := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { keep(ctx, conn) })
	defer keeping.Wait()
	defer cancel()
	if err := converse(conn, requests, handle); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("%s: %w", endpoints.Host(url), err)
	}
	return nil
}

// keep pings until ctx is done, and then closes the connection, which ends whoever reads from it.
func keep(ctx context.Context, conn *websocket.Conn) {
	defer func() { _ = conn.Close() }() // there is nothing left to lose
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			// One that cannot be sent is noticed by whoever reads.
			_ = conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout))
		}
	}
}

// converse sends the requests and hands over what comes.
func converse(conn *websocket.Conn, requests []any, handle func([]byte) error) error {
	conn.SetReadLimit(MaxAnswerBytes)
	alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(silence)) }
	conn.SetPongHandler(alive)
	for _, r := range requests {
		if err := conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
		if err := conn.WriteJSON(r); err != nil {
			return fmt.Errorf("failed to send a request: %w", endpoints.Plain(err))
		}
	}
	for {
		if err := alive(""); err != nil {
			return err
		}
		_, message, err := conn.ReadMessage()
		if errors.Is(err, websocket.ErrReadLimit) {
			return endpoints.ErrTooLong
		}
		if err != nil {
			return fmt.Errorf("the connection ended: %w", endpoints.Plain(err))
		}
		if err := handle(message); err != nil {
			return err
		}
	}
}
