package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"taskql/config"
)

// Present are the settings as they are now.
type Present struct {
	Config config.Config
	// Changed are the names of the settings that have other values than at the start. Fixed are those that the environment of the process
	// sets, which cannot change.
	Changed, Fixed []string
}

// reloaded are the settings that a server takes over while it runs.
var reloaded = []string{
	config.BetterAuthSecret, config.BetterAuthSecrets, "CORS_ORIGINS", "ALLOWED_ORIGINS", "FRONTEND_URL", config.TrustedDocuments, config.TrustedOnly,
}

// onHangup returns a channel that gets the signal SIGHUP, which then no longer ends the program. Windows does not have the signal.
func onHangup() (hangups chan os.Signal, stop func()) {
	hangups = make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	return hangups, func() { signal.Stop(hangups) }
}

// reloadOn reloads with each signal until ctx ends.
func (s *Server) reloadOn(ctx context.Context, hangups <-chan os.Signal, again func() (Present, error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			s.reload(again)
		}
	}
}

// reload takes over the secrets, the origins and the trusted documents of the present settings, and logs what has changed. If one of
// the settings is wrong, all old values stay in use.
func (s *Server) reload(again func() (Present, error)) {
	log := s.parts.Log
	present, err := again()
	var lines []string
	if err == nil {
		lines, err = s.take(present.Config)
	}
	if err != nil {
		log.Error("the settings are wrong, and the old ones stay in use", "error", err)
		return
	}
	for _, notice := range present.Config.Notices {
		log.Warn(notice)
	}
	if len(lines) == 0 {
		lines = []string{"nothing"}
	}
	facts := []any{"changed", strings.Join(lines, "; ")}
	if fixed, _ := divided(present.Fixed); len(fixed) > 0 {
		facts = append(facts, "fixed_by_environment", strings.Join(fixed, ", "))
	}
	log.Info("the settings were read again", facts...)
	if _, others := divided(present.Changed); len(others) > 0 {
		log.Warn("some settings have changed that need a restart", "settings", strings.Join(others, ", "))
	}
}

// divided divides names of settings into those that reload takes over, and the others.
func divided(names []string) (taken, others []string) {
	for _, name := range names {
		if slices.Contains(reloaded, name) {
			taken = append(taken, name)
		} else {
			others = append(others, name)
		}
	}
	return taken, others
}

// take uses the settings of c that can be changed while the server runs. It returns a line for each change.
func (s *Server) take(c config.Config) (lines []string, err error) {
	old := s.present.Load()
	note := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if c.Development {
		return nil, errors.New("there is no sign-in any more: set " + config.BetterAuthSecret)
	}
	if len(old.Auth.Secrets) == 0 && len(c.Auth.Secrets) > 0 {
		note("%s: the first secret needs a restart", config.BetterAuthSecret)
		c.Auth.Secrets = nil
	}
	trusted, err := TrustedDocuments(c)
	if err != nil {
		return nil, err
	}
	if err := s.verifier.SetSecrets(c.Auth.Secrets); err != nil {
		return nil, fmt.Errorf("%s: %w", config.BetterAuthSecret, err)
	}
	before := s.graphQL.Trust(trusted)
	s.present.Store(&c)

	if added, removed := difference(old.Auth.Secrets, c.Auth.Secrets); added+removed > 0 {
		note("%s: %d → %d secrets, %d new, %d removed", config.BetterAuthSecret, len(old.Auth.Secrets), len(c.Auth.Secrets), added, removed)
	} else if !slices.Equal(old.Auth.Secrets, c.Auth.Secrets) {
		note("%s: another secret signs", config.BetterAuthSecret)
	}
	if !slices.Equal(old.CORSOrigins, c.CORSOrigins) {
		note("%s: %s", c.CORSVariable, strings.Join(c.CORSOrigins, ", "))
	}
	if added, removed := trusted.Difference(before); added+removed > 0 {
		note("%s: %d → %d documents, %d new, %d removed", config.TrustedDocuments, before.Len(), trusted.Len(), added, removed)
	}
	if old.TrustedOnly != c.TrustedOnly {
		note("%s: %t", config.TrustedOnly, c.TrustedOnly)
	}
	return lines, nil
}

// difference returns how many values of after are not in before, and how many of before are not in after.
func difference(before, after []string) (added, removed int) {
	for _, value := range after {
		if !slices.Contains(before, value) {
			added++
		}
	}
	for _, value := range before {
		if !slices.Contains(after, value) {
			removed++
		}
	}
	return added, removed
}
