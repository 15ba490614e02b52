package node

import (
	"io"
	"log/slog"
)

// NewLogger makes the logger that the settings ask for.
func NewLogger(w io.Writer, cfg LogConfig) (*slog.Logger, error) {
	level, err := cfg.level()
	if err != nil {
		return nil, err
	}
	opts := &slog.HandlerOptions{Level: level}
	if cfg.JSON {
		return slog.New(slog.NewJSONHandler(w, opts)), nil
	}
	return slog.New(slog.NewTextHandler(w, opts)), nil
}
