// Package types holds the messages, genesis and errors of x/bridge (paper section 10.1).
package types
