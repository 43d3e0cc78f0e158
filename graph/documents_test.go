package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// TestRememberedDocuments has the cache stay within its bounds, whatever it is given, and count right.
func TestRememberedDocuments(t *testing.T) {
	d := newDocuments()
	ctx := context.Background()
	d.Add(ctx, strings.Repeat("x", rememberedLongest+1), &ast.QueryDocument{})
	if n := d.cache.Len(); n != 0 {
		t.Errorf("%d documents after one that is too long", n)
	}
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 400 {
				text := fmt.Sprintf("%d %d %s", w%4, i, strings.Repeat("x", 1000+37*i))
				d.Add(ctx, text, &ast.QueryDocument{})
				d.Get(ctx, text)
			}
		})
	}
	wg.Wait()
	total := 0
	for _, text := range d.cache.Keys() {
		total += len(text)
	}
	if int64(total) != d.bytes.Load() || total > rememberedBytes || total < rememberedBytes/2 {
		t.Errorf("%d bytes are remembered, %d are counted, at most %d may be", total, d.bytes.Load(), rememberedBytes)
	}
}

// TestKeptWithTheDocument sends one document with changing variables. What is kept with the document, its cost and what its list
// selects, follows the variables.
func TestKeptWithTheDocument(t *testing.T) {
	service, ctx := seeded(t)
	h := NewHandler(Options{Service: service, Timeout: time.Minute, Log: slog.New(slog.DiscardHandler)})
	send := func(document, variables string) string {
		r := httptest.NewRequest("POST", "/graphql", strings.NewReader(requestBody(document, variables))).WithContext(ctx)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.sockets.ServeHTTP(w, r)
		return w.Body.String()
	}
	const total = "query($with: Boolean!, $first: Int) { tasks(first: $first) { totalCount @include(if: $with) pageInfo { hasNextPage @include(if: $with) } nodes { id } } }"
	dear := "query($first: Int, $tag: String = \"y\") { " + numbered(6, "a%d: tasks(first: $first, filter: {tags: {any: [$tag]}}) { nodes { id title description } } ") + "}"
	for _, tt := range []struct{ document, variables, want string }{
		{total, `{"with": false, "first": 2}`, `{"data":{"tasks":{"pageInfo":{},"nodes"`},
		{total, `{"with": true, "first": 2}`, `{"data":{"tasks":{"totalCount":20,"pageInfo":{"hasNextPage":true},"nodes"`},
		{total, `{"with": false, "first": 2}`, `{"data":{"tasks":{"pageInfo":{},"nodes"`},
		{dear, `{"first": 1}`, `{"data":`},
		{dear, `{"first": 1}`, `{"data":`},
		{dear, `{"first": 100}`, `{"errors":[{"message":"The operation has a complexity`},
		{dear, `{"first": 100}`, `{"errors":[{"message":"The operation has a complexity`},
		{dear, `{"first": 1, "tag": "x"}`, `{"data":`},
		{dear, `{"tag": "x"}`, `{"errors":[{"message":"The operation has a complexity`},
		{dear, `{"first": 1}`, `{"data":`},
	} {
		if got := send(tt.document, tt.variables); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%.60s… with %s = %.150s, want %s…", tt.document, tt.variables, got, tt.want)
		}
	}
}

// TestTrustedDocumentsChange replaces the trusted documents while requests name them. Each answer is that of one state or of the other, and nothing is
// kept of documents that are gone.
func TestTrustedDocumentsChange(t *testing.T) {
	service, ctx := seeded(t)
	read := func(text string) *Trusted {
		file := filepath.Join(t.TempDir(), "documents.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		trusted, err := ReadTrusted([]string{file}, true)
		if err != nil {
			t.Fatal(err)
		}
		return trusted
	}
	states := []*Trusted{
		read(`{"a": "{ tasks(first: 1) { totalCount } }"}`),
		read(`{"a": "{ tasks(first: 1) { count: totalCount } }", "b": "{ viewer { id } }"}`),
	}
	h := NewHandler(Options{Service: service, Timeout: time.Minute, Trusted: states[0], Log: slog.New(slog.DiscardHandler)})
	var asking sync.WaitGroup
	for range 4 {
		asking.Go(func() {
			for range 200 {
				r := httptest.NewRequest("POST", "/graphql", strings.NewReader(`{"documentId": "a"}`)).WithContext(ctx)
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				h.sockets.ServeHTTP(w, r)
				if got := w.Body.String(); got != `{"data":{"tasks":{"totalCount":20}}}` && got != `{"data":{"tasks":{"count":20}}}` {
					t.Errorf("the document = %s", got)
					return
				}
			}
		})
	}
	for i := range 50 {
		if old := h.Trust(states[(i+1)%2]); old != states[i%2] {
			t.Error("the old state is another one")
		}
	}
	asking.Wait()
	if added, removed := states[0].Difference(states[1]); added != 1 || removed != 2 {
		t.Errorf("the difference is %d and %d, want 1 and 2", added, removed)
	}
	n := 0
	h.documents.kept.Range(func(any, any) bool { n++; return true })
	if want := states[0].Len() + h.documents.cache.Len(); n != want {
		t.Errorf("something is kept of %d documents, want %d", n, want)
	}
}
