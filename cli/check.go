package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	urfave "github.com/urfave/cli/v3"

	"taskql/app"
	"taskql/auth"
	"taskql/config"
	"taskql/store"
)

// report prints one line for each part of the configuration, and counts the parts that do not work.
type report struct {
	w      io.Writer
	failed int
}

func (r *report) part(name, good string, err error) {
	if err != nil {
		r.failed++
		fmt.Fprintf(r.w, "FAIL  %-14s %v\n", name, err)
		return
	}
	fmt.Fprintf(r.w, "ok    %-14s %s\n", name, good)
}

func (r *report) detail(text string) { fmt.Fprintf(r.w, "      %-14s %s\n", "", text) }

func (p *program) checkCommand() *urfave.Command {
	return &urfave.Command{
		Name: "check", Usage: "test every configured part and report what is wrong", Action: p.check,
		Flags: []urfave.Flag{&urfave.StringFlag{Name: "token", Usage: "report why this `TOKEN` is valid or not; - reads it from standard input"}},
	}
}

// check tests the parts one after the other, also after one has failed. With --token it tests that token instead. It
// writes nothing.
func (p *program) check(ctx context.Context, cmd *urfave.Command) error {
	c, signIn, err := p.signIn(true)
	if err != nil {
		return err
	}
	if token := cmd.String("token"); cmd.IsSet("token") {
		return p.checkToken(ctx, signIn, token)
	}
	r := &report{w: p.stdout}
	r.part("configuration", "every setting can be read", nil)
	for _, notice := range c.Notices {
		r.detail(notice)
	}
	checkSignIn(ctx, r, c, signIn)
	checkOrigins(r, c)
	checkDocuments(r, c)
	p.checkDatabase(ctx, r, c)
	checkLimits(r, c)
	checkTelemetry(ctx, r, c)
	if r.failed > 0 {
		return fmt.Errorf("%d of the parts do not work", r.failed)
	}
	return nil
}

func checkSignIn(ctx context.Context, r *report, c config.Config, signIn auth.Config) {
	if c.Development {
		r.part("sign-in", "none: development mode, on "+c.Address()+" only", nil)
		return
	}
	if len(signIn.Secrets) > 0 {
		r.part("secret", signIn.Algorithm+" with "+config.BetterAuthSecret, nil)
		if n := len(signIn.Secrets); n > 1 {
			r.detail(fmt.Sprintf("%d secrets; the first signs", n))
		}
		r.detail(expected(signIn.Issuers, signIn.Audiences))
	}
	if signIn.Keys == nil {
		return
	}
	err := loadKeys(ctx, c, signIn)
	r.part("keys", strings.Join(signIn.KeyAlgorithms, ", ")+" with the keys at "+c.KeysURL+c.KeysFile, err)
	for _, key := range signIn.Keys.List() {
		r.detail("kid " + key.ID + ", alg " + key.Algorithms)
	}
	r.detail(expected(signIn.KeyIssuers, signIn.KeyAudiences))
	if len(signIn.AgentIssuers) > 0 {
		r.detail("for agents: " + expected(signIn.AgentIssuers, []string{signIn.AgentAudience}))
	}
}

// checkOrigins prints whose pages may call the API.
func checkOrigins(r *report, c config.Config) {
	r.part("origins", strings.Join(c.CORSOrigins, ", ")+" by "+c.CORSVariable, nil)
	if c.Development {
		r.detail("every origin on a loopback host, in development mode")
	}
}

// checkDocuments validates the trusted documents.
func checkDocuments(r *report, c config.Config) {
	trusted, err := app.TrustedDocuments(c)
	switch {
	case err != nil:
		r.part("documents", "", err)
	case trusted.Len() == 0:
	case c.TrustedOnly:
		r.part("documents", fmt.Sprintf("%d trusted documents, and no others", trusted.Len()), nil)
	default:
		r.part("documents", fmt.Sprintf("%d trusted documents; others are accepted, too", trusted.Len()), nil)
	}
}

// checkLimits prints what the requests of a user may cost and what they may ask for.
func checkLimits(r *report, c config.Config) {
	limit := "none: RATE_LIMIT is off"
	if c.RateLimit > 0 {
		limit = fmt.Sprintf("%d in %s for each user", c.RateLimit, c.RateWindow)
	}
	r.part("rate limit", limit, nil)
	if len(c.TrustedProxies) > 0 {
		r.detail(fmt.Sprintf("X-Forwarded-For is believed if it comes from %v", c.TrustedProxies))
	}
	if !c.Introspection {
		r.part("introspection", "off", nil)
	}
}

// collectorTimeout is how long a collector may take to answer.
const collectorTimeout = 5 * time.Second

// checkTelemetry sends a span to the collector.
func checkTelemetry(ctx context.Context, r *report, c config.Config) {
	if c.MetricsAddress != "" {
		r.part("metrics", "at "+c.MetricsAddress, nil)
	}
	if c.OpenTelemetry != nil {
		ctx, cancel := context.WithTimeout(ctx, collectorTimeout)
		defer cancel()
		r.part("traces", "the collector takes them", app.CheckTraces(ctx, c))
	}
}

