// Package memdisk is a disk in memory with a pebblestore on it, for storetest: one that power failures, damage and a lack
// of space can be played on.
package memdisk
