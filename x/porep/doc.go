// Package porep wires storage proofs into the application (paper sections 3.4 and 6.4).
package porep
