// Package persisted holds the documents that clients name by an id: those of manifests, and those that clients have sent
// before.
package persisted

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxManifests is how many bytes all manifests together may have. Parsed, so many need some 80 MB of memory; they are 13,000 queries of
// a page of tasks. A front end has a few dozen.
const maxManifests = 4 << 20

// maxID is how many bytes the id of a document may have.
const maxID = 256

// The format of Apollo's manifests, whose version is 1.
const apolloFormat = "apollo-persisted-query-manifest"

// Document is a document of a manifest.
type Document struct {
	ID, Text string
	// File is the manifest's path.
	File string
}

// Manifest has the documents of manifest files. A nil Manifest has none. It is never changed.
type Manifest struct {
	documents []Document
	texts     map[string]string // by id
}

// Read reads manifest files. It understands the object {id: text} that GraphQL Code Generator's client preset and Relay's compiler
// write, and Apollo's operation manifests. It fails for an id with two texts, and for a hash that is not
// that of its text. The error names the file and the id.
func Read(files []string) (*Manifest, error) {
	m := &Manifest{texts: map[string]string{}}
	left := maxManifests
	for _, file := range files {
		text, err := readFile(file, left)
		if err != nil {
			return nil, err
		}
		left -= len(text)
		documents, err := parse(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, d := range documents {
			d.File = file
			if err := m.add(d); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	for _, d := range m.documents {
		hash := Hash(d.Text)
		for _, id := range []string{hash, hashPrefix + hash} {
			if _, known := m.texts[id]; !known {
				m.texts[id] = d.Text
			}
		}
	}
	return m, nil
}

func readFile(path string, limit int) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err // it names the path
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, int64(limit)+1))
	if err != nil {
		return nil, err
	}
	if len(text) > limit {
		return nil, fmt.Errorf("%s: manifests of more than %d MiB together are not read", path, maxManifests>>20)
	}
	return text, nil
}

func (m *Manifest) add(d Document) error {
	switch known, again := m.texts[d.ID]; {
	case d.ID == "" || len(d.ID) > maxID:
		return fmt.Errorf("the id %.40q… must have 1 to %d bytes", d.ID, maxID)
	case strings.TrimSpace(d.Text) == "":
		return fmt.Errorf("the document %q is empty", d.ID)
	case again && known != d.Text:
		return fmt.Errorf("the id %q has two different documents", d.ID)
	case again:
		return nil
	}
	if err := checkHash(d.ID, d.Text); err != nil {
		return err
	}
	m.documents = append(m.documents, d)
	m.texts[d.ID] = d.Text
	return nil
}

// Documents returns the documents in the order of the files. The caller must not change them.
func (m *Manifest) Documents() []Document {
	if m == nil {
		return nil
	}
	return m.documents
}

// Text returns the text of a document by its id in the manifest, or by the SHA-256 of the text, with or without the prefix
// "sha256:".
func (m *Manifest) Text(id string) (text string, found bool) {
	if m == nil {
		return "", false
	}
	text, found = m.texts[id]
	return text, found
}

// hashPrefix is the prefix of an id that is the SHA-256 of the text (GraphQL over HTTP, appendix Persisted Documents).
const hashPrefix = "sha256:"

// Hash returns the SHA-256 of a text in lower-case hexadecimal digits.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// checkHash returns an error if an id looks like a hash, but is not that of the text. The compilers use MD5, SHA-1 and SHA-256. Other ids
// may be anything.
func checkHash(id, text string) error {
	digits, prefixed := strings.CutPrefix(id, hashPrefix)
	isHex := strings.Trim(digits, "0123456789abcdef") == ""
	name, want := "", ""
	switch {
	case prefixed || isHex && len(digits) == 2*sha256.Size:
		name, want = "SHA-256", Hash(text)
	case isHex && len(digits) == 2*sha1.Size:
		sum := sha1.Sum([]byte(text))
		name, want = "SHA-1", hex.EncodeToString(sum[:])
	case isHex && len(digits) == 2*md5.Size:
		sum := md5.Sum([]byte(text))
		name, want = "MD5", hex.EncodeToString(sum[:])
	}
	if name != "" && digits != want {
		return fmt.Errorf("the id %q is not the %s of its document: the file was changed, or is damaged", id, name)
	}
	return nil
}

// parse reads one manifest.
func parse(text []byte) ([]Document, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, errors.New("the file is empty")
	}
	members, err := readMembers(text)
	if err != nil {
		return nil, err
	}
	var documents []Document
	for _, m := range members {
		if m.name == "format" || m.name == "operations" {
			return parseApollo(text)
		}
		if m.value.Kind() != '"' {
			return nil, fmt.Errorf("the document %.100q is not a text", m.name)
		}
		var document string
		if err := json.Unmarshal(m.value, &document); err != nil {
			return nil, fmt.Errorf("the document %.100q is not a text in UTF-8", m.name)
		}
		documents = append(documents, Document{ID: m.name, Text: document})
	}
	if len(documents) == 0 {
		return nil, errors.New("the file has no documents")
	}
	return documents, nil
}

// member is a member of a JSON object.
type member struct {
	name  string
	value jsontext.Value
}

// readMembers returns the members of the object in text, also those with a name that was there before.
func readMembers(text []byte) (members []member, err error) {
	decoder := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true))
	if first, err := decoder.ReadToken(); err != nil {
		return nil, notJSON(err)
	} else if first.Kind() != '{' {
		return nil, errors.New("the file is not a JSON object of ids and documents")
	}
	for decoder.PeekKind() == '"' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, notJSON(err)
		}
		m := member{name: name.String()}
		value, err := decoder.ReadValue()
		if err != nil {
			return nil, notJSON(err)
		}
		m.value = value.Clone()
		members = append(members, m)
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, notJSON(err)
	}
	if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the file has more than one JSON value")
	}
	return members, nil
}

func notJSON(err error) error {
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return fmt.Errorf("the file is not JSON in UTF-8: see byte %d", syntax.ByteOffset)
	}
	return errors.New("the file is not complete JSON")
}

// parseApollo reads a manifest of Apollo.
func parseApollo(text []byte) ([]Document, error) {
	var manifest struct {
		Format     string         `json:"format"`
		Version    jsontext.Value `json:"version"`
		Operations []struct {
			ID   *string `json:"id"`
			Body *string `json:"body"`
		} `json:"operations"`
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		var semantic *json.SemanticError
		if errors.As(err, &semantic) {
			return nil, fmt.Errorf("the value at %s has the wrong type", semantic.JSONPointer)
		}
		return nil, notJSON(err)
	}
	if manifest.Format != apolloFormat || string(manifest.Version) != "1" {
		return nil, fmt.Errorf("the format %.100q with version %.20s is not known, only %q with version 1", manifest.Format, manifest.Version, apolloFormat)
	}
	if len(manifest.Operations) == 0 {
		return nil, errors.New("the file has no documents")
	}
	documents := make([]Document, len(manifest.Operations))
	for i, operation := range manifest.Operations {
		if operation.ID == nil || operation.Body == nil {
			return nil, fmt.Errorf("the operation %d has no id or no body", i+1)
		}
		documents[i] = Document{ID: *operation.ID, Text: *operation.Body}
	}
	return documents, nil
}
