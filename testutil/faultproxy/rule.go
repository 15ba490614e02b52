package faultproxy

import "slices"

// active is a rule with what is left of its count; 0 is no limit.
type active struct {
	methods map[string]bool
	left    int
	fault   Fault
}

func newActive(rule Rule) *active {
	a := &active{left: rule.Count, fault: rule.Fault}
	if len(rule.Methods) > 0 {
		a.methods = map[string]bool{}
		for _, method := range rule.Methods {
			a.methods[method] = true
		}
	}
	return a
}

func (a *active) matches(method string) bool { return a.methods == nil || a.methods[method] }

// remove removes a rule; mu is held.
func (p *Proxy) remove(rule *active) {
	p.rules = slices.DeleteFunc(p.rules, func(other *active) bool { return other == rule })
}
