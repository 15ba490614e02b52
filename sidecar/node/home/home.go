package home

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Dir is the home of a node.
type Dir string

func (d Dir) path(name string) string { return filepath.Join(string(d), name) }

// ConfigPath is the file of settings.
func (d Dir) ConfigPath() string { return d.path("config.toml") }

// PeerKeyPath is the file of the peer key.
func (d Dir) PeerKeyPath() string { return d.path("peer.key") }

// StoreDir is the block store.
func (d Dir) StoreDir() string { return d.path("store") }

// S3IndexDir is the local index of a block store that is in a bucket.
func (d Dir) S3IndexDir() string { return d.path("s3") }

// KeyringDir is the keyring.
func (d Dir) KeyringDir() string { return d.path("keyring") }

// SectorDir holds a provider's sectors, unless its settings name another folder.
func (d Dir) SectorDir() string { return d.path("sectors") }

// FollowDir holds how far the node is with the other chains that it follows.
func (d Dir) FollowDir() string { return d.path("follow") }

// APIPath is the file that holds the address of the running daemon's API.
func (d Dir) APIPath() string { return d.path("api") }

// SocketPath is the socket on which the running daemon's API is served to programs of this machine, where that is possible.
func (d Dir) SocketPath() string { return d.path("api.sock") }

// LockPath is the file locked by the running daemon.
func (d Dir) LockPath() string { return d.path("node.lock") }

// NoticePath is the file whose presence tells that the notice about public content was shown.
func (d Dir) NoticePath() string { return d.path("notice-shown") }

// APIAddress returns the address of the API of the daemon that runs in this home: of its socket, which takes less time to pass bytes through,
// or its host and port. It fails with fs.ErrNotExist if none runs.
func (d Dir) APIAddress() (string, error) {
	raw, err := os.ReadFile(d.APIPath())
	if err != nil {
		return "", fmt.Errorf("failed to read the daemon's address: %w", err)
	}
	if socket, err := filepath.Abs(d.SocketPath()); err == nil {
		if info, err := os.Stat(socket); err == nil && info.Mode().Type() == fs.ModeSocket {
			return "unix:" + socket, nil
		}
	}
	return strings.TrimSpace(string(raw)), nil
}
