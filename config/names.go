package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// oldNames are names under which the backends that taskql replaces have a setting, in the order of precedence.
var oldNames = []struct {
	setting string
	names   []string
}{
	{DatabaseURL, []string{"NEON_DATABASE_URL", "NEON_DB_URL"}},
	{BetterAuthSecret, []string{"JWT_SECRET"}},
}

// isSecret reports whether the value of a variable is used exactly as it is.
func isSecret(name string) bool { return name == BetterAuthSecret || name == "JWT_SECRET" }

// renamed moves the values of old names to their settings. It returns the old names by their settings, and a notice for each old
// name that is read, or ignored because of another value. The setting's own name wins, because the environment may be one that
// other programs share.
func renamed(values map[string]string) (used map[string]string, notices []string) {
	used = map[string]string{}
	for _, old := range oldNames {
		source := old.setting
		for _, name := range old.names {
			value, found := values[name]
			switch current := values[old.setting]; {
			case !found:
			case current == "":
				values[old.setting], used[old.setting], source = value, name, name
				notices = append(notices, fmt.Sprintf("%s is read as %s", name, old.setting))
			case current != value:
				notices = append(notices, fmt.Sprintf("%s is ignored, because %s has another value", name, source))
			}
		}
	}
	return used, notices
}

// withOldNames adds the old name, where one is used, to an error that names a setting.
func withOldNames(err error, used map[string]string) error {
	for setting, name := range used {
		if strings.Contains(err.Error(), setting) {
			return fmt.Errorf("%w (%s is read as %s)", err, name, setting)
		}
	}
	return err
}

// secretName matches names under which other programs keep the secret of their tokens.
var secretName = regexp.MustCompile(`(?i)^((NEXT_?AUTH|BETTER_?AUTH|AUTH|JWT|SESSION|TOKEN|APP)_)?(SECRET|SECRET_KEY)$`)

// unusedSecrets returns a notice that names the variables that look like a secret, for a configuration without sign-in: the operator
// may believe that they configure it. It is "" if there are none.
func unusedSecrets(values map[string]string) string {
	var names []string
	for name := range values {
		if secretName.MatchString(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return fmt.Sprintf("no sign-in is configured: taskql does not read %s, but %s", strings.Join(names, ", "), BetterAuthSecret)
}
