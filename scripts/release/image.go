package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"errors"
	"io"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// owner is the user and the group of the container's process. It has no rights: 65532 is the usual id of "nonroot".
const owner = 65532

// writeImage writes a container image that docker load and podman load read. It has no base image: the program is linked statically and
// contains the time zones. Beside the program there are the root certificates and the directory /data, where a database file may lie.
func (o options) writeImage(to string, p platform, binary string) error {
	system, err := o.layer(func(w *tar.Writer) error {
		var certificates bytes.Buffer
		for root := range bundle.Roots() {
			if root.Constraint != nil { // a file of certificates cannot say it
				continue
			}
			if err := pem.Encode(&certificates, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
				return err
			}
		}
		return errors.Join(
			o.addDirectory(w, "etc/", 0, 0o755),
			o.addText(w, "etc/passwd", "taskql:x:65532:65532:taskql:/data:/sbin/nologin\n"),
			o.addText(w, "etc/group", "taskql:x:65532:\n"),
			o.addDirectory(w, "etc/ssl/", 0, 0o755),
			o.addDirectory(w, "etc/ssl/certs/", 0, 0o755),
			o.addText(w, "etc/ssl/certs/ca-certificates.crt", certificates.String()),
			o.addDirectory(w, "tmp/", 0, 0o1777),
			o.addDirectory(w, "data/", owner, 0o700),
		)
	})
	if err != nil {
		return err
	}
	program, err := o.layer(func(w *tar.Writer) error { return o.addFile(w, "taskql", binary, true) })
	if err != nil {
		return err
	}
	image, err := mutate.AppendLayers(empty.Image, system, program)
	if err != nil {
		return err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return err
	}
	file = file.DeepCopy()
	file.OS, file.Architecture, file.Created, file.Author = p.system, p.arch, v1.Time{Time: o.date}, "taskql"
	file.Config = v1.Config{
		Entrypoint: []string{"/taskql"}, User: "65532:65532", WorkingDir: "/data",
		Env:          []string{"PATH=/"},
		ExposedPorts: map[string]struct{}{"8000/tcp": {}},
		Volumes:      map[string]struct{}{"/data": {}},
		StopSignal:   "SIGTERM",
		Labels: map[string]string{ // the keys of the OCI image specification
			"org.opencontainers.image.title": "taskql", "org.opencontainers.image.version": o.version,
			"org.opencontainers.image.revision": o.commit, "org.opencontainers.image.created": o.date.UTC().Format("2006-01-02T15:04:05Z"),
		},
	}
	if image, err = mutate.ConfigFile(image, file); err != nil {
		return err
	}
	tag, err := name.NewTag("taskql:" + o.version)
	if err != nil {
		return err
	}
	return tarball.WriteToFile(to, tag, image)
}

// layer makes a layer of what write writes.
func (o options) layer(write func(*tar.Writer) error) (v1.Layer, error) {
	var content bytes.Buffer
	w := tar.NewWriter(&content)
	if err := errors.Join(write(w), w.Close()); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil })
}

func (o options) addDirectory(w *tar.Writer, name string, of int, mode int64) error {
	return w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: mode, Uid: of, Gid: of, ModTime: o.date})
}

func (o options) addText(w *tar.Writer, name, text string) error {
	if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(text)), ModTime: o.date}); err != nil {
		return err
	}
	_, err := io.WriteString(w, text)
	return err
}
