package sidecar

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// Register registers the metrics of a source, which what names in an error. Those of an earlier source of the process are taken for them.
// registry may be nil.
func Register(registry prometheus.Registerer, what string, metrics ...prometheus.Collector) error {
	if registry == nil {
		return nil
	}
	for _, m := range metrics {
		var there prometheus.AlreadyRegisteredError
		if err := registry.Register(m); err != nil && !errors.As(err, &there) {
			return fmt.Errorf("failed to register the metrics of %s: %w", what, err)
		}
	}
	return nil
}
