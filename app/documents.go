package app

import (
	"fmt"

	"taskql/config"
	"taskql/graph"
)

// TrustedDocuments reads the configured manifests, or returns nil if there are none. Its error names the setting.
func TrustedDocuments(c config.Config) (*graph.Trusted, error) {
	if len(c.TrustedDocuments) == 0 {
		return nil, nil
	}
	trusted, err := graph.ReadTrusted(c.TrustedDocuments, c.TrustedOnly)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.TrustedDocuments, err)
	}
	return trusted, nil
}
