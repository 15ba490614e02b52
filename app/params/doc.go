// Package params holds the constants of the IPDM network that every program of
// the project agrees on (paper section 6, the token): address prefixes, coin
// denominations and the key type. It imports nothing of the application, so
// command-line tools can use it without linking the chain.
package params
