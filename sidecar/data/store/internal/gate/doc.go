// Package gate lets the Close of a store wait for the calls that run: section 4.3 of the specification paper (storage).
package gate
