// Package types holds the messages, parameters, genesis, errors and hooks of x/porep (paper sections 3.4 and 6.4).
package types
