// Command release builds taskql for each platform: archives with checksums, and container images. It runs in the module's root.
package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// everyPlatform is what a release is built for. Images are built for those of Linux.
const everyPlatform = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	var o options
	platforms := flag.String("platforms", everyPlatform, "comma list of GOOS/GOARCH")
	flag.StringVar(&o.out, "out", "dist", "directory of the results")
	flag.StringVar(&o.version, "version", "", "version that taskql prints; by default the tag of the commit")
	flag.Parse()
	o.platforms = strings.Split(*platforms, ",")
	if err := o.release(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

type options struct {
	out, version string
	platforms    []string
	// commit and date are those of the commit that is built.
	commit string
	date   time.Time
}

// platform is a target of Go's compiler.
type platform struct{ system, arch string }

func (o options) release() error {
	if err := o.describe(); err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	var files []string
	for i, name := range o.platforms {
		system, arch, found := strings.Cut(name, "/")
		if !found {
			return fmt.Errorf("%q is no GOOS/GOARCH", name)
		}
		fmt.Fprintf(os.Stderr, "[%d of %d] %s\n", i+1, len(o.platforms), name)
		made, err := o.build(platform{system, arch})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files = append(files, made...)
	}
	return checksums(o.out, files)
}

// describe finds out which commit is built.
func (o *options) describe() error {
	git := func(args ...string) (string, error) {
		out, err := exec.Command("git", args...).Output()
		return strings.TrimSpace(string(out)), err
	}
	commit, err := git("rev-parse", "HEAD")
	if err != nil {
		return errors.New("this is no git repository: a release is built from a commit")
	}
	seconds, err := git("show", "-s", "--format=%cI", "HEAD")
	if err != nil {
		return err
	}
	if o.date, err = time.Parse(time.RFC3339, seconds); err != nil {
		return err
	}
	tag, _ := git("describe", "--tags", "--always", "--dirty")
	changes, err := git("status", "--porcelain", "--untracked-files=no")
	if changes != "" {
		commit += "-dirty"
	}
	o.commit, o.version = commit, cmp.Or(o.version, tag)
	return err
}

// build makes the archive and, for Linux, the image of a platform, and returns the names of the files.
func (o options) build(p platform) (files []string, err error) {
	dir, err := os.MkdirTemp("", "taskql-release-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	name := "taskql"
	if p.system == "windows" {
		name += ".exe"
	}
	binary := filepath.Join(dir, name)
	build := exec.Command("go", "build", "-trimpath", "-ldflags", fmt.Sprintf(
		"-s -w -X taskql/app.version=%s -X taskql/app.commit=%s -X taskql/app.date=%s", o.version, o.commit, o.date.Format(time.RFC3339)), "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.system, "GOARCH="+p.arch)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, err
	}
	base := fmt.Sprintf("taskql-%s-%s-%s", o.version, p.system, p.arch)
	archive := base + ".tar.gz"
	write := o.writeTar
	if p.system == "windows" {
		archive, write = base+".zip", o.writeZip
	}
	if err := write(filepath.Join(o.out, archive), base, binary); err != nil {
		return nil, err
	}
	files = append(files, archive)
	if p.system == "linux" {
		image := base + "-image.tar"
		if err := o.writeImage(filepath.Join(o.out, image), p, binary); err != nil {
			return nil, err
		}
		files = append(files, image)
	}
	return files, nil
}

// checksums writes the file SHA256SUMS, which sha256sum --check reads.
func checksums(dir string, files []string) error {
	slices.Sort(files)
	var lines strings.Builder
	for _, name := range files {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		sum := sha256.New()
		_, err = io.Copy(sum, file)
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		fmt.Fprintf(&lines, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(lines.String()), 0o644)
}
