package types

import "time"

const (
	maxCheckpointBlocks    = 100_000
	minHeartbeat           = time.Second
	maxHeartbeat           = 7 * 24 * time.Hour
	maxEpoch               = 7 * 24 * time.Hour // a third of an unbonding time of three weeks
	maxRotationBps         = 3_333              // above, too little of the old power is left to sign
	minRetainedCheckpoints = 10
	maxRetainedCheckpoints = 1_000_000
	maxEvidenceAge         = 60 * 24 * time.Hour
	maxSlashBps            = 10_000
	minMissed              = 3
	minPause               = time.Minute
	maxPause               = 7 * 24 * time.Hour
	minTimeout             = time.Second
	maxTimeout             = 30 * 24 * time.Hour
)

// DefaultParams returns the parameters of a production network: a checkpoint about every ten seconds while something changes and at
// least every six hours, and another signer set when a twentieth of the power has moved, or after a week. A client on another chain
// that trusts a set for two weeks hears of the next one in time, and an unbonding of three weeks outlasts its trust. Who signs a false
// checkpoint loses as much as for two votes at a height.
func DefaultParams() Params {
	return Params{
		CheckpointBlocks: 20, Heartbeat: 6 * time.Hour, RotationBps: 500, MaxEpoch: 7 * 24 * time.Hour, RetainedCheckpoints: 1_000,
		EvidenceMaxAge: 21 * 24 * time.Hour, EquivocationSlashBps: 500, MaxMissed: 100, MinEpoch: time.Hour,
		PausePeriod: 24 * time.Hour, PauseCooldown: 24 * time.Hour, MessageTimeout: 24 * time.Hour,
	}
}

// LocalnetParams returns the parameters of a network for trying things out.
func LocalnetParams() Params {
	p := DefaultParams()
	p.CheckpointBlocks, p.Heartbeat, p.MaxEpoch, p.MinEpoch = 5, 10*time.Minute, time.Hour, time.Second
	p.PausePeriod, p.PauseCooldown = minPause, minPause
	return p
}

// Validate checks that the parameters are within bounds.
func (p Params) Validate() error {
	switch {
	case p.CheckpointBlocks == 0 || p.CheckpointBlocks > maxCheckpointBlocks:
		return ErrInvalidParams.Wrapf("a checkpoint every %d blocks, want 1 to %d", p.CheckpointBlocks, maxCheckpointBlocks)
	case p.Heartbeat < minHeartbeat || p.Heartbeat > maxHeartbeat:
		return ErrInvalidParams.Wrapf("heartbeat of %s, want %s to %s", p.Heartbeat, minHeartbeat, maxHeartbeat)
	case p.RotationBps > maxRotationBps:
		return ErrInvalidParams.Wrapf("rotation at %d/10000 of the power, want at most %d", p.RotationBps, maxRotationBps)
	case p.MaxEpoch < minHeartbeat || p.MaxEpoch > maxEpoch:
		return ErrInvalidParams.Wrapf("epochs of up to %s, want %s to %s", p.MaxEpoch, minHeartbeat, maxEpoch)
	case p.MinEpoch < 0 || p.MinEpoch > p.MaxEpoch:
		return ErrInvalidParams.Wrapf("epochs of at least %s, want 0s to %s", p.MinEpoch, p.MaxEpoch)
	case p.RetainedCheckpoints < minRetainedCheckpoints || p.RetainedCheckpoints > maxRetainedCheckpoints:
		return ErrInvalidParams.Wrapf("%d checkpoints kept, want %d to %d", p.RetainedCheckpoints, minRetainedCheckpoints, maxRetainedCheckpoints)
	case p.EvidenceMaxAge < minHeartbeat || p.EvidenceMaxAge > maxEvidenceAge:
		return ErrInvalidParams.Wrapf("evidence of up to %s, want %s to %s", p.EvidenceMaxAge, minHeartbeat, maxEvidenceAge)
	case p.EquivocationSlashBps > maxSlashBps:
		return ErrInvalidParams.Wrapf("a slash of %d/10000, want at most %d", p.EquivocationSlashBps, maxSlashBps)
	case p.MaxMissed < minMissed:
		return ErrInvalidParams.Wrapf("jail for %d missed checkpoints, want at least %d", p.MaxMissed, minMissed)
	case p.PausePeriod < minPause || p.PausePeriod > maxPause:
		return ErrInvalidParams.Wrapf("pause of %s, want %s to %s", p.PausePeriod, minPause, maxPause)
	case p.PauseCooldown < p.PausePeriod || p.PauseCooldown > maxTimeout:
		return ErrInvalidParams.Wrapf("%s between pauses, want at least a pause of %s and at most %s", p.PauseCooldown, p.PausePeriod, maxTimeout)
	}
	if err := CheckTimeout(p.MessageTimeout); err != nil {
		return ErrInvalidParams.Wrap(err.Error())
	}
	return nil
}

// CheckTimeout fails with ErrInvalidTimeout unless a message may have so much time.
func CheckTimeout(d time.Duration) error {
	if d < minTimeout || d > maxTimeout {
		return ErrInvalidTimeout.Wrapf("%s, want %s to %s", d, minTimeout, maxTimeout)
	}
	return nil
}
