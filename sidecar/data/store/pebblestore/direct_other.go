//go:build !linux

package pebblestore

import (
	"errors"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// setDirect fails: only Linux has files written both with and without the page cache.
func setDirect(vfs.File, bool) error { return errors.ErrUnsupported }
