// Package types holds the messages, records, parameters and errors of x/anchor (paper section 3.4).
package types
