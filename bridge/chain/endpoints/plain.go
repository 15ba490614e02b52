package endpoints

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"unicode/utf8"

	"github.com/ethereum/go-ethereum/rpc"
)

// maxErrorText is how many characters of an error are told. An endpoint may answer with any text.
const maxErrorText = 300

// Host returns what may be told of a URL: its scheme, host and port.
func Host(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "a malformed URL"
	}
	return u.Scheme + "://" + u.Host
}

// Plain returns an error without the URL that was asked, and with a text that is short and the same each time: a connection's own port is no
// news. What it wraps is still found in it. One that wraps an error of Plain's stays as it is.
func Plain(err error) error {
	var done plainError
	if errors.As(err, &done) {
		return err
	}
	var asked *url.Error
	if errors.As(err, &asked) {
		err = asked.Err
	}
	if err == nil {
		return nil
	}
	text := err.Error()
	var broken *net.OpError
	var status rpc.HTTPError
	switch {
	case errors.As(err, &broken) && broken.Op != "dial":
		text = fmt.Sprintf("%s: %s", broken.Op, broken.Err)
	case errors.As(err, &status):
		text = fmt.Sprintf("HTTP status %s: %q", status.Status, status.Body)
	}
	if utf8.RuneCountInString(text) > maxErrorText {
		text = fmt.Sprintf("%.*s...", maxErrorText, text)
	}
	if text == err.Error() {
		return err
	}
	return plainError{err, text}
}

// plainError is an error with another text.
type plainError struct {
	error
	text string
}

func (e plainError) Error() string { return e.text }

func (e plainError) Unwrap() error { return e.error }
