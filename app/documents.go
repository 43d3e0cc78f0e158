package app

import (
	"fmt"

	"taskql/config"
	"taskql/graph"
)

// TrustedDocuments reads the configured manifests. Its error names the setting.
func TrustedDocuments(c config.Config) (*graph.Trusted, error) {
	trusted, err := graph.ReadTrusted(c.TrustedDocuments, c.TrustedOnly)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config.TrustedDocuments, err)
	}
	return trusted, nil
}
