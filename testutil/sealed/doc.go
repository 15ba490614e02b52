// Package sealed seals small sectors in memory, for tests that need real commitments, seal records and window openings.
package sealed
