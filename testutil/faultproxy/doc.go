// Package faultproxy stands between a client and a JSON-RPC node and does wrong what a test tells it to: it loses, delays
// or refuses requests, answers as of older blocks, and lies.
//
//	proxy, err := faultproxy.Start(node.URL())
//	proxy.Add(faultproxy.Rule{Methods: []string{"eth_getLogs"}, Count: 2, Fault: faultproxy.Status(429)})
//
// It speaks HTTP, with any method, for any chain; a batch is taken apart and each of its requests judged by itself. Lag is for
// Ethereum; a Solana network of testutil/solana lags by itself. Requests are counted by method.
package faultproxy