// expected returns which issuers and audiences are accepted.
func expected(issuers, audiences []string) string {
	list := func(values []string) string {
		if len(values) == 0 {
			return "any"
		}
		return strings.Join(values, " or ")
	}
	return "iss " + list(issuers) + ", aud " + list(audiences)
}

func (p *program) checkDatabase(ctx context.Context, r *report, c config.Config) {
	db, err := app.OpenStore(ctx, c, store.Options{ReadOnly: true})
	switch {
	case isMissingFile(err):
		r.part("database", "the SQLite file does not exist yet: the next start creates it", nil)
		return
	case err != nil:
		r.part("database", "", err)
		return
	}
	defer db.Close()
	r.part("database", db.Kind()+" answers", nil)
	checkConnections(ctx, r, db)
	migrations, err := db.Migrations(ctx)
	missing := 0
	for _, m := range migrations {
		if m.AppliedAt == nil {
			missing++
		}
	}
	state := "up to date"
	if missing > 0 {
		state = fmt.Sprintf("%d migrations are missing: the next start applies them, or taskql migrate up", missing)
	}
	r.part("tables", state, err)
	if err == nil && missing == 0 {
		warning, err := idWarning(ctx, db)
		if err != nil {
			r.part("ids", "", err)
		} else if warning != "" {
			r.detail(warning)
		}
		checkReplica(ctx, r, db)
	}
	checkRelay(ctx, r, c, db)
}

// replicaTimeout is how long a replica may take to answer, which may be asleep.
const replicaTimeout = 15 * time.Second

// checkReplica asks a replica whether it can answer reads.
func checkReplica(ctx context.Context, r *report, db *store.Store) {
	if _, configured := db.Replica(); !configured {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, replicaTimeout)
	defer cancel()
	err := db.CheckReplica(ctx)
	if err != nil {
		err = fmt.Errorf("%s: %w", config.ReplicaURL, err)
	}
	r.part("replica", "answers, and has the tables of the database", err)
}

// idWarning returns a warning if the task table has used up half of its ids or more, or "".
func idWarning(ctx context.Context, db *store.Store) (string, error) {
	used, err := db.IDsUsed(ctx)
	if err != nil || used < 0.5 {
		return "", err
	}
	return fmt.Sprintf("%.0f%% of the task ids are used up: see docs/databases.md", 100*used), nil
}

// checkConnections compares the connections that a server uses with those that PostgreSQL accepts.
func checkConnections(ctx context.Context, r *report, db *store.Store) {
	own, accepted, err := db.Connections(ctx)
	if err == nil && own == 0 { // SQLite
		return
	}
	if err == nil && own > accepted {
		err = fmt.Errorf("%s: a server uses up to %d, but PostgreSQL accepts %d from all its clients together", config.MaxConnections, own, accepted)
	}
	r.part("connections", fmt.Sprintf("up to %d for each server; PostgreSQL accepts %d from all its clients together", own, accepted), err)
}

// checkToken prints whose token it is, or fails with the reason why it is refused.
func (p *program) checkToken(ctx context.Context, signIn auth.Config, token string) error {
	if token == "-" {
		text, err := io.ReadAll(io.LimitReader(p.stdin, 1<<20))
		if err != nil {
			return fmt.Errorf("the token cannot be read: %w", err)
		}
		token = string(text)
	}
	if len(signIn.Secrets) == 0 && signIn.Keys == nil {
		return errors.New("the token is refused: there is no secret yet; in development mode, taskql and taskql token create one")
	}
	verifier, err := auth.NewVerifier(signIn, time.Now)
	if err != nil {
		return err
	}
	token = strings.TrimSpace(token)
	if scheme, rest, found := strings.Cut(token, " "); found && strings.EqualFold(scheme, "Bearer") {
		token = strings.TrimSpace(rest)
	}
	user, err := verifier.Verify(ctx, token)
	if err != nil {
		return fmt.Errorf("the token is refused: %w", err)
	}
	where := ""
	if user.ForAgents {
		where = " at " + config.AgentsPath
	}
	_, err = fmt.Fprintf(p.stdout, "The token is valid for the user %q%s until %s.\n", user.ID, where, user.Expires.UTC().Format(time.RFC3339))
	return err
}

// signIn returns the configuration and its sign-in; see app.NewSignIn.
func (p *program) signIn(readOnly bool) (config.Config, auth.Config, error) {
	c, err := p.config()
	if err != nil {
		return c, auth.Config{}, err
	}
	signIn, err := app.NewSignIn(c, app.NewLogger(p.stderr), readOnly)
	return c, signIn, err
}

// loadKeys reads the auth server's keys. Its error names the settings to correct.
func loadKeys(ctx context.Context, c config.Config, signIn auth.Config) error {
	if err := signIn.Keys.Load(ctx); err != nil {
		return fmt.Errorf("BETTER_AUTH_URL, JWKS_URL or JWKS_FILE: no keys at %s: %w", c.KeysURL+c.KeysFile, err)
	}
	return nil
}
