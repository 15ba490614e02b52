package ethereum

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/rpc"

	"github.com/ipdm-network/ipdm/bridge/ethereum/bindings"
	"github.com/ipdm-network/ipdm/bridge/relayer"
)

// selectorBytes is how an error of a contract begins.
const selectorBytes = 4

var (
	// errDone tells that the contract has the checkpoint, or a later one of the epoch.
	errDone = errors.New("the contract has it already")
	// errRefused tells that the contract does not take it.
	errRefused = errors.New("the contract refuses")
)

// plain returns an error without the URL that was asked.
func plain(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) {
		return asked.Err
	}
	return err
}

// hostOf returns what may be told of a URL: its scheme, host and port.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "a malformed URL"
	}
	return u.Scheme + "://" + u.Host
}

// decode turns what the contract reverts with into errors that a caller decides on: errDone, errRefused with names and values,
// relayer.ErrStale. Other errors are returned as they are, but for URLs.
func (c *Client) decode(err error) error {
	err = plain(err)
	var data rpc.DataError
	if !errors.As(err, &data) {
		return err
	}
	text, ok := data.ErrorData().(string)
	if !ok {
		return err
	}
	raw, decodeErr := hexutil.Decode(text)
	if decodeErr != nil || len(raw) < selectorBytes {
		return err
	}
	reason, decodeErr := c.contract.UnpackError(raw)
	if decodeErr != nil {
		return err
	}
	switch e := reason.(type) {
	case *bindings.LightClientAlreadyAccepted, *bindings.LightClientHeightNotGreater:
		return errDone
	case *bindings.LightClientClientStale:
		return fmt.Errorf("%w (since %s, it is %s)", relayer.ErrStale, e.StaleAt, e.Time)
	default:
		return fmt.Errorf("%w: %s %+v", errRefused, strings.TrimPrefix(fmt.Sprintf("%T", e), "*bindings.LightClient"), e)
	}
}

// refused tells whether a node's answer has one of some words. Nodes have no codes for these.
func refused(err error, words ...string) bool {
	if err == nil {
		return false
	}
	text := strings.ToLower(err.Error())
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}
