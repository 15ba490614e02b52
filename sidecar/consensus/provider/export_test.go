package provider

import poreptypes "github.com/ipdm-network/ipdm/x/porep/types"

// IsWhole tells whether the agent has found all of a faulty sealed unit sound since it faulted.
func (a *Agent) IsWhole(unit poreptypes.Unit) bool { return a.sectors.IsWhole(unit) }

// HealedUnits is how many faulty units the agent has made whole and not yet seen recovered.
func (a *Agent) HealedUnits() int {
	a.healing.mu.Lock()
	defer a.healing.mu.Unlock()
	return len(a.healing.healed)
}
