// Package keyrange walks ranges of keys of a pebble index. The stores in the folders beside share it.
package keyrange
