// Package storetest is the conformance suite of store.Store (section 4.3 of the specification paper): whatever keeps
// encodings must pass it, crashes, damage and a full disk included.
package storetest
