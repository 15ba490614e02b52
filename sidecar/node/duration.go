package node

import (
	"fmt"
	"time"
)

// Duration is a time in the settings, written as time.ParseDuration reads it, such as "1h30m".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("failed to read a time such as \"1h\" or \"90s\": %w", err)
	}
	*d = Duration(v)
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String returns the form that UnmarshalText reads.
func (d Duration) String() string { return time.Duration(d).String() }

// Set reads what UnmarshalText reads; with Type it makes the time a flag.
func (d *Duration) Set(text string) error { return d.UnmarshalText([]byte(text)) }

// Type names what a flag takes.
func (*Duration) Type() string { return "duration" }
