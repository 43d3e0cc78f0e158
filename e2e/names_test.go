package e2e

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the repository.
type source struct {
	dir, name string
	*ast.File
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

// sources parses every Go file of the repository.
func sources(t *testing.T) (all []source) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && (name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && name != "..") {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(files, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel("..", file)
		if err != nil {
			return err
		}
		all = append(all, source{filepath.ToSlash(filepath.Dir(relative)), filepath.Base(file), parsed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// calledByOthers are methods that only other modules call, through their interfaces.
var calledByOthers = []string{
	"Error", "Unwrap", "Is", "String", "LogValue", "Format", // errors, fmt, log/slog
	"ServeHTTP", "Write", "Read", "Close", "Flush", "Hijack", "Header", "WriteHeader", // net/http and io
	"Scan", "Value", "MarshalJSON", "UnmarshalJSON", "MarshalText", "UnmarshalText", // database/sql, encoding
	"MarshalGQL", "UnmarshalGQL", "ExtensionName", "Validate", "MutateOperationContext", "MutateOperationParameters", "InterceptOperation", // gqlgen
	"IsNode",                                                                                    // gqlgen: marks the types of an interface
	"InterceptResponse", "InterceptField", "InterceptRootField", "Supports", "Do", "Get", "Add", // gqlgen: transports and caches
}

// exported is a name that other packages may use.
type exported struct {
	dir, name string
	method    bool
	doc       string // "" is none
	group     bool   // the comment stands before a group
}

func (e exported) String() string { return e.dir + ": " + e.name }

// exportedNames returns the exported functions, types, methods, constants and variables of a file.
func exportedNames(s source) (all []exported) {
	add := func(name *ast.Ident, method, group bool, docs ...*ast.CommentGroup) {
		if !name.IsExported() {
			return
		}
		e := exported{dir: s.dir, name: name.Name, method: method}
		for i, doc := range docs {
			if text := doc.Text(); text != "" {
				e.doc, e.group = text, group && i > 0
				break
			}
		}
		all = append(all, e)
	}
	for _, d := range s.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && !ast.IsExported(receiver(d.Recv.List[0].Type)) {
				continue
			}
			add(d.Name, d.Recv != nil, false, d.Doc)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Name, false, d.Lparen.IsValid(), spec.Doc, d.Doc)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						add(name, false, d.Lparen.IsValid(), spec.Doc, d.Doc, spec.Comment)
					}
				}
			}
		}
	}
	return all
}

// mentions adds the names in the types of exported functions, fields and variables: whoever uses these uses the types.
func mentions(s source, names map[string]bool) {
	collect := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				names[id.Name] = true
			}
			return true
		})
	}
	for _, d := range s.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() {
				collect(d.Type)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() {
						collect(spec.Type)
					}
				case *ast.ValueSpec:
					if spec.Type != nil && spec.Names[0].IsExported() {
						collect(spec.Type)
					}
				}
			}
		}
	}
}

// enumerations returns the names of each group of typed constants, with that of the type. They belong together: one user
// is enough.
func enumerations(s source) map[string][]string {
	groups := map[string][]string{}
	for _, d := range s.Decls {
		d, ok := d.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST || len(d.Specs) < 2 || d.Specs[0].(*ast.ValueSpec).Type == nil {
			continue
		}
		var group []string
		if typ, ok := d.Specs[0].(*ast.ValueSpec).Type.(*ast.Ident); ok {
			group = append(group, typ.Name)
		}
		for _, spec := range d.Specs {
			for _, name := range spec.(*ast.ValueSpec).Names {
				group = append(group, name.Name)
			}
		}
		for _, name := range group {
			groups[name] = group
		}
	}
	return groups
}

func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// forTests reports whether a package exists for tests, which then count as its users.
func forTests(dir string) bool { return strings.Contains(dir+"/", "test/") || dir == "e2e/harness" }

// TestExportedNames wants a doc comment that begins with the name at each exported name, and a user in another package.
// Methods are compared by their names alone, which needs no types and takes no time.
func TestExportedNames(t *testing.T) {
	all := sources(t)
	packages := map[string]map[string]bool{} // directory → names that are used as package.Name
	selected := map[string]map[string]bool{} // name → directories in which it stands behind a dot
	for _, s := range all {
		imports := map[string]string{}
		for _, i := range s.Imports {
			target, _ := strconv.Unquote(i.Path.Value)
			dir, ours := strings.CutPrefix(target, "taskql/")
			name := path.Base(target)
			if i.Name != nil {
				name = i.Name.Name
			}
			if ours && (!s.isTest() || forTests(dir) || dir == s.dir) { // a package's own tests may call it from outside
				imports[name] = dir
			}
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok && imports[x.Name] != "" {
				dir := imports[x.Name]
				if packages[dir] == nil {
					packages[dir] = map[string]bool{}
				}
				packages[dir][selector.Sel.Name] = true
			}
			name, user := selector.Sel.Name, s.dir
			if s.isTest() {
				user += " tests"
			}
			if selected[name] == nil {
				selected[name] = map[string]bool{}
			}
			selected[name][user] = true
			return true
		})
	}
	mentioned, groups := map[string]map[string]bool{}, map[string][]string{}
	for _, s := range all {
		if s.isTest() {
			continue
		}
		if mentioned[s.dir] == nil {
			mentioned[s.dir] = map[string]bool{}
		}
		mentions(s, mentioned[s.dir])
		for name, group := range enumerations(s) {
			groups[s.dir+": "+name] = group
		}
	}
	used := func(e exported) bool {
		if !e.method {
			return packages[e.dir][e.name] || mentioned[e.dir][e.name] ||
				slices.ContainsFunc(groups[e.String()], func(name string) bool { return packages[e.dir][name] })
		}
		if slices.Contains(calledByOthers, e.name) {
			return true
		}
		for user := range selected[e.name] {
			if _, tests := strings.CutSuffix(user, " tests"); user != e.dir && (!tests || forTests(e.dir)) {
				return true
			}
		}
		return false
	}
	for _, s := range all {
		// gqlgen writes the resolvers' signatures, and its own code beside them calls them.
		if s.isTest() || ast.IsGenerated(s.File) || s.Name.Name == "main" || strings.HasSuffix(s.name, ".resolvers.go") {
			continue
		}
		for _, e := range exportedNames(s) {
			if e.String() == "graph: Resolver" {
				continue // gqlgen finds it by this name
			}
			if e.doc == "" || !e.group && !strings.HasPrefix(e.doc, e.name+" ") && !strings.HasPrefix(e.doc, e.name+"'") {
				if !e.method || !slices.Contains(calledByOthers, e.name) {
					t.Errorf("%s has no doc comment that begins with its name", e)
				}
			}
			if !used(e) {
				t.Errorf("%s has no user outside of its package", e)
			}
		}
	}
}

// TestPackagesAreSmall wants at most 25 files in a package, tests aside, and nothing but main and one test in the root.
func TestPackagesAreSmall(t *testing.T) {
	files := map[string][]string{}
	for _, s := range sources(t) {
		if !s.isTest() || s.dir == "." {
			files[s.dir] = append(files[s.dir], s.name)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(files)) {
		if n := len(files[dir]); n > 25 {
			t.Errorf("%s has %d files, want at most 25", dir, n)
		}
	}
	if root := fmt.Sprint(files["."]); root != "[readme_test.go server.go]" {
		t.Errorf("the root has %s, want server.go and readme_test.go", root)
	}
}
