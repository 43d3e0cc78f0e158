package config

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// checkOrigins sets the origins from the first variable that is set: CORS_ORIGINS, ALLOWED_ORIGINS or FRONTEND_URL.
func checkOrigins(c *Config, v variables) error {
	c.CORSOrigins, c.CORSVariable = []string{"http://localhost:3000", "http://127.0.0.1:3000"}, "CORS_ORIGINS"
	for _, list := range []struct{ name, text string }{
		{"CORS_ORIGINS", v.CORSOrigins}, {"ALLOWED_ORIGINS", v.AllowedOrigins}, {"FRONTEND_URL", v.FrontendURL},
	} {
		origins, err := originList(list.text)
		if err != nil {
			return fmt.Errorf("%s begins like a list in JSON, but must be one such as [\"https://app.example.com\"]", list.name)
		}
		if len(origins) == 0 {
			continue
		}
		for i, origin := range origins {
			origin = strings.TrimSuffix(origin, "/")
			scheme, host, _ := strings.Cut(origin, "://")
			if scheme != "http" && scheme != "https" || host == "" || strings.ContainsAny(host, "/*?# ") {
				return fmt.Errorf("%s contains %q, but must be a comma-separated list of origins such as https://app.example.com", list.name, origin)
			}
			origins[i] = origin
		}
		c.CORSOrigins, c.CORSVariable = origins, list.name
		return nil
	}
	return nil
}

// originList reads a comma list, or a JSON list, which is how pydantic's settings read a list.
func originList(text string) (list []string, err error) {
	if !strings.HasPrefix(text, "[") {
		return trimmed(strings.Split(text, ",")), nil
	}
	err = json.Unmarshal([]byte(text), &list)
	return trimmed(list), err
}

// AllowsOrigin reports whether pages of an origin may call the API. It allows CORSOrigins, regardless of letter case, and
// in development mode every http or https origin on a loopback host with any port.
func (c Config) AllowsOrigin(origin string) bool {
	if slices.ContainsFunc(c.CORSOrigins, func(allowed string) bool { return strings.EqualFold(allowed, origin) }) {
		return true
	}
	address, err := url.Parse(origin)
	return c.Development && err == nil && (address.Scheme == "http" || address.Scheme == "https") && loopback(address.Hostname()) &&
		address.Scheme+"://"+address.Host == origin
}
