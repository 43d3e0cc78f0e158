package app

import "runtime/debug"

// version, commit and date are set by the linker in a release; see scripts/release.
var version, commit, date string

// Version returns the version of a release or of the module, or "dev" for a build from a working copy.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}

// Commit returns the commit that the program was built from, with -dirty at its end if there were local changes, and its date in RFC 3339.
// They are "" if they are not known.
func Commit() (id, at string) {
	info, ok := debug.ReadBuildInfo()
	if commit != "" || !ok {
		return commit, date
	}
	settings := map[string]string{}
	for _, setting := range info.Settings {
		settings[setting.Key] = setting.Value
	}
	id = settings["vcs.revision"]
	if settings["vcs.modified"] == "true" {
		id += "-dirty"
	}
	return id, settings["vcs.time"]
}
