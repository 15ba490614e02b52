package node

import "github.com/ipdm-network/ipdm/sidecar/consensus/verdict"

// judge is the judge of seal proofs at work. Every node has one: all that it needs comes with the validator's request.
type judge struct {
	*verdict.Judge
	background
}

// startJudge sets the judge to work.
func (n *Node) startJudge() (*judge, error) {
	inner, err := verdict.New(verdict.DefaultConfig(), verdict.Deps{
		Content:  n.engine,
		Network:  n.network,
		Registry: n.registry,
		Logger:   n.log.With("part", "verdict"),
	})
	if err != nil {
		return nil, err
	}
	j := &judge{Judge: inner}
	j.start(inner.Run)
	return j, nil
}
