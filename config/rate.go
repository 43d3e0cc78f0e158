package config

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The limits of a rate limit. They keep its arithmetic exact.
const (
	maxRate   = 1_000_000_000
	maxWindow = 24 * time.Hour
)

// checkRate sets the rate limit from a text such as 60000/1m.
func checkRate(c *Config, v variables) error {
	if v.RateLimit == "off" {
		return nil
	}
	cost, window, _ := strings.Cut(v.RateLimit, "/")
	var costErr, windowErr error
	c.RateLimit, costErr = strconv.Atoi(strings.TrimSpace(cost))
	c.RateWindow, windowErr = time.ParseDuration(strings.TrimSpace(window))
	switch {
	case costErr != nil || windowErr != nil:
		return fmt.Errorf("RATE_LIMIT is %q, but must be a cost and a time such as 60000/1m, or off", v.RateLimit)
	case c.RateLimit < 1 || c.RateLimit > maxRate:
		return fmt.Errorf("RATE_LIMIT is %q, but its cost must be a whole number from 1 to %d", v.RateLimit, maxRate)
	case c.RateWindow < time.Second || c.RateWindow > maxWindow || c.RateWindow%time.Second != 0:
		return fmt.Errorf("RATE_LIMIT is %q, but its time must be in full seconds, from 1s to 24h", v.RateLimit)
	}
	return nil
}

// checkProxies sets the networks of the trusted proxies. An address stands for the network that has only that address.
func checkProxies(c *Config, v variables) error {
	for _, text := range trimmed(v.TrustedProxies) {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			var address netip.Addr
			if address, err = netip.ParseAddr(text); err == nil {
				network, err = address.WithZone("").Unmap().Prefix(address.Unmap().BitLen())
			}
		}
		if err != nil || network != network.Masked() || network.Addr().Is4In6() {
			return fmt.Errorf("TRUSTED_PROXIES contains %q, but must be a comma-separated list of networks such as 10.0.0.0/8 or fd00::/8", text)
		}
		c.TrustedProxies = append(c.TrustedProxies, network)
	}
	return nil
}
