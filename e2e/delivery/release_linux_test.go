package delivery

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"taskql/e2e/harness"
)

const version = "v9.8.7"

// TestRelease builds the archive and the image for this machine, checks the checksums, and runs the program of the archive.
func TestRelease(t *testing.T) {
	t.Parallel()
	dist := t.TempDir()
	release := exec.Command("go", "run", "./scripts/release", "-platforms", "linux/"+runtime.GOARCH, "-out", dist, "-version", version)
	release.Dir = harness.File(".")
	if out, err := release.CombinedOutput(); err != nil {
		t.Fatalf("release: %v\n%s", err, out)
	}
	base := "taskql-" + version + "-linux-" + runtime.GOARCH
	check := exec.Command("sha256sum", "--check", "SHA256SUMS")
	check.Dir = dist
	if out, err := check.CombinedOutput(); err != nil || !strings.Contains(string(out), base+".tar.gz: OK\n") || !strings.Contains(string(out), base+"-image.tar: OK\n") {
		t.Errorf("sha256sum = %v\n%s", err, out)
	}
	unpacked := t.TempDir()
	if out, err := exec.Command("tar", "-xzf", filepath.Join(dist, base+".tar.gz"), "-C", unpacked).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	out, err := exec.Command(filepath.Join(unpacked, base, "taskql"), "version").Output()
	if want := regexp.MustCompile(`^v9\.8\.7 \(commit [0-9a-f]{40}(-dirty)? of \d{4}-\d\d-\d\dT[^)]*\)\n$`); err != nil || !want.Match(out) {
		t.Errorf("taskql version = %q, %v, want %s", out, err, want)
	}
	t.Run("image", func(t *testing.T) { testImage(t, filepath.Join(dist, base+"-image.tar")) })
}

// testImage unpacks an image and runs its program in it, as a container engine would: with the image as root, as its user, and with nothing else.
func testImage(t *testing.T, path string) {
	image, err := tarball.ImageFromPath(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	c := file.Config
	if c.User != "65532:65532" || len(c.Entrypoint) != 1 || c.WorkingDir != "/data" || c.Labels["org.opencontainers.image.version"] != version || file.Architecture != runtime.GOARCH {
		t.Errorf("config = %+v", file)
	}
	root := t.TempDir()
	unpack(t, image, root)
	certificates, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	if n := bytes.Count(certificates, []byte("BEGIN CERTIFICATE")); err != nil || n < 100 {
		t.Errorf("the image has %d root certificates, %v", n, err)
	}
	// The directories of the test are the owner's only.
	for dir := root; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	run := func(t *testing.T, env ...string) *harness.Server {
		program := exec.Command(c.Entrypoint[0])
		program.Dir = c.WorkingDir
		program.Env = slices.Concat(c.Env, env, []string{"HOST=127.0.0.1", "PORT=0"})
		program.SysProcAttr = contained(root)
		return harness.Run(t, program)
	}
	t.Run("with compose and HTTPS", func(t *testing.T) {
		s := run(t, composed(t)...)
		testHTTPS(t, strings.TrimPrefix(s.URL, "http://"))
	})
	s := run(t, "BETTER_AUTH_SECRET="+harness.Secret)
	u := s.As("ada")
	id := u.Add("in a container")
	if got := u.GraphQL(`{ task(id: ` + id + `) { title dueAt } viewer { id } }`); !strings.Contains(got.Body, "in a container") {
		t.Errorf("task = %d %s", got.Status, got.Body)
	}
	if got := u.Send("GET", u.Tasks()+"?limit=1", "", "X-Time-Zone", "Asia/Tokyo"); got.Status != 200 { // the zones are in the program
		t.Errorf("GET = %d %s", got.Status, got.Body)
	}
	if info, err := os.Stat(filepath.Join(root, "data/taskql.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database in /data: %v, %v", info, err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}

// contained has a program run below root as the user of the image. Without root's rights it runs in a user namespace, in which the
// user of the test has the id of the image's user.
func contained(root string) *syscall.SysProcAttr {
	const user = 65532
	if os.Getuid() == 0 {
		return &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: user, Gid: user}}
	}
	return &syscall.SysProcAttr{
		Chroot: root, Cloneflags: syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: user, HostID: os.Getgid(), Size: 1}},
	}
}

// unpack writes the files of an image below root, with their owners if the test has root's rights.
func unpack(t *testing.T, image v1.Image, root string) {
	t.Helper()
	content := mutate.Extract(image)
	defer content.Close()
	for files := tar.NewReader(content); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, header.Name)
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, 0o755)
		} else {
			var text []byte
			if text, err = io.ReadAll(files); err == nil {
				err = os.WriteFile(path, text, 0o600)
			}
		}
		if os.Getuid() == 0 {
			err = errors.Join(err, os.Chown(path, header.Uid, header.Gid))
		}
		err = errors.Join(err, os.Chmod(path, header.FileInfo().Mode()))
		if err != nil {
			t.Fatal(err)
		}
	}
}
