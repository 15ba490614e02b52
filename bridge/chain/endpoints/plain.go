package endpoints

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
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
// news. What it wraps is still found in it.
func Plain(err error) error {
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
		text = strings.Replace(text, broken.Error(), broken.Op+": "+broken.Err.Error(), 1)
	case errors.As(err, &status):
		text = strings.Replace(text, status.Error(), fmt.Sprintf("HTTP status %s: %q", status.Status, status.Body), 1)
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
