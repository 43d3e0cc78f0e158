package delivery

import (
	"bytes"
	"cmp"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"taskql/e2e/harness"
	"taskql/store/storetest"
)

// mustYAML returns the documents of a file in deploy.
func mustYAML(t *testing.T, name string) (documents []map[string]any) {
	t.Helper()
	text, err := os.ReadFile(harness.File("deploy/" + name))
	if err != nil {
		t.Fatal(err)
	}
	for decoder := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var document map[string]any
		if err := decoder.Decode(&document); err == io.EOF {
			return documents
		} else if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		documents = append(documents, document)
	}
}

// at returns the value at a path of keys and indexes.
func at(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(map[string]any)[step]
		case int:
			value = value.([]any)[step]
		}
		if value == nil {
			t.Fatalf("there is no %v", path)
		}
	}
	return value
}

// TestKubernetes compares the manifests with each other and with the server: the ports, the probes' paths, the user of the image and
// the labels that select the pods.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	documents := mustYAML(t, "kubernetes/taskql.yaml")
	kinds := map[string]map[string]any{}
	for _, d := range documents {
		kinds[d["kind"].(string)] = d
	}
	deployment, service, budget := kinds["Deployment"], kinds["Service"], kinds["PodDisruptionBudget"]
	labels := at(t, deployment, "spec", "template", "metadata", "labels", "app.kubernetes.io/name")
	for _, selector := range []any{
		at(t, deployment, "spec", "selector", "matchLabels", "app.kubernetes.io/name"), at(t, service, "spec", "selector", "app.kubernetes.io/name"),
		at(t, budget, "spec", "selector", "matchLabels", "app.kubernetes.io/name"),
	} {
		if selector != labels {
			t.Errorf("a selector is %v, want %v", selector, labels)
		}
	}
	pod := at(t, deployment, "spec", "template", "spec")
	if user := at(t, pod, "securityContext", "runAsUser"); user != 65532 {
		t.Errorf("runAsUser = %v, want that of the image", user)
	}
	container := at(t, pod, "containers", 0)
	if port := at(t, container, "ports", 0, "containerPort"); port != 8000 || at(t, service, "spec", "ports", 0, "targetPort") != at(t, container, "ports", 0, "name") {
		t.Errorf("the service does not lead to the port of taskql, %v", port)
	}
	s := harness.Start(t, harness.Env("sqlite:"+filepath.Join(t.TempDir(), "taskql.db")))
	for _, probe := range []string{"startupProbe", "readinessProbe"} {
		path := at(t, container, probe, "httpGet", "path").(string)
		if got := s.Anonymous().Send("GET", path, ""); got.Status != 200 {
			t.Errorf("%s: GET %s = %d", probe, path, got.Status)
		}
	}
	if at(t, budget, "spec", "minAvailable").(int) >= at(t, deployment, "spec", "replicas").(int) {
		t.Error("the disruption budget lets no server be replaced")
	}
}

// TestCompose reads the compose file, and checks that each variable in it is one that deploy/README.md sets or that has a default.
func TestCompose(t *testing.T) {
	t.Parallel()
	file := mustYAML(t, "compose.yaml")[0]
	if url := at(t, file, "services", "taskql", "environment", "DATABASE_URL").(string); !strings.Contains(url, "@postgres:5432/taskql") {
		t.Errorf("DATABASE_URL = %s, want the service postgres", url)
	}
	if ports := at(t, file, "services", "taskql", "ports").([]any); !slices.Equal(ports, []any{"127.0.0.1:8000:8000"}) {
		t.Errorf("ports = %v, want loopback only", ports)
	}
	// Without a sign-in, the server refuses to listen beyond loopback, so that an empty secret is a clear error.
	if _, err := harness.Command(t, []string{"HOST=0.0.0.0", "BETTER_AUTH_SECRET=", "BETTER_AUTH_URL="}); err == nil || !strings.Contains(err.Error(), "BETTER_AUTH_SECRET") {
		t.Errorf("run without sign-in = %v", err)
	}
	readme, err := os.ReadFile(harness.File("deploy/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"TASKQL_VERSION", "POSTGRES_PASSWORD", "BETTER_AUTH_SECRET", "CORS_ORIGINS"} {
		if !bytes.Contains(readme, []byte("\n"+name+"=")) {
			t.Errorf("deploy/README.md does not set %s", name)
		}
	}
}

// composed returns the environment of taskql in the compose file, with the variables that deploy/README.md sets. The service postgres is a
// database of the tests.
func composed(t *testing.T) (environ []string) {
	t.Helper()
	database, err := url.Parse(storetest.As(t, storetest.Postgres(t), "CONNECTION LIMIT 20"))
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]string{"BETTER_AUTH_SECRET": harness.Secret, "CORS_ORIGINS": "https://app.example.com", "POSTGRES_PASSWORD": "0123456789abcdef"}
	for name, value := range at(t, mustYAML(t, "compose.yaml")[0], "services", "taskql", "environment").(map[string]any) {
		text := os.Expand(value.(string), func(expression string) string {
			variable, otherwise, _ := strings.Cut(expression, ":")
			otherwise, _ = strings.CutPrefix(otherwise, "-")
			return cmp.Or(set[variable], otherwise)
		})
		if name == "DATABASE_URL" {
			address, err := url.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if password, _ := address.User.Password(); address.User.Username() != "taskql" || password != set["POSTGRES_PASSWORD"] {
				t.Errorf("DATABASE_URL = %s", text)
			}
			query := address.Query()
			query.Set("search_path", database.Query().Get("search_path"))
			address.User, address.Host, address.Path, address.RawQuery = database.User, database.Host, database.Path, query.Encode()
			text = address.String()
		}
		environ = append(environ, name+"="+text)
	}
	return environ
}

// TestUnit has systemd read the unit.
func TestUnit(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(harness.File("deploy/systemd/taskql.service"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	unit := filepath.Join(dir, "taskql.service")
	text = bytes.ReplaceAll(text, []byte("/usr/local/bin/taskql"), []byte(harness.Build(t)))
	if err := os.WriteFile(unit, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify = %v\n%s", err, out)
	}
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", unit).CombinedOutput()
	if err != nil {
		t.Errorf("the unit exposes more than 2.0 of 10: %v\n%s", err, out)
	}
}
