# What a contributor needs. `make help` lists it.

.PHONY: help run build release test test-long coverage generate accept-contract check bench bench-http bench-growth profile screenshot starter-screenshots

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

run: ## run the server in development mode
	go run .

build: ## build ./taskql
	go build -o taskql .

release: ## build archives and container images for every platform, with checksums, into dist (ARGS are flags)
	go run ./scripts/release $(ARGS)

# SQLite is C code translated to Go. The race detector would slow it down several times and has nothing to find in the
# memory that it manages itself. Other packages must keep the detector: they may have generic code in common with ours,
# of which the linker keeps one copy.
RACE = -race -gcflags=modernc.org/sqlite/lib=-race=false

# The race detector has each program sleep for a second when it exits, unless GORACE says otherwise. Results are never
# taken from Go's cache: it does not know which files the tests' clients, browsers and programs read.
test: ## run every test on both databases with the race detector, and print the slowest tests
	scripts/install-test-needs
	GORACE=atexit_sleep_ms=50 POSTGRES_OPTIONS='-c fsync=off' scripts/with-postgres go run ./scripts/gotest $(RACE) -count=1 -timeout 40m ./...

test-long: ## run every test in its full size: millions of rows, thousands of rounds
	scripts/install-test-needs
	TEST_LONG=1 scripts/with-postgres go run ./scripts/gotest -count=1 -timeout 4h ./...

# Without the race detector, under which each counter is an atomic operation that the detector follows: together they take
# several times the processor time of either.
coverage: ## run every test on both databases, and print which share of the statements ran
	scripts/install-test-needs
	POSTGRES_OPTIONS='-c fsync=off' scripts/with-postgres go run ./scripts/gotest -count=1 -timeout 40m \
		-coverprofile=coverage.out -coverpkg=./... ./...
	@sed -i -e '/generated.go:/d' -e '/models_gen.go:/d' -e '/storetest/d' -e '/e2e\/harness/d' -e '/scripts\//d' coverage.out
	@go tool cover -func=coverage.out | tail -1

generate: ## make all generated files again, the bundles of the web pages among them (needs npm)
	go generate ./...

accept-contract: ## accept breaking changes of the schema and the OpenAPI documents
	go test ./e2e/contract -count=1 -run '^TestContract$$' -accept

screenshot: ## take the README's picture of the playground again (needs Chromium)
	go run scripts/screenshot.go

starter-screenshots: ## take the pictures of examples/next again (needs Chromium and npm)
	scripts/starter-screenshots

check: ## gofmt, vet and staticcheck
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	go vet ./...
	go tool staticcheck ./...

bench: ## run the benchmarks on both databases
	scripts/with-postgres go test -run '^$$' -bench . -benchmem ./...

# Autovacuum would start at any time and cost what no request causes.
BENCH_POSTGRES = POSTGRES_OPTIONS='-c shared_buffers=512MB -c autovacuum=off $(1)' scripts/with-postgres

bench-http: ## compare taskql under load with the least work that answers the same requests (ARGS are flags)
	$(call BENCH_POSTGRES) go run ./bench compare $(ARGS)

bench-growth: ## measure taskql with more connections, tasks and processes, and plot it into docs/performance
	$(call BENCH_POSTGRES) go run ./bench growth -out docs/performance -users 20 -rounds 1 $(ARGS)

profile: ## write the profiles of the same load into bench/out
	$(call BENCH_POSTGRES,-c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track_planning=on) go run ./bench profile -window 10s $(ARGS)
