// Package endpoints has what clients of all other chains need to ask RPC endpoints that they do not trust (paper 10.1): lists without the same one
// twice, answers that have a bound, and errors that can be told to people, without the access key that a URL may hold.
package endpoints
