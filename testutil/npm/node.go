package npm

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// minimumNode is the least major version of Node.js that runs what is installed here.
const minimumNode = 20

// ErrNoNode says that Node.js is missing or too old. Errors that wrap it say which.
var ErrNoNode = errors.New("no Node.js: 20 or later with npm is needed (https://nodejs.org)")

// Node returns the path of Node.js, or an error that wraps ErrNoNode.
func Node() (string, error) {
	path, err := exec.LookPath("node")
	if err != nil {
		return "", fmt.Errorf("%w: there is no node in PATH", ErrNoNode)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return "", fmt.Errorf("%w: there is no npm in PATH", ErrNoNode)
	}
	version, err := exec.Command(path, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%w: %s --version failed: %w", ErrNoNode, path, err)
	}
	if err := checkVersion(strings.TrimSpace(string(version))); err != nil {
		return "", fmt.Errorf("%w: %s", err, path)
	}
	return path, nil
}

// checkVersion checks what node --version prints, such as v20.18.0.
func checkVersion(version string) error {
	major, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), ".")
	if number, err := strconv.Atoi(major); err != nil || number < minimumNode {
		return fmt.Errorf("%w: version %q found", ErrNoNode, version)
	}
	return nil
}

// Skipper is the part of testing.TB that SkipWithoutNode needs.
type Skipper interface {
	Helper()
	Skipf(format string, args ...any)
}

// SkipWithoutNode skips a test with the reason where Node.js is missing or too old.
func SkipWithoutNode(t Skipper) {
	t.Helper()
	if _, err := Node(); err != nil {
		t.Skipf("%v", err)
	}
}
