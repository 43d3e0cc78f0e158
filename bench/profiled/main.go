// Command profiled is taskql with net/http/pprof on the address in PPROF_ADDRESS. taskql itself has no such listener.
package main

import (
	"context"
	"fmt"
	"net/http"
	_ "net/http/pprof" // registers its routes
	"os"
	"os/signal"
	"syscall"

	"taskql/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		fmt.Fprintln(os.Stderr, "profiled:", http.ListenAndServe(os.Getenv("PPROF_ADDRESS"), nil))
	}()
	if err := cli.Run(ctx, os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "profiled:", err)
		os.Exit(1)
	}
}
