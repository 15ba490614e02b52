// Package beacon wires the chain's randomness into the application (paper section 3.4).
package beacon
