package config

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// The errors of numbers that are out of range, or no numbers; see parseError.
var (
	errMaxConnections = errors.New("DATABASE_MAX_CONNECTIONS must be a whole number from 1 to 10000")
	errTrashDays      = errors.New("TRASH_DAYS must be a whole number from 1 to 36500")
)

func errNotPositive(name string) error {
	return fmt.Errorf("%s must be a whole number of 1 or more", name)
}

// checkLimits sets how much a user may have, and the connections to PostgreSQL.
func checkLimits(c *Config, v variables) error {
	for _, limit := range []struct {
		name  string
		value int
	}{
		{MaxTasks, c.MaxTasks}, {"MAX_SUBSCRIPTIONS_PER_USER", c.MaxSubscriptions},
		{"MAX_STREAMS", c.MaxStreams}, {"MAX_STREAMS_PER_USER", c.MaxStreamsPerUser},
	} {
		if limit.value < 1 {
			return errNotPositive(limit.name)
		}
	}
	if n := v.DatabaseMaxConns; n != nil {
		if *n < 1 || *n > 10_000 {
			return errMaxConnections
		}
		c.DatabaseMaxConnections = *n
	}
	var err error
	if c.DatabasePreparedStatements, err = onOff("DATABASE_PREPARED_STATEMENTS", v.DatabasePrepared, true); err != nil {
		return err
	}
	if v.TrashDays < 1 || v.TrashDays > 36500 {
		return errTrashDays
	}
	return nil
}

// checkTimeout bounds the time of a request.
func checkTimeout(c *Config, _ variables) error {
	if c.RequestTimeout <= 0 {
		return errors.New("REQUEST_TIMEOUT must be a positive duration such as 30s")
	}
	return nil
}

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
		if network.Bits() == 0 { // then every address in X-Forwarded-For is a proxy's, and the first may be invented
			return fmt.Errorf("TRUSTED_PROXIES contains %q, which are all addresses, but must be the networks of your proxies", text)
		}
		c.TrustedProxies = append(c.TrustedProxies, network)
	}
	return nil
}
