// Package decoded is a cache of encodings in plain form, which stores share: section 4.3 of the specification paper
// (storage).
package decoded
