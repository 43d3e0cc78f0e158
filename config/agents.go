package config

import (
	"errors"
	"strings"
)

// AgentsPath is the path of the API for agents.
const AgentsPath = "/mcp"

// checkPublicURL sets PublicURL, and with it which tokens are for agents: those for the API for agents as a resource of OAuth (RFC 8707). It
// needs what checkSignIn sets.
func checkPublicURL(c *Config, v variables) error {
	if v.PublicURL == "" {
		return nil
	}
	address, err := webAddress("PUBLIC_URL", v.PublicURL)
	if err != nil {
		return err
	}
	if strings.Trim(address.Path, "/") != "" || address.RawQuery != "" {
		return errors.New("PUBLIC_URL must be the address of taskql without a path, such as https://tasks.example.com")
	}
	c.PublicURL = address.Scheme + "://" + address.Host
	c.Auth.AgentIssuers, c.Auth.AgentAudience = c.AuthorizationServers, c.PublicURL+AgentsPath
	return nil
}
