// Package types holds the messages, state, parameters, prices and errors of x/market (paper sections 3.4 and 6).
package types
