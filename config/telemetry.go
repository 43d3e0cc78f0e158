package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checkMetrics accepts an address to listen on that has a port.
func checkMetrics(c *Config, _ variables) error {
	if c.MetricsAddress == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(c.MetricsAddress)
	if n, portErr := strconv.Atoi(port); err != nil || portErr != nil || n < 0 || n > 65535 {
		return errors.New("METRICS_ADDRESS must be a host and a port, such as 127.0.0.1:9464, or a port alone, such as :9464")
	}
	return nil
}

// The standard variables that decide whether and where traces are sent (OpenTelemetry specification, "Environment Variable
// Specification" and "OpenTelemetry Protocol Exporter"). The SDK reads the others.
const (
	disabledVariable       = "OTEL_SDK_DISABLED"
	exporterVariable       = "OTEL_TRACES_EXPORTER"
	endpointVariable       = "OTEL_EXPORTER_OTLP_ENDPOINT"
	tracesEndpointVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	headersVariable        = "OTEL_EXPORTER_OTLP_HEADERS"
	tracesHeadersVariable  = "OTEL_EXPORTER_OTLP_TRACES_HEADERS"
	protocolVariable       = "OTEL_EXPORTER_OTLP_PROTOCOL"
	tracesProtocolVariable = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
	samplerVariable        = "OTEL_TRACES_SAMPLER"
	samplerArgVariable     = "OTEL_TRACES_SAMPLER_ARG"
)

// checkTraces keeps the variables of OpenTelemetry if they turn traces on.
func checkTraces(c *Config, values map[string]string) error {
	variables := map[string]string{}
	for name, value := range values {
		if strings.HasPrefix(name, "OTEL_") {
			variables[name] = value
		}
	}
	on, err := tracing(variables)
	if on {
		c.OpenTelemetry = variables
	}
	return err
}

// tracing reports whether the OTEL_ variables turn traces on: with an address of a collector, unless they are disabled. The
// error names the variable whose value is invalid.
func tracing(environ map[string]string) (on bool, err error) {
	exporter := environ[exporterVariable]
	endpoint := cmp.Or(environ[tracesEndpointVariable], environ[endpointVariable])
	switch {
	case strings.EqualFold(environ[disabledVariable], "true"), exporter == "none", exporter == "" && endpoint == "":
		return false, nil
	case exporter != "" && exporter != "otlp":
		return false, fmt.Errorf("%s is %q, but must be otlp or none", exporterVariable, exporter)
	}
	for _, name := range []string{tracesEndpointVariable, endpointVariable} {
		if u, err := url.Parse(environ[name]); environ[name] != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			return false, fmt.Errorf("%s must be the address of a collector, such as http://localhost:4318", name)
		}
	}
	for _, name := range []string{tracesProtocolVariable, protocolVariable} {
		if environ[name] != "" && environ[name] != "http/protobuf" {
			return false, fmt.Errorf("%s is %q, but must be http/protobuf, which collectors receive at port 4318", name, environ[name])
		}
	}
	for _, name := range []string{tracesHeadersVariable, headersVariable} {
		if value := environ[name]; value != "" && !isHeaderList(value) {
			return false, fmt.Errorf("%s must be a comma-separated list such as name=value, with %%20 for a blank in a value", name)
		}
	}
	return true, checkSampler(environ[samplerVariable], environ[samplerArgVariable])
}

// isHeaderList reports whether the exporter can read a list of headers. It would log what it cannot read, which may be a secret.
func isHeaderList(text string) bool {
	for header := range strings.SplitSeq(text, ",") {
		name, value, found := strings.Cut(header, "=")
		if _, err := url.PathUnescape(value); err != nil || !found || !headerName.MatchString(strings.TrimSpace(name)) {
			return false
		}
	}
	return true
}

// headerName matches a token (RFC 9110, section 5.6.2).
var headerName = regexp.MustCompile("^[-!#$%&'*+.^_`|~0-9A-Za-z]+$")

func checkSampler(sampler, arg string) error {
	known := []string{"", "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"}
	if !slices.Contains(known, sampler) {
		return fmt.Errorf("%s is %q, but must be one of %s", samplerVariable, sampler, strings.Join(known[1:], ", "))
	}
	if ratio, err := strconv.ParseFloat(arg, 64); arg != "" && strings.HasSuffix(sampler, "traceidratio") && (err != nil || ratio < 0 || ratio > 1) {
		return fmt.Errorf("%s is %q, but must be a number from 0 to 1", samplerArgVariable, arg)
	}
	return nil
}
