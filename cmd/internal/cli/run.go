package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// ErrElsewhere reports a call that only the complete program can carry out.
var ErrElsewhere = errors.New("it takes the complete program")

// Run executes a command and reports what went wrong. It returns the code to end with, or ErrElsewhere before anything was done.
func (c *Call) Run(ctx context.Context, root *cobra.Command, args []string) (code int, err error) {
	root.SetArgs(args)
	root.SetIn(c.Stdin)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	err = root.ExecuteContext(ctx)
	if err == nil {
		return ExitOK, nil
	}
	if errors.Is(err, ErrElsewhere) {
		return ExitFailed, err
	}
	code = c.exitCode(err)
	if !c.JSON {
		fmt.Fprintln(c.Stderr, "Error:", c.explain(err))
		return code, nil
	}
	c.printJSONTo(c.Stderr, struct {
		Error    string `json:"error"`
		ExitCode int    `json:"exit_code"`
	}{c.explain(err), code})
	return code, nil
}
