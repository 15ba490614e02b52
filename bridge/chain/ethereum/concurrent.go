package ethereum

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// patience is how long one of several tasks may take at most.
const patience = time.Minute

// named has a name that errors tell.
type named interface{ name() string }

// concurrently puts a question to all at the same time, each for a part of the time that ctx leaves, and waits for all. It returns the
// answers, in their order, and the errors of the others with their names. A panic is an error.
func concurrently[S named, T any](ctx context.Context, all []S, question func(context.Context, S) (T, error)) (answers []T, failures error) {
	said, errs := make([]T, len(all)), make([]error, len(all))
	var asked sync.WaitGroup
	for i, one := range all {
		asked.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			within, cancel := part(ctx)
			defer cancel()
			said[i], errs[i] = question(within, one)
		})
	}
	asked.Wait()
	for i, err := range errs {
		if err != nil {
			failures = errors.Join(failures, fmt.Errorf("%s: %w", all[i].name(), err))
			continue
		}
		answers = append(answers, said[i])
	}
	return answers, failures
}

// part bounds one of several tasks to three quarters of the time that is left, so that what the others did can be used in the rest.
func part(ctx context.Context) (context.Context, context.CancelFunc) {
	most := patience
	if end, ok := ctx.Deadline(); ok {
		most = min(most, time.Until(end)*3/4)
	}
	return context.WithTimeout(ctx, most)
}
