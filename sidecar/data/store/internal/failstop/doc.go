// Package failstop stops the changes of a store at the first error that it cannot recover from, and leaves reading
// possible: section 4.3 of the specification paper (storage).
package failstop
