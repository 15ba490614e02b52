package blake3lanes_test

import (
	"testing"

	"github.com/ipdm-network/ipdm/sdk/go/format/internal/blake3lanes"
)

// TestHalfOfTheLanesAtATime has a processor with AVX-512 do what one without does.
func TestHalfOfTheLanesAtATime(t *testing.T) {
	needLanes(t)
	wide := blake3lanes.Wide
	t.Cleanup(func() { blake3lanes.Wide = wide })
	blake3lanes.Wide = false
	shortMessages(t)
	longMessages(t)
}
