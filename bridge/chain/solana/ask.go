package solana

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// answer is what a node says.
type answer[T any] struct {
	node *node
	said T
}

// needed is how many nodes have to agree.
func needed(nodes []*node) int { return min(2, len(nodes)) }

// ask asks all nodes at the same time, and returns what those say that answer. It fails where fewer answer than have to agree. A panic is a
// failure of the node.
func ask[T any](ctx context.Context, nodes []*node, question func(context.Context, *node) (T, error)) ([]answer[T], error) {
	all := make([]answer[T], len(nodes))
	failures := make([]error, len(nodes))
	var asking sync.WaitGroup
	for i, n := range nodes {
		all[i].node = n
		asking.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					failures[i] = fmt.Errorf("%s: panic: %v\n%s", n.name, p, debug.Stack())
				}
			}()
			all[i].said, failures[i] = question(ctx, n)
		})
	}
	asking.Wait()
	var answers []answer[T]
	for i, a := range all {
		if failures[i] == nil {
			answers = append(answers, a)
		}
	}
	if len(answers) < needed(nodes) {
		return nil, fmt.Errorf("%d nodes of Solana answer, %d have to agree: %w", len(answers), needed(nodes), errors.Join(failures...))
	}
	return answers, nil
}

// vouched tells whether as many nodes say something as have to agree.
func vouched[T any](nodes []*node, answers []answer[T], says func(T) bool) bool {
	count := 0
	for _, a := range answers {
		if says(a.said) {
			count++
		}
	}
	return count >= needed(nodes)
}
