// Package e2e tests IPDM from outside: real binaries, real processes, kills and restarts. The tests are built with the
// tag e2e and need the binaries of `make build`; `make test-e2e` does both.
package e2e
