//go:build !linux

package priority

// Lower does nothing: threads have no priority of their own here.
func Lower() {}
