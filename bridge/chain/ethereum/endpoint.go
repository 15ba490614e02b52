package ethereum

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
)

// maxAnswerBytes is more than any answer that is needed. Where logs take more, fewer are asked for.
const maxAnswerBytes = 32 << 20

// endpoint is a node that answers JSON-RPC. It may be used concurrently.
type endpoint struct {
	*ethclient.Client
	host    string        // for people: the rest of the URL may be a secret
	timeout time.Duration // of one request
}

func (e endpoint) name() string { return e.host }

// dial prepares connections to the endpoints of a chain with a name. It fails if a URL is malformed.
func dial(ctx context.Context, name string, urls []string, timeout time.Duration) ([]endpoint, error) {
	bounded := &http.Client{Transport: boundedTransport{http.DefaultTransport}}
	var nodes []endpoint
	for _, text := range urls {
		host := hostOf(text)
		node, err := rpc.DialOptions(ctx, text, rpc.WithHTTPClient(bounded), rpc.WithWebsocketMessageSizeLimit(maxAnswerBytes))
		if err != nil {
			hangUp(nodes)
			return nil, fmt.Errorf("failed to prepare the connection to an endpoint of %s, %s: %w", name, host, plain(err))
		}
		nodes = append(nodes, endpoint{Client: ethclient.NewClient(node), host: host, timeout: timeout})
	}
	return nodes, nil
}

// hangUp closes the connections.
func hangUp(nodes []endpoint) {
	for _, node := range nodes {
		node.Close()
	}
}

// boundedTransport ends answers that are too long with a http.MaxBytesError.
type boundedTransport struct{ http.RoundTripper }

func (t boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = http.MaxBytesReader(nil, response.Body, maxAnswerBytes)
	}
	return response, err
}

// read calls a function of a contract that only reads, in a block; nil is the latest.
func (e endpoint) read(ctx context.Context, contract common.Address, input []byte, block *big.Int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	raw, err := e.CallContract(ctx, ethereum.CallMsg{To: &contract, Data: input}, block)
	if err != nil {
		return nil, plain(err)
	}
	if len(raw) == 0 {
		return nil, errors.New("there is no contract at this address")
	}
	return raw, nil
}

// askAll asks all endpoints, and returns what those say that answer. It fails if none does.
func askAll[T any](nodes []endpoint, question func(endpoint) (T, error)) ([]T, error) {
	var answers []T
	var failures error
	for _, node := range nodes {
		answer, err := question(node)
		if err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", node.host, err))
			continue
		}
		answers = append(answers, answer)
	}
	if len(answers) == 0 {
		return nil, failures
	}
	return answers, nil
}

// maxErrorText is how many characters of an error are told. An endpoint may answer with any text.
const maxErrorText = 300

// plain returns an error without the URL that was asked, and with a text that is not too long.
func plain(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	if err == nil || utf8.RuneCountInString(err.Error()) <= maxErrorText {
		return err
	}
	return longError{err}
}

// longError is an error of which only the beginning is told.
type longError struct{ error }

func (e longError) Error() string { return fmt.Sprintf("%.*s...", maxErrorText, e.error.Error()) }

func (e longError) Unwrap() error { return e.error }

// hostOf returns what may be told of a URL: its scheme, host and port.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "a malformed URL"
	}
	return u.Scheme + "://" + u.Host
}
