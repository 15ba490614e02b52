package provider

// HealedUnits is how many faulty units the agent has made whole and not yet seen recovered.
func (a *Agent) HealedUnits() int {
	a.healing.mu.Lock()
	defer a.healing.mu.Unlock()
	return len(a.healing.healed)
}
