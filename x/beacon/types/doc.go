// Package types holds the messages, genesis and errors of x/beacon (paper section 3.4).
package types
