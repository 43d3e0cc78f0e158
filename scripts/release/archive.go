package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
)

// archived are the files of the repository that an archive has beside the program.
var archived = []string{"README.md", "CHANGELOG.md", "schema.graphqls"}

// writeTar writes a .tar.gz with the program and the archived files below a directory named base.
func (o options) writeTar(to, base, binary string) (err error) {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	compressed := gzip.NewWriter(file)
	w := tar.NewWriter(compressed)
	for _, source := range append([]string{binary}, archived...) {
		if err := o.addFile(w, path.Join(base, filepath.Base(source)), source, source == binary); err != nil {
			return err
		}
	}
	return errors.Join(w.Close(), compressed.Close())
}

// addFile adds a file of root with the date of the commit, so that two builds of a commit are equal.
func (o options) addFile(w *tar.Writer, name, source string, executable bool) error {
	content, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	mode := int64(0o644)
	if executable {
		mode = 0o755
	}
	if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: mode, Size: int64(len(content)), ModTime: o.date}); err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// writeZip is writeTar for a .zip.
func (o options) writeZip(to, base, binary string) (err error) {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := zip.NewWriter(file)
	for _, source := range append([]string{binary}, archived...) {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: path.Join(base, filepath.Base(source)), Method: zip.Deflate, Modified: o.date})
		if err != nil {
			return err
		}
		content, err := os.Open(source)
		if err != nil {
			return err
		}
		_, err = io.Copy(entry, content)
		if err := errors.Join(err, content.Close()); err != nil {
			return err
		}
	}
	return w.Close()
}
