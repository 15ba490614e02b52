package node

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
	"github.com/pelletier/go-toml/v2"

	"github.com/ipdm-network/ipdm/sidecar/node/home"
)

var (
	// ErrNoHome reports a directory that is no node's home.
	ErrNoHome = errors.New("no data node lives here")
	// ErrHomeExists refuses to make a home where there is one.
	ErrHomeExists = errors.New("a data node lives here already")
	// ErrHomeInUse reports a home that another daemon uses.
	ErrHomeInUse = errors.New("another daemon uses this home")
	// ErrConfig reports settings that cannot work.
	ErrConfig = errors.New("invalid configuration")
)

// maxConfigBytes bounds what is read of a configuration file.
const maxConfigBytes = 1 << 20

// Home is the directory of a node.
type Home = home.Dir

// LoadConfig reads the settings of a home, with the environment applied, and checks them. It fails with ErrNoHome or
// ErrConfig.
func LoadConfig(h Home) (Config, error) {
	cfg := DefaultConfig()
	info, err := os.Stat(h.ConfigPath())
	if errors.Is(err, fs.ErrNotExist) {
		return cfg, fmt.Errorf("%w: %s has no config.toml (make one with: ipdm init --home %s)", ErrNoHome, h, h)
	}
	if err != nil {
		return cfg, fmt.Errorf("failed to read the configuration: %w", err)
	}
	if info.Size() > maxConfigBytes {
		return cfg, fmt.Errorf("%w: %s has %d bytes", ErrConfig, h.ConfigPath(), info.Size())
	}
	raw, err := os.ReadFile(h.ConfigPath())
	if err != nil {
		return cfg, fmt.Errorf("failed to read the configuration: %w", err)
	}
	if err := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields().Decode(&cfg); err != nil {
		return cfg, fmt.Errorf("%w: %s: %w", ErrConfig, h.ConfigPath(), explainTOML(err))
	}
	if err := cfg.ApplyEnv(); err != nil {
		return cfg, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := cfg.ValidateBasic(); err != nil {
		return cfg, fmt.Errorf("%w: %s: %w", ErrConfig, h.ConfigPath(), err)
	}
	return cfg, nil
}

// explainTOML says where in the file an error is.
func explainTOML(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) {
		return fmt.Errorf("unknown setting:\n%s", strict.String())
	}
	var decode *toml.DecodeError
	if errors.As(err, &decode) {
		return fmt.Errorf("%w\n%s", err, decode.String())
	}
	return err
}

// lock takes a home for this process. It fails with ErrHomeInUse.
func lock(h Home) (*flock.Flock, error) {
	l := flock.New(h.LockPath(), flock.SetPermissions(0o600))
	locked, err := l.TryLock()
	if err != nil {
		return nil, fmt.Errorf("failed to lock %s: %w", h, err)
	}
	if !locked {
		owner := "pid unknown"
		if raw, err := os.ReadFile(h.LockPath()); err == nil && len(raw) > 0 && len(raw) < 32 {
			owner = "pid " + strings.TrimSpace(string(raw))
		}
		return nil, fmt.Errorf("%w: %s (%s)", ErrHomeInUse, h, owner)
	}
	if err := os.WriteFile(h.LockPath(), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("failed to write %s: %w", h.LockPath(), err), l.Unlock())
	}
	return l, nil
}

// writeFile replaces a small file whole.
func writeFile(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return fmt.Errorf("failed to write %s: %w", path, err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("failed to write %s: %w", path, err)
	}
	return nil
}
