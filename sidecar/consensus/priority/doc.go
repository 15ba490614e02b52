// Package priority lets work that can wait take only what is left of the processor (paper section 3.4: sealing must not slow down blocks,
// proofs or transfers).
package priority
