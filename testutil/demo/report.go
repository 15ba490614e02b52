package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Figures are the numbers of a step, by name; names end with the unit.
type Figures map[string]any

// Step is one step of the story in the report.
type Step struct {
	Name    string
	OK      bool
	Seconds float64
	Error   string
	Figures Figures
}

// MarshalJSON puts the figures beside the name, as in {"name","ok","seconds","mb_per_second"}.
func (s Step) MarshalJSON() ([]byte, error) {
	object := map[string]any{}
	for name, value := range s.Figures {
		object[name] = value
	}
	object["name"], object["ok"], object["seconds"] = s.Name, s.OK, round(s.Seconds)
	if s.Error != "" {
		object["error"] = s.Error
	}
	return json.Marshal(object)
}

// Report is the content of report.json.
type Report struct {
	Steps []Step `json:"steps"`
}

// OK tells whether every step went well.
func (r *Report) OK() bool {
	for _, step := range r.Steps {
		if !step.OK {
			return false
		}
	}
	return len(r.Steps) > 0
}

// write replaces the report's file.
func (r *Report) write(path string) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("failed to encode the report: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("failed to make the report's folder: %w", err)
	}
	if err := os.WriteFile(path, append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("failed to write the report: %w", err)
	}
	return nil
}

// print shows a step as one line.
func (s Step) print(w io.Writer) {
	mark := "ok"
	if !s.OK {
		mark = "FAILED"
	}
	names := make([]string, 0, len(s.Figures))
	for name := range s.Figures {
		names = append(names, name)
	}
	sort.Strings(names)
	figures := make([]string, 0, len(names))
	for _, name := range names {
		figures = append(figures, fmt.Sprintf("%s=%v", name, s.Figures[name]))
	}
	fmt.Fprintf(w, "%-15s %-6s %6.1fs  %s\n", s.Name, mark, s.Seconds, strings.Join(figures, " "))
	if s.Error != "" {
		fmt.Fprintln(w, "                "+s.Error)
	}
}

func seconds(since time.Time) float64 { return time.Since(since).Seconds() }

// round keeps three decimals.
func round(x float64) float64 { return float64(int64(x*1000+0.5)) / 1000 }
